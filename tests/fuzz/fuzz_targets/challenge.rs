//! libFuzzer's door to the property in `targets/challenge.rs`.

#![no_main]

#[path = "../targets/challenge.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::holds(data));
