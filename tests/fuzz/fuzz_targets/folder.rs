//! libFuzzer's door to the property in `targets/folder.rs`.

#![no_main]

#[path = "../../support/clean.rs"]
mod clean;
#[path = "../targets/folder.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::holds(data));
