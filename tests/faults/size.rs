//! Answers larger than any good one: refused at their limit, and the memory they cost stays within 64 MiB. Memory is measured
//! in a process of its own, where nobody else's counts.

use std::collections::HashMap;
use std::process::Command;
use std::time::Duration;

use crate::aloud::{aloud, not_here};
use crate::server::{Step, http};
use crate::stage::{CANARY, Stage, authority, one_page, told};

const MIB: usize = 1024 * 1024;
/// What memory may grow by.
const GROWTH: usize = 64 * MIB;

/// A mebibyte of blanks as a piece of a packed stream that may be repeated: it leans on nothing before it.
fn packed_mebibyte() -> Vec<u8> {
    let mut packer = flate2::Compress::new(flate2::Compression::best(), false);
    let mut out = Vec::with_capacity(64 * 1024);
    packer.compress_vec(&vec![b' '; MIB], &mut out, flate2::FlushCompress::Full).expect("memory");
    assert!(packer.total_in() == MIB as u64 && out.len() < MIB / 900, "a thousand to one: {}", out.len());
    out
}

/// What is sent for each of them.
fn monster(which: &str) -> Vec<Step> {
    let head =
        |more: &str| Step::Send(format!("HTTP/1.1 200 X\r\ncontent-type: application/json\r\n{more}\r\n").into_bytes());
    // Just under the largest page, so that they are read; with as many parts as that holds, or just as many as are taken.
    let many = |status: u16, open: &str, item: &dyn Fn(usize) -> String, close: &str| {
        let most =
            if which.starts_with("as-many") { 99_000 / item(0).matches(['[', '{', ',']).count() } else { usize::MAX };
        let mut text = open.to_owned();
        for n in 0..most {
            if text.len() > 16 * MIB - 200 {
                break;
            }
            text.push_str(&item(n));
        }
        text.truncate(text.len() - 1);
        text.push_str(&" ".repeat(16 * MIB - 100 - text.len()));
        vec![Step::Send(http(status, &[], text + close))]
    };
    match which {
        "a-gigabyte" => vec![
            head("content-length: 1073741824\r\n"),
            Step::Send(format!("{{\"value\":\"{CANARY}").into_bytes()),
            Step::Repeat(vec![b' '; 64 * 1024], 16 * 1024, Duration::ZERO),
        ],
        "chunks-without-end" => vec![
            head("transfer-encoding: chunked\r\n"),
            Step::Repeat([b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat(), usize::MAX, Duration::ZERO),
        ],
        "a-packed-gigabyte" => {
            let piece = packed_mebibyte();
            vec![
                head(&format!("content-encoding: gzip\r\ncontent-length: {}\r\n", 10 + 1024 * piece.len())),
                Step::Send(vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]), // gzip's head
                Step::Repeat(piece, 1024, Duration::ZERO),
            ]
        }
        "a-million-items" | "as-many-items-as-are-taken" => {
            many(200, "{\"value\":[", &|_| "{\"id\":\"\"},".to_owned(), "]}")
        }
        "a-million-tags" | "as-many-tags-as-are-taken" => {
            many(200, "{\"value\":[{\"id\":\"\",\"tags\":{", &|n| format!("\"{n:x}\":0,"), "}}]}")
        }
        "a-million-errors" | "as-many-errors-as-are-taken" => many(403, "{\"error\":[", &|_| "[],".to_owned(), "]}"),
        "a-head-without-end" => vec![
            Step::Send(b"HTTP/1.1 200 X\r\n".to_vec()),
            Step::Repeat(format!("x-more: {}\r\n", "x".repeat(60_000)).into_bytes(), 20_000, Duration::ZERO),
        ],
        other => panic!("no monster is called {other}"),
    }
}

