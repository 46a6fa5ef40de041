//! less, vim and fzf on the same 100,000 names, where they are installed: what good programs take for a key here and now.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use super::meter::Meter;
use super::{WIDE, say, times};

/// A program: how it is started on a file, how it goes down, and how one searches in it.
struct Other {
    name: &'static str,
    script: &'static str,
    down: &'static str,
    filters: bool,
}

const OTHERS: [Other; 3] = [
    Other { name: "less", script: "exec less \"$0\"", down: "j", filters: false },
    Other { name: "vim", script: "exec vim -u NONE -n -R \"$0\"", down: "j", filters: false },
    Other { name: "fzf", script: "exec fzf --layout=reverse <\"$0\"", down: "\x1b[B", filters: true },
];

pub(crate) fn measure() {
    say("");
    let file = std::env::temp_dir().join(format!("amlock-bench-{}.txt", std::process::id()));
    let names = (0..100_000).fold(String::new(), |mut names, number| {
        let _ = writeln!(names, "archive-{number:06}");
        names
    });
    std::fs::write(&file, names).expect("a file of names");
    for other in &OTHERS {
        let path = std::env::var_os("PATH").unwrap_or_default();
        if std::env::split_paths(&path).any(|folder| folder.join(other.name).is_file()) {
            one(other, &file);
        } else {
            say(&format!("{}: not installed here, not measured", other.name));
        }
    }
    let _ = std::fs::remove_file(&file);
}

fn one(other: &Other, file: &Path) {
    let words = ["sh", "-c", other.script].map(OsString::from).into_iter().chain([file.into()]).collect::<Vec<_>>();
    let mut starts = Vec::new();
    for _ in 0..10 {
        let mut meter = Meter::start(&words, WIDE);
        starts.push(meter.see("archive-000003") - meter.begun);
    }
    times(&format!("{}: start, ms", other.name), &starts, "");
    let mut meter = Meter::start(&words, WIDE);
    meter.see("archive-000003");
    meter.rest(Duration::from_millis(500));
    let (mut took, mut bytes) = (Vec::new(), 0);
    for _ in 0..300 {
        let stroke = meter.stroke(other.down);
        took.push(stroke.took);
        bytes += stroke.bytes;
        meter.rest(Duration::from_millis(2));
    }
    times(&format!("{}: a key down, ms ({} bytes)", other.name, bytes / 300), &took, "");
    if other.filters {
        let mut took = Vec::new();
        for letter in "archive-0123".chars() {
            meter.rest(Duration::from_millis(200));
            took.push(meter.stroke(&letter.to_string()).took);
        }
        times(&format!("{}: a letter in the filter, to its first answer, ms", other.name), &took, "");
    }
}
