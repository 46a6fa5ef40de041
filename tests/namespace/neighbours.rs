//! A neighbour: another process of the same user, who may do what the system lets such processes do to each other.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::aloud::not_here;
use super::pinned::{NOBODY, Pinned, binary};
use super::stage::Stage;

/// What tests/support/neighbour.py finds open on a process, run as nobody.
fn open_ways(python: &str, pid: u32, script: &Path) -> Vec<String> {
    let done = as_nobody().arg(python).arg(script).arg(pid.to_string()).output().expect("setpriv");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).lines().map(str::to_owned).collect()
}

fn as_nobody() -> Command {
    let mut command = Command::new("setpriv");
    let id = NOBODY.to_string();
    command.args(["--reuid", &id, "--regid", &id, "--clear-groups"]).current_dir("/").env("TMPDIR", "/tmp");
    command
}

#[test]
fn a_neighbour_of_the_same_user_reads_nothing_of_ours() {
    let Some(pinned) = Pinned::start("") else { return };
    // The first one in somebody's path may be for them alone.
    let runs =
        |python: &&str| as_nobody().args([*python, "--version"]).output().is_ok_and(|done| done.status.success());
    let Some(python) = ["/usr/bin/python3", "python3"].into_iter().find(runs) else {
        return not_here("what a neighbour may try (tests/support/neighbour.py): there is no python3 for everybody");
    };
    // Copies in places that nobody can reach: a checkout may lie in somebody's home.
    let home = pinned.home(NOBODY);
    let reachable = |from: &Path, name: &str| {
        let path = home.folder.parent().expect("the namespace's folder").join(name);
        std::fs::copy(from, &path).expect("copied");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("for everybody");
        path
    };
    let script = reachable(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/neighbour.py"), "neighbour.py");
    let program = reachable(Path::new(&binary()), "amlock");

    // One that does not mind: the ways are open here, so that finding them closed says something.
    let mut other = as_nobody().args(["sleep", "60"]).stdin(Stdio::null()).spawn().expect("started");
    let open = open_ways(python, other.id(), &script);
    other.kill().and_then(|()| other.wait().map(drop)).expect("ended");
    for way in ["maps", "environ", "descriptors", "memory", "reading_across", "tracing"] {
        assert!(open.iter().any(|have| have == way), "this machine closes {way} for everybody: {open:?}");
    }

    let mut stage =
        Stage::run(100, 30, pinned.program_on_a_terminal(&home, &program, &["open", "ws-vision/db-password"]));
    stage.wait_for("› db-password");
    stage.type_keys("\r");
    stage.wait_for("Correct-Horse-Demo-Only-42");
    let status = std::fs::read_to_string(format!("/proc/{}/status", stage.process())).expect("its status");
    let of_nobody = status.lines().any(|line| line.starts_with("Uid:") && line.contains(&NOBODY.to_string()));
    assert!(of_nobody, "it runs as nobody: {status}");
    assert_eq!(open_ways(python, stage.process(), &script), [""; 0]);
    stage.type_keys("q");
    stage.type_keys("q");
    assert_eq!(stage.end(), "status 0");
}
