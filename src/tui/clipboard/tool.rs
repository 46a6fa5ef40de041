//! The desktop's own clipboard programs. Values go through a pipe, never into an argument; no shell is involved.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use zeroize::Zeroizing;

use super::{CopyFailed, Surroundings};

/// How long a program may take.
const LIMIT: Duration = Duration::from_secs(3);

/// Programs that belong together: to copy, to read back, to empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tool {
    copy: Call,
    read: Call,
    empty: Call,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Call {
    name: &'static str,
    program: PathBuf,
    arguments: &'static [&'static str],
}

impl Tool {
    /// The first set of programs that is here and has a desktop to talk to.
    pub(super) fn find(around: &Surroundings) -> Option<Self> {
        let call = |name: &'static str, arguments: &'static [&'static str]| {
            find(name, &around.path).map(|program| Call { name, program, arguments })
        };
        let wayland = || {
            let copy = call("wl-copy", &["--type", "text/plain"])?;
            Some(Self { copy, read: call("wl-paste", &["--no-newline"])?, empty: call("wl-copy", &["--clear"])? })
        };
        let xclip = || {
            let copy = call("xclip", &["-selection", "clipboard", "-in"])?;
            let read = call("xclip", &["-selection", "clipboard", "-out"])?;
            Some(Self { empty: copy.clone(), copy, read })
        };
        let xsel = || {
            let copy = call("xsel", &["--clipboard", "--input"])?;
            let read = call("xsel", &["--clipboard", "--output"])?;
            Some(Self { copy, read, empty: call("xsel", &["--clipboard", "--clear"])? })
        };
        let mac = || {
            let copy = call("pbcopy", &[])?;
            Some(Self { empty: copy.clone(), copy, read: call("pbpaste", &[])? })
        };
        let on_wayland = around.wayland.then(wayland).flatten();
        on_wayland
            .or_else(|| around.x11.then(|| xclip().or_else(xsel)).flatten())
            .or_else(|| around.macos.then(mac).flatten())
    }

    pub(super) async fn put(&self, bytes: &[u8]) -> Result<(), CopyFailed> {
        self.copy.run(bytes).await
    }

    pub(super) async fn empty(&self) -> Result<(), CopyFailed> {
        self.empty.run(b"").await
    }

    /// Whether the clipboard is exactly `bytes`.
    pub(super) async fn holds(&self, bytes: &[u8]) -> Result<bool, CopyFailed> {
        let mut child = start(self.read.name, &self.read.program, self.read.arguments, Stdio::null(), Stdio::piped())?;
        let reading = async {
            // One byte more than expected tells enough; the buffer never grows.
            let mut there = Zeroizing::new(vec![0; bytes.len() + 1]);
            let mut have = 0;
            if let Some(mut out) = child.stdout.take() {
                while have < there.len() {
                    match out.read(&mut there[have..]).await {
                        Ok(0) | Err(_) => break,
                        Ok(count) => have += count,
                    }
                }
            }
            there[..have] == *bytes
        };
        // An empty clipboard is an error to some: whatever the status, it does not hold the value.
        tokio::time::timeout(LIMIT, reading).await.map_err(|_| slow(self.read.name))
    }
}

impl Call {
    async fn run(&self, bytes: &[u8]) -> Result<(), CopyFailed> {
        run(self.name, &self.program, self.arguments, bytes).await
    }
}

/// Runs a program with `bytes` on its stdin.
pub(super) async fn run(
    name: &'static str,
    program: &Path,
    arguments: &[&str],
    bytes: &[u8],
) -> Result<(), CopyFailed> {
    let mut child = start(name, program, arguments, Stdio::piped(), Stdio::null())?;
    let running = async {
        if let Some(mut stdin) = child.stdin.take() {
            // Who does not read his input tells by his status.
            let _ = stdin.write_all(bytes).await;
        }
        child.wait().await
    };
    match tokio::time::timeout(LIMIT, running).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(CopyFailed::Tool(name, format!("failed ({status})"))),
        Ok(Err(error)) => Err(CopyFailed::Tool(name, format!("failed ({error})"))),
        Err(_) => Err(slow(name)),
    }
}

/// Starts a program that is killed when we lose interest. It gets a process group of its own: a clipboard's owner lives
/// on in the background, and must not be stopped with us by ctrl-z.
fn start(
    name: &'static str,
    program: &Path,
    arguments: &[&str],
    stdin: Stdio,
    stdout: Stdio,
) -> Result<Child, CopyFailed> {
    Command::new(program)
        .args(arguments)
        .stdin(stdin)
        .stdout(stdout)
        .stderr(Stdio::null())
        .current_dir("/")
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| CopyFailed::Tool(name, format!("cannot be started ({error})")))
}

fn slow(name: &'static str) -> CopyFailed {
    CopyFailed::Tool(name, format!("did not finish in {} s", LIMIT.as_secs()))
}

/// A program on `path`; empty and relative entries, which depend on the folder, do not count.
pub(crate) fn find(name: &str, path: &OsStr) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt as _;
    let runs =
        |file: &PathBuf| file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0);
    std::env::split_paths(path).filter(|folder| folder.is_absolute()).map(|folder| folder.join(name)).find(runs)
}
