//! libFuzzer's door to the property in `targets/keys.rs`.

#![no_main]

#[path = "../targets/keys.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::holds(data));
