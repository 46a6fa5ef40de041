//! What a drawn value leaves where no allocator wipes: the stack below us, which the calls used, and the registers that
//! copies go through, which the kernel puts on the stack when a signal comes.

use std::hint::black_box;

/// Deeper than anything goes that draws.
const DEPTH: usize = 64 * 1024;
/// One of each kind of copy; a larger one goes through the same registers again and again.
const COPIES: [usize; 8] = [8, 16, 32, 64, 128, 256, 512, 4096];

/// Overwrites the stack, and the registers as far as copies reach them. It takes a few microseconds, so it is done after every
/// frame. No language promises it: it is a second guard, and tests/namespace/remains.rs looks what is left.
#[inline(never)]
#[expect(clippy::large_stack_arrays, reason = "the stack is what is overwritten")]
pub(super) fn scrub() {
    let mut room = [0_u8; DEPTH];
    black_box(&mut room);
    let (from, to) = room.split_at_mut(DEPTH / 2);
    for size in COPIES {
        to[..black_box(size)].copy_from_slice(&from[..size]);
        black_box(&mut *to);
    }
}
