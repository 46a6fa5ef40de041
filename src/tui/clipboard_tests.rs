use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Instant;

use super::*;
use crate::tui::recorder::Ancestors;

const VALUE: &str = "correct horse\nbattery";

/// A folder with programs that write what they are given into files beside them.
struct Bench(PathBuf);

impl Bench {
    fn new(tools: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("amlock-test-{}", uuid::Uuid::new_v4().simple()));
        fs::create_dir(&folder).expect("a folder");
        for (name, script) in tools {
            let file = folder.join(name);
            let text = format!("#!/bin/sh\ncd {}\necho \"$@\" >>{name}.args\n{script}\n", folder.display());
            let source = folder.join(format!("{name}.source"));
            fs::write(&source, text).expect("a script");
            // Written by another process: a test that starts a child meanwhile would hold the file open for writing.
            let copied = std::process::Command::new("cp").args([&source, &file]).status().expect("cp");
            assert!(copied.success());
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("may run");
        }
        Self(folder)
    }

    fn around(&self) -> Surroundings {
        Surroundings {
            path: self.0.clone().into_os_string(),
            term: "xterm-256color".to_owned(),
            ..Surroundings::default()
        }
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).unwrap_or_default()
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.0.join(file), text).expect("written");
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn value() -> Sealed {
    Sealed::new(VALUE.to_owned())
}

fn no_terminal(_: &[u8]) -> io::Result<()> {
    panic!("nothing is sent to the terminal here")
}

const CAT: &str = "/bin/cat";
const WL_COPY: (&str, &str) = ("wl-copy", "case \"$1\" in --clear) : >clip;; *) /bin/cat >clip;; esac");
const WL_PASTE: (&str, &str) = ("wl-paste", "/bin/cat clip");
const XCLIP: (&str, &str) = ("xclip", "case \"$3\" in -in) /bin/cat >clip;; *) /bin/cat clip;; esac");
const TMUX: (&str, &str) =
    ("tmux", "case \"$1\" in load-buffer) /bin/cat >clip;; delete-buffer) echo \"$3\" >deleted;; esac");

#[tokio::test]
async fn a_desktops_clipboard_is_written_read_back_and_cleared() {
    for tools in [[WL_COPY, WL_PASTE].as_slice(), &[XCLIP]] {
        let bench = Bench::new(tools);
        let around = Surroundings { wayland: tools.len() == 2, x11: true, ..bench.around() };
        let clipboard = Clipboard::detect(&around, None);
        assert_eq!(clipboard.put(&value(), no_terminal).await, Ok(Sent::Copied));
        assert_eq!(bench.read("clip"), VALUE);
        assert_eq!(clipboard.clear(&value(), no_terminal).await, Ok(Cleared::Cleared));
        assert_eq!(bench.read("clip"), "");
        for other in ["something else", "correct horse\nbattery staple", "correct"] {
            bench.write("clip", other);
            assert_eq!(clipboard.clear(&value(), no_terminal).await, Ok(Cleared::ChangedLeftAlone));
            assert_eq!(bench.read("clip"), other);
        }
        for (name, _) in tools {
            let arguments = bench.read(&format!("{name}.args"));
            assert!(!arguments.contains("horse") && !arguments.contains("primary"), "{arguments}");
        }
    }
}

#[tokio::test]
async fn tmux_passes_it_on_and_keeps_nothing() {
    let bench = Bench::new(&[TMUX, XCLIP]);
    let around = Surroundings { tmux: true, ssh: true, x11: true, ..bench.around() };
    let clipboard = Clipboard::detect(&around, None);
    assert_eq!(clipboard.put(&value(), no_terminal).await, Ok(Sent::ThroughTmux));
    assert_eq!(bench.read("clip"), VALUE);
    let arguments = bench.read("tmux.args");
    let name = bench.read("deleted").trim().to_owned();
    assert!(name.len() > 20, "a random name: {name}");
    assert_eq!(arguments, format!("load-buffer -b {name} -w -\ndelete-buffer -b {name}\n"));
    assert_eq!(clipboard.clear(&value(), no_terminal).await, Ok(Cleared::Asked));
    assert_eq!(bench.read("clip"), " ");
    assert_ne!(bench.read("deleted").trim(), name);
}

#[tokio::test]
async fn a_buffer_is_deleted_even_when_it_could_not_be_passed_on() {
    let bench = Bench::new(&[("tmux", "[ \"$1\" = delete-buffer ] && touch deleted && exit 0; exit 1")]);
    let clipboard = Clipboard::detect(&Surroundings { tmux: true, ..bench.around() }, None);
    let failed = clipboard.put(&value(), no_terminal).await.expect_err("tmux failed");
    assert_eq!(failed.to_string(), "Not copied: tmux failed (exit status: 1).");
    assert!(bench.0.join("deleted").exists());
}

