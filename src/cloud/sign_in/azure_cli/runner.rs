//! Runs az: no shell, no input, a cap on what it says, a limit on how long, and nothing of it left behind.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// The most az may say on one stream.
const CAP: u64 = 1024 * 1024;
/// How long its streams may stay open after it has ended (its own children may hold them).
const LINGER: Duration = Duration::from_millis(500);

/// What came of it.
#[derive(Debug)]
pub(super) struct Ran {
    /// Its exit code; none if it was killed.
    pub(super) code: Option<i32>,
    /// What it printed; a token.
    pub(super) out: Vec<u8>,
    /// What it complained about.
    pub(super) err: Vec<u8>,
}

/// Why nothing came of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    /// It could not be started.
    NotStarted,
    /// It took too long.
    TooSlow,
    /// It said too much.
    TooMuch,
}

/// Whether `file` can be run.
pub(super) fn executable(file: &Path) -> bool {
    let Ok(facts) = file.metadata() else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        facts.is_file() && facts.permissions().mode() & 0o111 != 0
    }
    #[cfg(not(unix))]
    facts.is_file()
}

/// A process with its whole group, which ends when this is dropped.
struct Group {
    child: Child,
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

impl Drop for Group {
    fn drop(&mut self) {
        // After a proper end `leader` is none: its number may be somebody else's by now.
        #[cfg(unix)]
        if let Some(leader) = self.leader {
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
        let _ = self.child.start_kill();
    }
}

/// Runs `program` until it ends.
pub(super) async fn run(program: &Path, arguments: &[&str], limit: Duration) -> Result<Ran, Stopped> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir("/")
        .env_remove("AZURE_CLIENT_SECRET") // az has its own login; what it does not need it does not get
        .env("AZURE_CORE_NO_COLOR", "true")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let child = command.spawn().map_err(|_| Stopped::NotStarted)?;
    let mut group = Group {
        #[cfg(unix)]
        leader: child.id().and_then(|id| rustix::process::Pid::from_raw(id.try_into().ok()?)),
        child,
    };
    timeout(limit, collect(&mut group)).await.unwrap_or(Err(Stopped::TooSlow))
}

async fn collect(group: &mut Group) -> Result<Ran, Stopped> {
    let (stdout, stderr) = (group.child.stdout.take(), group.child.stderr.take());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = {
        let reads = async { tokio::join!(take(stdout, &mut out), take(stderr, &mut err)) };
        let mut reads = Box::pin(reads.fuse());
        // Either may come first: az ends while a child of its own holds the streams, or closes them and goes on.
        tokio::select! {
            status = group.child.wait() => {
                let _ = timeout(LINGER, reads).await;
                status
            }
            (fits, also) = &mut reads => {
                if !(fits && also) {
                    return Err(Stopped::TooMuch);
                }
                group.child.wait().await
            }
        }
    };
    #[cfg(unix)]
    {
        group.leader = None;
    }
    let status = status.map_err(|_| Stopped::NotStarted)?;
    if out.len() as u64 > CAP || err.len() as u64 > CAP {
        return Err(Stopped::TooMuch);
    }
    Ok(Ran { code: status.code(), out, err })
}

/// Reads to the end or just beyond the cap; whether it stayed below it.
async fn take(stream: Option<impl AsyncRead + Unpin>, into: &mut Vec<u8>) -> bool {
    if let Some(stream) = stream {
        let _ = stream.take(CAP + 1).read_to_end(into).await;
    }
    into.len() as u64 <= CAP
}
