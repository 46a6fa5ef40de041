//! Files: read with a limit, written so that only their owner can read them and nothing is lost or followed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
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

/// Puts a file in the place of another at once: whoever reads it meets the old one or the new one, never a half. A link
/// stays a link: what it leads to is replaced.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let linked = fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    let target = if linked { fs::canonicalize(path).ok() } else { Some(path.to_owned()) };
    let Some(path) = target.as_deref() else {
        let doing = format!("write {}", SafeText::of(&path.display().to_string()));
        return Err(
            Failure::new(Kind::Failed, doing, "it is a link that leads nowhere").hint("mend or remove the link")
        );
    };
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

/// The file values go to; `-` is none but standard output.
pub(crate) fn to_file(out: Option<&Path>) -> Option<&Path> {
    out.filter(|path| *path != Path::new("-"))
}

/// Reads a file, or standard input for `-`, up to `limit` bytes; more is an error of kind `FileTooLarge`.
pub(crate) fn read(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    if path == Path::new("-") { read_all(io::stdin().lock(), limit) } else { read_all(File::open(path)?, limit) }
}

/// Reads a file that steers amlock. It never waits for anybody: a pipe or a device in its place is no file.
pub(crate) fn read_plain(path: &Path, limit: usize) -> io::Result<(Vec<u8>, fs::Metadata)> {
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).unwrap_or(0);
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file"));
    }
    read_all(file, limit).map(|bytes| (bytes, about))
}

/// Why a file could not be read, in our words.
pub(crate) fn why(wrong: &io::Error) -> String {
    match (wrong.get_ref(), wrong.kind()) {
        (Some(own), _) => own.to_string(),
        (None, io::ErrorKind::NotFound) => "no such file".to_owned(),
        (None, kind) => kind.to_string(),
    }
}

/// Why what stands at `path` may be somebody else's word, who could make us write to another place than we think:
/// the file, a link to it, its folder and the folder above a folder of Azure ML's.
pub(crate) fn distrust(path: &Path, file: &fs::Metadata, folders: usize) -> Option<String> {
    let us = rustix::process::geteuid().as_raw();
    let judge = |what: &str, about: &fs::Metadata| {
        if about.uid() != us && about.uid() != 0 {
            return Some(format!("{what} belongs to another user (id {})", about.uid()));
        }
        let sticky = about.is_dir() && about.mode() & 0o1000 != 0;
        let open = about.mode() & 0o022 != 0 && !about.is_symlink() && !sticky;
        open.then(|| format!("others may write to {what} (mode {:03o})", about.mode() & 0o777))
    };
    let link = fs::symlink_metadata(path).ok();
    let own = judge("it", file).or_else(|| judge("it", &link?));
    own.or_else(|| {
        let above = path.ancestors().skip(1).take(folders).filter(|folder| !folder.as_os_str().is_empty());
        above.filter_map(|folder| Some((folder, fs::metadata(folder).ok()?))).find_map(|(folder, about)| {
            let name = SafeText::of(&folder.display().to_string()).into_owned();
            judge(&format!("the folder {name}"), &about)
        })
    })
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
