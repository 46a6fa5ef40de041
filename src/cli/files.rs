//! Files: read with a limit, written so that only their owner can read them and nothing is lost or followed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::domain::{Failure, Kind, SafeText};

/// Writes a new file, 0600. One that is there, or a link in its place, is refused.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let doing = || format!("write {}", SafeText::of(&path.display().to_string()));
    let mut file = create(path).map_err(|wrong| match wrong.kind() {
        io::ErrorKind::AlreadyExists => Failure::new(Kind::Conflict, doing(), "there is a file of that name already")
            .hint("take another name, or remove it first"),
        kind => Failure::new(Kind::Failed, doing(), kind.to_string()),
    })?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|wrong| {
        // Half a value is worse than none; that it could not be removed either changes nothing about that.
        let _ = fs::remove_file(path);
        Failure::new(Kind::Failed, doing(), wrong.kind().to_string())
    })
}

/// Puts a file in the place of another at once: whoever reads it meets the old one or the new one, never a half.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |wrong: io::Error| {
        let doing = format!("write {}", SafeText::of(&path.display().to_string()));
        Failure::new(Kind::Failed, doing, wrong.kind().to_string())
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    let beside: PathBuf = folder.join(format!(".amlock-{}", uuid::Uuid::new_v4()));
    let written = create(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path))
        .and_then(|()| File::open(folder)?.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written.map_err(failed)
}

fn create(path: &Path) -> io::Result<File> {
    // O_EXCL does not follow a link as the last piece; O_NOFOLLOW says so where a file system has its own mind.
    let no_follow = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0);
    OpenOptions::new().write(true).create_new(true).mode(0o600).custom_flags(no_follow).open(path)
}

/// Reads a file, or standard input for `-`, up to `limit` bytes; more is an error of kind `FileTooLarge`.
pub(crate) fn read(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    if path == Path::new("-") { read_all(io::stdin().lock(), limit) } else { read_all(File::open(path)?, limit) }
}

fn read_all(from: impl io::Read, limit: usize) -> io::Result<Vec<u8>> {
    // Room for all of it from the start, so that growing leaves no copies of a value behind.
    let mut bytes = Vec::with_capacity(limit.min(64 * 1024) + 1);
    from.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn folder() -> PathBuf {
        let folder = std::env::temp_dir().join(format!("amlock-files-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&folder).expect("a folder to work in");
        folder
    }

    #[test]
    fn a_new_file_is_ours_alone_and_never_replaces_one() {
        let folder = folder();
        let path = folder.join("value");
        write_new(&path, b"x").expect("written");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(write_new(&path, b"y").expect_err("there is one").exit_code(), 6);
        std::os::unix::fs::symlink(folder.join("elsewhere"), folder.join("link")).expect("a link");
        assert!(write_new(&folder.join("link"), b"y").is_err());
        assert!(!folder.join("elsewhere").exists());
        fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn replacing_leaves_nothing_beside() {
        let folder = folder();
        let path = folder.join("deep/config.toml");
        replace(&path, b"one").expect("written");
        replace(&path, b"two").expect("written again");
        assert_eq!(read(&path, 10).expect("read"), b"two");
        assert_eq!(fs::read_dir(folder.join("deep")).expect("a folder").count(), 1);
        assert!(read(&path, 2).is_err());
        fs::remove_dir_all(folder).expect("removed");
    }
}
