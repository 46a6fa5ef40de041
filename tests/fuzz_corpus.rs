//! What the fuzzers start from and what they found, held to the same properties as there (`tests/fuzz`), on any toolchain.

use std::fs;
use std::path::Path;

#[path = "fuzz/targets/challenge.rs"]
mod challenge;
#[path = "support/clean.rs"]
mod clean;
#[path = "fuzz/targets/cleaner.rs"]
mod cleaner;
#[path = "fuzz/targets/config.rs"]
mod config;
#[path = "fuzz/targets/folder.rs"]
mod folder;
#[path = "fuzz/targets/keys.rs"]
mod keys;
#[path = "fuzz/targets/refusal.rs"]
mod refusal;

/// Bytes that end, begin or break something.
const BYTES: [u8; 5] = [0x00, 0x1b, b'"', 0x80, 0xff];

/// Runs a property over its corpus: each file, each of its heads, and each with one byte changed.
fn replay(name: &str, holds: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(&folder).expect("a corpus").map(|file| file.expect("a file").path()).collect();
    files.sort();
    assert!(files.len() >= 10, "{} files are no corpus", files.len());
    for file in files {
        let data = fs::read(&file).expect("read");
        let all = std::panic::catch_unwind(|| {
            holds(&data);
            for at in 0..data.len().min(400) {
                holds(&data[..at]);
                let mut changed = data.clone();
                changed[at] = BYTES[at % BYTES.len()];
                holds(&changed);
            }
        });
        assert!(all.is_ok(), "the property does not hold for {} or what is like it", file.display());
    }
}

#[test]
fn what_is_cleaned_can_be_drawn_in_the_cells_it_says() {
    replay("cleaner", cleaner::holds);
}

#[test]
fn a_challenge_leads_to_https_or_nowhere() {
    replay("challenge", challenge::holds);
}

#[test]
fn every_refusal_becomes_clean_words() {
    replay("refusal", refusal::holds);
}

#[test]
fn a_config_is_read_whole_or_refused_with_its_line() {
    replay("config", config::holds);
}

#[test]
fn a_folder_names_a_workspace_in_azures_letters_or_nothing() {
    replay("folder", folder::holds);
}

#[test]
fn keys_do_not_depend_on_cuts_and_pastes_are_never_keys() {
    replay("keys", keys::holds);
}
