//! A browser on this machine: whether there is one that its user would see, and opening a page in it.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use url::Url;

/// The program that opens a page here; none over SSH, or where nothing is drawn but text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Browser(PathBuf);

impl Browser {
    /// The browser that `variable` (the environment) tells of. BROWSER names one, as for other programs; else the desktop's
    /// opener is asked, where there is a desktop.
    pub fn around(variable: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        if ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].iter().any(|name| set(name).is_some()) {
            return None; // it would open on a screen that nobody is sitting at
        }
        let path = set("PATH").unwrap_or_default();
        if let Some(named) = set("BROWSER") {
            // A list, and words with arguments, are other programs' habit; the first that is a program is taken.
            let named = named.to_string_lossy().into_owned();
            return named.split(':').find_map(|one| program(one.split_whitespace().next()?, &path)).map(Self);
        }
        if cfg!(target_os = "macos") {
            return program("open", &path).map(Self);
        }
        let desktop = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| set(name).is_some());
        let windows = set("WSL_DISTRO_NAME").is_some();
        ["xdg-open", "wslview"].iter().filter(|_| desktop || windows).find_map(|name| program(name, &path)).map(Self)
    }

    /// Opens `page`. What the browser says goes nowhere: it would land on the screen. Whether it could be started.
    pub fn open(&self, page: &Url) -> bool {
        let started = Command::new(&self.0)
            .arg(page.as_str())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // A group of its own: ctrl-c here is not meant for it.
            .process_group(0)
            .spawn();
        // Somebody has to hear of its end; it may be the browser itself, and last longer than we do.
        started.map(|mut child| std::thread::spawn(move || child.wait())).is_ok()
    }
}

fn program(name: &str, path: &OsString) -> Option<PathBuf> {
    let executable = |file: &PathBuf| {
        use std::os::unix::fs::PermissionsExt as _;
        file.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
    };
    if name.contains('/') {
        return Some(PathBuf::from(name)).filter(|file| file.is_absolute() && executable(file));
    }
    // Relative pieces of the path would depend on where we stand.
    std::env::split_paths(path).filter(|dir| dir.is_absolute()).map(|dir| dir.join(name)).find(executable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(variables: &[(&str, &str)]) -> Option<Browser> {
        Browser::around(|name| variables.iter().find(|(have, _)| *have == name).map(|(_, value)| value.into()))
    }

    #[test]
    fn a_browser_is_offered_only_where_its_user_would_see_it() {
        let path = ("PATH", "/usr/bin:/bin");
        let shell = around(&[path, ("BROWSER", "/bin/sh %s")]);
        assert_eq!(shell, Some(Browser("/bin/sh".into())));
        assert_eq!(around(&[path, ("BROWSER", "nobody:sh")]).map(|browser| browser.0.ends_with("sh")), Some(true));
        assert_eq!(around(&[path, ("BROWSER", "/bin/sh"), ("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")]), None);
        assert_eq!(around(&[path]), None);
        assert_eq!(around(&[("PATH", "."), ("BROWSER", "sh")]), None);
        assert_eq!(around(&[path, ("BROWSER", "./sh")]), None);
    }
}
