//! Names of one list that a reader may take for one another, and names that pose as what they are not.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};

use unicode_security::confusable_detection::skeleton;

/// Those of `names` that look like another one among them, and those that mix alphabets to look like something else.
///
/// A terminal gives every letter its own cell, so `rn` is not taken for `m` here. `0` and `O`, and `1`, `l` and `I`, are,
/// though each is plain ASCII: Key Vault and Azure ML allow little else in names, so these are the only twins there.
pub fn alike<'n>(names: impl Iterator<Item = &'n str> + Clone) -> HashSet<Box<str>> {
    let mut looks: Vec<(u64, u32)> = names.clone().zip(0..).map(|(name, at)| (look(name), at)).collect();
    looks.sort_unstable();
    let twins: HashSet<u32> =
        looks.chunk_by(|a, b| a.0 == b.0).filter(|twins| twins.len() > 1).flatten().map(|&(_, at)| at).collect();
    let mut found: HashSet<Box<str>> = names.clone().filter(|name| mixes(name)).map(Box::from).collect();
    if twins.is_empty() {
        return found;
    }
    // Two rows of one and the same name are told apart by what stands beside them.
    let mut twins: Vec<(u64, &str)> =
        names.zip(0..).filter(|(_, at)| twins.contains(at)).map(|(name, _)| (look(name), name)).collect();
    twins.sort_unstable();
    twins.dedup();
    found.extend(
        twins.chunk_by(|a, b| a.0 == b.0).filter(|twins| twins.len() > 1).flatten().map(|&(_, name)| name.into()),
    );
    found
}

/// Whether a name has letters of another alphabet beside Latin ones that they are drawn like.
pub fn mixes(name: &str) -> bool {
    if name.is_ascii() || !name.contains(|c: char| c.is_ascii_alphabetic()) {
        return false;
    }
    name.chars().any(|c| {
        let mut drawn = skeleton(c.encode_utf8(&mut [0; 4])).collect::<String>();
        drawn.retain(|c| !c.is_ascii_alphabetic());
        c.is_alphabetic() && !is_latin(c) && drawn.is_empty()
    })
}

/// Latin letters wherever Unicode keeps them, full-width ones too.
fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic()
        || matches!(c, '\u{aa}'..='\u{24f}' | '\u{250}'..='\u{2af}' | '\u{1d00}'..='\u{1dbf}' | '\u{1e00}'..='\u{1eff}'
            | '\u{2c60}'..='\u{2c7f}' | '\u{a720}'..='\u{a7ff}' | '\u{fb00}'..='\u{fb06}' | '\u{ff21}'..='\u{ff5a}')
}

/// A number for what a name looks like: names that look alike have the same.
fn look(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut see = |c: char| {
        match c {
            '0' | 'O' => 'o',
            '1' | 'I' | '|' => 'l',
            c => c.to_ascii_lowercase(),
        }
        .hash(&mut hasher);
    };
    for c in name.chars() {
        if c.is_ascii() {
            see(c);
            continue;
        }
        // What nobody sees is nothing in a skeleton. Its `rn` for an m would be two cells.
        for c in skeleton(c.encode_utf8(&mut [0; 4])).collect::<String>().replace("rn", "m").chars() {
            see(c);
        }
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&str]) -> Vec<String> {
        let mut found: Vec<String> = alike(names.iter().copied()).into_iter().map(String::from).collect();
        found.sort();
        found
    }

    #[test]
    fn names_that_look_alike_are_found_whatever_they_are_written_with() {
        assert_eq!(found(&["db-password", "db-p\u{430}ssword", "db-user"]), ["db-password", "db-p\u{430}ssword"]);
        assert_eq!(found(&["key-1", "key-l", "key-I", "key-2"]), ["key-1", "key-I", "key-l"]);
        assert_eq!(found(&["ws-O", "ws-0"]), ["ws-0", "ws-O"]);
        assert_eq!(found(&["prod", "prod\u{200b}", "pr\u{2060}od"]).len(), 3);
        assert_eq!(found(&["\u{ff4d}odel", "model"]).len(), 2);
        assert_eq!(found(&["\u{e9}", "e\u{301}"]).len(), 2);
        assert_eq!(found(&["\u{410}dmin", "admin"]).len(), 2, "a Cyrillic capital");
        assert_eq!(found(&["\u{3b1}lpha\u{455}"]).len(), 1, "alone, but of two alphabets");
    }

    #[test]
    fn names_that_differ_for_the_eye_are_not() {
        assert!(found(&["modern", "modem", "key-10", "key-11", "key-01"]).is_empty());
        assert!(found(&["ws-vision", "ws-vision"]).is_empty(), "the same name twice is no twin");
        assert!(found(&["비전", "비젼", "λ-model", "база-данных", "yazıcı-db", "café", "日本-db"]).is_empty());
    }

    #[test]
    fn a_hundred_thousand_names_are_looked_at_in_passing() {
        let names: Vec<String> = (0..100_000).map(|n| format!("team-secret-{n:06}")).collect();
        let start = std::time::Instant::now();
        assert!(alike(names.iter().map(String::as_str)).is_empty());
        // Measured: about 10 ms in a release build.
        assert!(start.elapsed() < std::time::Duration::from_secs(5), "{:?}", start.elapsed());
    }
}