#[tokio::test]
async fn over_ssh_a_known_terminal_is_told_and_an_unknown_one_asked_about() {
    let around = Surroundings { ssh: true, x11: true, ..Bench::new(&[XCLIP]).around() };
    let detect = |terminal| Clipboard::detect(&around, terminal);
    for known in ["kitty(0.31.0)", "WezTerm 20240203", "foot(1.16.2)", "iTerm2 3.5.0", "ghostty 1.0.1"] {
        let mut sent = Vec::new();
        let write = |bytes: &[u8]| {
            sent.extend_from_slice(bytes);
            Ok(())
        };
        assert_eq!(detect(Some(known)).put(&value(), write).await, Ok(Sent::ToTerminal), "{known}");
        assert_eq!(sent, VALUE.as_bytes());
    }
    for unknown in [None, Some("XTerm(370)"), Some("VTE(7000)"), Some("xterm.js(5.5.0)")] {
        assert!(detect(unknown).must_ask(), "{unknown:?}");
        assert_eq!(detect(unknown).put(&value(), no_terminal).await, Err(CopyFailed::AskFirst));
    }
}

#[test]
fn the_config_decides_where_it_says_so() {
    let around = Bench::new(&[]).around();
    let detect =
        |osc52, term: &str| Clipboard::detect(&Surroundings { osc52, term: term.to_owned(), ..around.clone() }, None).0;
    assert_eq!(detect(Osc52::Always, "xterm-256color"), Way::Osc52);
    assert_eq!(detect(Osc52::Never, "xterm-kitty"), Way::None);
    assert_eq!(detect(Osc52::Known, "xterm-kitty"), Way::Osc52);
    assert_eq!(detect(Osc52::Known, "alacritty"), Way::Osc52);
    assert_eq!(detect(Osc52::Known, "linux"), Way::None);
}

#[tokio::test]
async fn where_nothing_can_be_copied_it_says_so() {
    let around = Bench::new(&[]).around();
    for around in [
        Surroundings { screen: true, ..around.clone() },
        Surroundings { jupyter: true, osc52: Osc52::Always, ..around.clone() },
        Surroundings { mosh: true, ssh: true, ..around.clone() },
        Surroundings { tmux: true, ..around.clone() },
    ] {
        let failed = Clipboard::detect(&around, Some("kitty(0.31)")).put(&value(), no_terminal).await;
        assert_eq!(failed.expect_err("none").to_string(), "No clipboard here. Use reveal or `run --`.");
    }
}

#[tokio::test]
async fn a_tool_that_hangs_is_killed() {
    let bench = Bench::new(&[("xclip", "echo $$ >pid; exec /bin/sleep 600")]);
    let clipboard = Clipboard::detect(&Surroundings { x11: true, ..bench.around() }, None);
    let begun = Instant::now();
    let failed = clipboard.put(&value(), no_terminal).await.expect_err("it hangs");
    assert_eq!(failed.to_string(), "Not copied: xclip did not finish in 3 s.");
    assert!(begun.elapsed().as_secs() < 30);
    let process = format!("/proc/{}/stat", bench.read("pid").trim());
    let gone = || fs::read_to_string(&process).map_or(true, |stat| stat.contains(") Z "));
    while !gone() {
        assert!(begun.elapsed().as_secs() < 30, "the tool lives on");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_tool_that_does_not_read_is_no_trouble() {
    let bench = Bench::new(&[("xclip", "exit 0")]);
    let clipboard = Clipboard::detect(&Surroundings { x11: true, ..bench.around() }, None);
    let large = Sealed::new("x".repeat(1_000_000));
    assert_eq!(clipboard.put(&large, no_terminal).await, Ok(Sent::Copied));
}

#[tokio::test]
async fn what_a_terminal_refuses_is_told() {
    let around = Surroundings { osc52: Osc52::Always, ..Bench::new(&[]).around() };
    let clipboard = Clipboard::detect(&around, None);
    let too_long = clipboard.put(&value(), |_| Err(io::ErrorKind::InvalidInput.into())).await;
    assert_eq!(too_long, Err(CopyFailed::TooLong));
    assert_eq!(clipboard.clear(&value(), |_| Ok(())).await, Ok(Cleared::Asked));
}

#[test]
fn the_environment_is_read() {
    let variables =
        [("SSH_TTY", "/dev/pts/1"), ("TMUX", "/tmp/x,1,0"), ("DISPLAY", ""), ("PATH", "/bin"), ("TERM", "foot")];
    let variable = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
    let around = Surroundings::of(variable, &Ancestors::default(), Osc52::Known);
    assert!(around.ssh && around.tmux && !around.x11 && !around.wayland && !around.jupyter);
    assert_eq!(find("cat", &around.path), Some(PathBuf::from(CAT)));
    assert_eq!(find("cat", std::ffi::OsStr::new(":bin:.")), None);
}

#[test]
fn what_is_said_is_what_is_known() {
    assert_eq!(Sent::Copied.sentence(Some(30)), "Copied. Clears in 30 s.");
    assert_eq!(Sent::ThroughTmux.sentence(None), "Sent to your terminal through tmux (not confirmed).");
    assert_eq!(Sent::ToTerminal.sentence(None), "Sent (not confirmed by the terminal).");
    assert_eq!(Cleared::Asked.sentence(), "Asked the terminal to clear; a clipboard manager may keep it.");
}