const MONSTERS: [&str; 10] = [
    "a-gigabyte",
    "chunks-without-end",
    "a-packed-gigabyte",
    "a-million-items",
    "a-million-tags",
    "a-million-errors",
    "as-many-items-as-are-taken",
    "as-many-tags-as-are-taken",
    "as-many-errors-as-are-taken",
    "a-head-without-end",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_monster_of_an_answer_is_refused_within_64_mib() {
    if !std::path::Path::new("/proc/self/clear_refs").exists() {
        not_here("a_monster_of_an_answer_is_refused_within_64_mib: this system does not tell a process's memory");
        return;
    }
    let monsters: HashMap<_, _> = MONSTERS.into_iter().map(|which| (which, monster(which))).collect();
    let stage = Stage::new(move |_, heard| {
        let which = heard.path.trim_start_matches("/secrets/").split('/').next().unwrap_or_default();
        monsters.get(which).cloned().unwrap_or_else(|| vec![Step::Send(one_page())])
    })
    .await;
    let (vault, login) = (stage.server.at.to_string(), stage.login.at.to_string());
    let this = std::env::current_exe().expect("this test");
    let child = tokio::task::spawn_blocking(move || {
        Command::new(this)
            .args(["--exact", "size::the_process_that_is_measured", "--ignored", "--nocapture", "--test-threads=1"])
            .envs([("AMLOCK_TEST_VAULT", vault), ("AMLOCK_TEST_LOGIN", login), ("AMLOCK_TEST_CA", authority().pem())])
            .output()
    });
    let output = child.await.expect("no panic").expect("started");
    let words = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && words.contains("1 passed"), "{words}");
    for line in words.lines().filter(|line| line.starts_with("the most")) {
        aloud(line);
    }
}

/// `VmRSS` or `VmHWM` of this process, in bytes.
fn memory(what: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("status");
    let line = status.lines().find_map(|line| line.strip_prefix(what)).expect("a line");
    1024 * line.trim_matches(|c: char| !c.is_ascii_digit()).parse::<usize>().expect("a number")
}

#[tokio::test]
#[ignore = "a part of the test above, which starts it in a process of its own"]
async fn the_process_that_is_measured() {
    let at = |name: &str| std::env::var(name).expect("set").parse().expect("an address");
    let ca = std::env::var("AMLOCK_TEST_CA").expect("set").into_bytes();
    let (cloud, who, vault) = crate::stage::client(at("AMLOCK_TEST_VAULT"), at("AMLOCK_TEST_LOGIN"), ca);
    cloud.secrets(&vault, &mut |_| {}).await.expect("a good list first");
    drop(who);
    std::fs::write("/proc/self/clear_refs", "5").expect("the peak is forgotten");
    let before = memory("VmRSS:");
    let mut most = 0;
    for which in MONSTERS {
        for call in ["list", "value"] {
            let name = crate::stage::name(which);
            let result = if call == "list" {
                cloud.versions(&vault, &name).await.map(|_| ())
            } else {
                cloud.reveal(&vault, &name, None).await.map(|_| ())
            };
            let grown = memory("VmHWM:").saturating_sub(before);
            most = most.max(grown);
            let words = result.as_ref().err().map(told).unwrap_or_default();
            aloud(&format!(
                "{which}, {call}: {} MiB more {}",
                grown / MIB,
                words.chars().take(200).collect::<String>()
            ));
            let limit = match (which, call) {
                ("a-gigabyte" | "chunks-without-end" | "a-packed-gigabyte", "list") => "is larger than 16 MiB",
                (_, "value") if which != "a-head-without-end" => "is larger than 1 MiB",
                ("a-million-items" | "a-million-tags" | "a-million-errors", _) => "has more parts than any good one",
                ("as-many-errors-as-are-taken", _) => "could not list the versions of",
                ("a-head-without-end", _) => "the connection broke",
                _ => "",
            };
            assert_eq!(result.is_err(), !limit.is_empty(), "{which}");
            assert!(words.contains(limit) && (limit.is_empty() || words.contains("kv-demo")), "{words}");
        }
    }
    aloud(&format!("the most that an answer cost: {} MiB more", most / MIB));
    assert!(most < GROWTH, "{} MiB more", most / MIB);
}
