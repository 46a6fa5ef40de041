//! The user's config, `$XDG_CONFIG_HOME/amlock/config.toml`: defaults and tastes, never anything secret.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::files;
use crate::domain::{Failure, Kind, SafeText, name_fits};

const LIMIT: usize = 64 * 1024;

/// What the user wants by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The account of new terminals: a name or an id.
    pub account: Option<String>,
    /// The workspace where nothing nearer names one: a name or a resource id.
    pub workspace: Option<String>,
    /// A PEM file with certificate authorities to trust beside the machine's own.
    pub ca_bundle: Option<PathBuf>,
    /// How copying works.
    pub clipboard: Clipboard,
    /// How long a value is shown.
    pub reveal: Reveal,
    /// What counts as production besides the workspaces that say so themselves.
    pub production: Production,
}

/// `[clipboard]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Clipboard {
    /// Whether a copy may be sent through the terminal.
    pub osc52: Osc52,
}

/// Whether a copy may be sent through the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Osc52 {
    /// Once, where the terminal does not say who it is.
    #[default]
    Ask,
    /// Without asking.
    Always,
    /// Not at all.
    Never,
}

impl Osc52 {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

/// `[reveal]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reveal {
    /// Seconds, 5 to 60.
    #[serde(deserialize_with = "seconds")]
    pub seconds: u8,
}

impl Default for Reveal {
    fn default() -> Self {
        Self { seconds: 15 }
    }
}

fn seconds<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
    let seconds = u8::deserialize(from)?;
    if (5..=60).contains(&seconds) { Ok(seconds) } else { Err(serde::de::Error::custom("seconds are 5 to 60")) }
}

/// `[production]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Production {
    /// Workspace names, with `*` for any letters.
    pub names: Vec<String>,
}

impl Production {
    /// Whether a workspace of that name counts as production.
    pub fn counts(&self, name: &str) -> bool {
        self.names.iter().any(|pattern| name_fits(pattern, name))
    }
}

impl Config {
    /// Reads a config's text; what is wrong with it is told with its line.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|wrong| {
            let line = wrong.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            format!("line {line}: {}", wrong.message().lines().next().unwrap_or_default())
        })
    }
}

/// Where the config lies; `None` where there is neither `XDG_CONFIG_HOME` nor a home.
pub(crate) fn path(xdg_config_home: Option<&Path>, home: Option<&Path>) -> Option<PathBuf> {
    let folder = xdg_config_home.filter(|folder| folder.is_absolute()).map(Path::to_owned);
    Some(folder.or_else(|| home.map(|home| home.join(".config")))?.join("amlock/config.toml"))
}

/// Reads the config; none is the default one. What amlock does not know is an error that names its line.
pub(crate) fn load(path: &Path) -> Result<Config, Failure> {
    let doing = || format!("read the config {}", SafeText::of(&path.display().to_string()));
    let bytes = match files::read_plain(path, LIMIT) {
        Ok((bytes, _)) => bytes,
        Err(none) if matches!(none.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Config::default());
        }
        Err(wrong) => return Err(Failure::misused(doing(), files::why(&wrong))),
    };
    let text = String::from_utf8(bytes).map_err(|_| Failure::misused(doing(), "it is not UTF-8"))?;
    Config::parse(&text).map_err(|cause| {
        Failure::misused(doing(), cause)
            .hint("it knows account, workspace, ca_bundle, [clipboard] osc52, [reveal] seconds and [production] names")
    })
}

/// Writes the default account into the config and leaves everything else as it is, comments too.
pub(crate) fn set_account(path: &Path, account: &str) -> Result<(), Failure> {
    change(path, |config| config["account"] = toml_edit::value(account))
}

/// Takes the default account out of the config and leaves everything else as it is.
pub(crate) fn forget_account(path: &Path) -> Result<(), Failure> {
    change(path, |config| _ = config.remove("account"))
}

/// Writes into the config that copies may always go through the terminal.
pub(crate) fn allow_terminal_copies(path: &Path) -> Result<(), Failure> {
    change(path, |config| {
        config.entry("clipboard").or_insert_with(toml_edit::table)["osc52"] = toml_edit::value("always");
    })
}

