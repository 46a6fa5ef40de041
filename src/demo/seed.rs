//! Everything in the demo that looks random: ids, versions, values, all derived from names, so that the same world is
//! the same on every machine and in every picture. It must not know time or chance.

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};

/// A number that depends on nothing but the parts.
pub(crate) fn hash(parts: &[&str]) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        // The separator keeps ("ab", "c") and ("a", "bc") apart.
        for byte in part.bytes().chain([0xff]) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    mix(state)
}

/// A number below `limit`, for sizes and choices.
pub(crate) fn below(limit: u64, parts: &[&str]) -> u64 {
    hash(parts) % limit.max(1)
}

/// Thirty-two hex digits, as Key Vault names a version.
pub(crate) fn hex32(parts: &[&str]) -> String {
    let high = hash(parts);
    format!("{high:016x}{:016x}", mix(high ^ 0x9e37_79b9_7f4a_7c15))
}

/// A version 4 GUID in form, though nothing about it is random.
pub(crate) fn guid(parts: &[&str]) -> String {
    let hex = hex32(parts);
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

/// A value that has the look of a key and says of itself that it is none.
pub(crate) fn fictional(parts: &[&str]) -> String {
    format!("demo-only-{}", &BASE64_URL_SAFE_NO_PAD.encode(hex32(parts))[..32])
}

/// Bytes as tokens and blobs carry them.
pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The same as headers carry them.
pub(crate) fn base64(bytes: impl AsRef<[u8]>) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// The way back, with or without padding.
pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

/// The finaliser of splitmix64: FNV alone leaves the high bits of short names alike.
fn mix(mut state: u64) -> u64 {
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}