fn change(path: &Path, change: impl FnOnce(&mut toml_edit::DocumentMut)) -> Result<(), Failure> {
    load(path)?; // what is not understood is not rewritten
    let old = match files::read_plain(path, LIMIT) {
        Ok((bytes, _)) => String::from_utf8(bytes).unwrap_or_default(),
        Err(none) if none.kind() == io::ErrorKind::NotFound => String::new(),
        Err(wrong) => return Err(Failure::new(Kind::Failed, "read the config", files::why(&wrong))),
    };
    let mut config: toml_edit::DocumentMut = old.parse().map_err(|_| {
        Failure::new(Kind::Failed, "change the config", "it could not be read a second time")
            .hint(format!("change {} yourself", path.display()))
    })?;
    change(&mut config);
    files::replace(path, config.to_string().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> (PathBuf, Result<Config, Failure>) {
        let folder = std::env::temp_dir().join(format!("amlock-config-{}", uuid::Uuid::new_v4()));
        let path = folder.join("config.toml");
        files::replace(&path, text.as_bytes()).expect("written");
        let loaded = load(&path);
        (path, loaded)
    }

    #[test]
    fn all_of_it_is_optional() {
        assert_eq!(load(Path::new("/nonexistent/amlock")).expect("none"), Config::default());
        let (_, loaded) =
            config("account = \"alex@contoso.com\"\n[reveal]\nseconds = 5\n[clipboard]\nosc52 = \"never\"\n");
        let loaded = loaded.expect("valid");
        assert_eq!((loaded.reveal.seconds, loaded.clipboard.osc52), (5, Osc52::Never));
    }

    #[test]
    fn what_it_does_not_know_is_told_with_its_line() {
        let (_, loaded) = config("account = \"a\"\ntheme = \"dark\"\n");
        let failure = loaded.expect_err("unknown key");
        assert!(failure.cause.starts_with("line 2: unknown field `theme`"), "{}", failure.cause);
        assert_eq!(failure.exit_code(), 2);
        let (_, loaded) = config("[reveal]\nseconds = 61\n");
        assert!(loaded.expect_err("too long").cause.contains("5 to 60"));
    }

    #[test]
    fn the_default_account_is_changed_and_the_rest_stays() {
        let (path, _) = config("# mine\naccount = \"old\"\n\n[production]\nnames = [\"*-prod\"] # all of them\n");
        set_account(&path, "alex@contoso.com").expect("written");
        let text = String::from_utf8(files::read(&path, LIMIT).expect("there")).expect("text");
        assert_eq!(
            text,
            "# mine\naccount = \"alex@contoso.com\"\n\n[production]\nnames = [\"*-prod\"] # all of them\n"
        );
    }

    #[test]
    fn a_default_that_was_signed_out_is_taken_out_and_the_rest_stays() {
        let (path, _) = config("# mine\nworkspace = \"ws-vision\"\naccount = \"alex\"\n\n[reveal]\nseconds = 5\n");
        for _ in 0..2 {
            forget_account(&path).expect("written");
            let text = String::from_utf8(files::read(&path, LIMIT).expect("there")).expect("text");
            assert_eq!(text, "# mine\nworkspace = \"ws-vision\"\n\n[reveal]\nseconds = 5\n");
        }
    }

    #[test]
    fn a_config_behind_a_link_is_changed_there() {
        let (path, _) = config("[reveal]\nseconds = 5\n");
        let link = path.with_file_name("link.toml");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        set_account(&link, "alex").expect("written");
        assert!(std::fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(load(&path).expect("valid").account.as_deref(), Some("alex"));
        let lost = path.with_file_name("lost.toml");
        std::os::unix::fs::symlink("/nonexistent/amlock.toml", &lost).expect("a link");
        assert!(set_account(&lost, "alex").expect_err("refused").cause.contains("leads nowhere"));
    }

    #[test]
    fn an_answer_is_remembered_and_the_rest_stays() {
        for (before, after) in [
            ("", "[clipboard]\nosc52 = \"always\"\n"),
            ("account = \"a\" # me\n", "account = \"a\" # me\n\n[clipboard]\nosc52 = \"always\"\n"),
            ("[clipboard]\n# no\nosc52 = \"ask\"\n", "[clipboard]\n# no\nosc52 = \"always\"\n"),
        ] {
            let (path, _) = config(before);
            allow_terminal_copies(&path).expect("written");
            assert_eq!(load(&path).expect("valid").clipboard.osc52, Osc52::Always);
            let text = String::from_utf8(files::read(&path, LIMIT).expect("there")).expect("text");
            assert_eq!(text, after);
        }
    }

    #[test]
    fn production_names_have_stars() {
        let production = Production { names: vec!["*-prod".to_owned(), "ml*live*".to_owned(), "one".to_owned()] };
        for name in ["ws-prod", "WS-PROD", "-prod", "ml-x-live-2", "one"] {
            assert!(production.counts(name), "{name}");
        }
        for name in ["ws-prod-2", "m-live", "ones", ""] {
            assert!(!production.counts(name), "{name}");
        }
    }
}
