//! What a folder and `az configure` say about the workspace: other people's files, so little of them is believed.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::files;
use crate::domain::{Failure, ResourceId, SafeText};

const LIMIT: usize = 64 * 1024;
/// How far up a folder's config is looked for: a file far away was not meant for here.
const LEVELS: usize = 5;
const FOLDERS: [&str; 3] = [".azureml", "aml_config", ""];
const FILES: [&str; 2] = ["config.json", "project.json"];

/// The workspace that a folder's config names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderWorkspace {
    /// The workspace's id.
    pub id: ResourceId,
    /// The file that says so, as seen from here.
    pub file: PathBuf,
    /// Why it may be somebody else's word: then nothing is written where it leads.
    pub distrust: Option<String>,
}

impl FolderWorkspace {
    /// The workspace that a `config.json` of these bytes names, or why it names none.
    pub fn parse(bytes: &[u8]) -> Result<ResourceId, &'static str> {
        // The portal's download may begin with a byte order mark.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let json = serde_json::from_slice::<Json>(bytes).map_err(|_| "it is not the JSON that Azure ML writes")?;
        let id = match (json.scope, json.subscription_id, json.resource_group, json.workspace_name) {
            (Some(scope), ..) => ResourceId::parse(&scope).ok().filter(|id| id.is_workspace() && strict(id)),
            (None, Some(subscription), Some(group), Some(name)) => workspace_id(&subscription, &group, &name),
            _ => None,
        };
        id.ok_or("it does not name a workspace")
    }
}

/// Both forms of `config.json`; what else stands in it is nobody's business.
#[derive(Deserialize)]
struct Json {
    #[serde(rename = "Scope")]
    scope: Option<String>,
    subscription_id: Option<String>,
    resource_group: Option<String>,
    workspace_name: Option<String>,
}

/// The nearest config of `from`, up to its git root or `home`. Each place is tried on the whole way up before the next,
/// as Azure ML's own libraries do. A plain `config.json` of some other program is passed over; one in `.azureml` that
/// names no workspace is an error.
pub(crate) fn find(from: &Path, home: Option<&Path>) -> Result<Option<FolderWorkspace>, Failure> {
    let mut way = Vec::new();
    for folder in from.ancestors().take(LEVELS) {
        way.push(folder);
        if folder.join(".git").exists() || Some(folder) == home {
            break;
        }
    }
    for place in FOLDERS {
        for file in FILES {
            for folder in &way {
                let path = folder.join(place).join(file);
                let shown = path.strip_prefix(from).unwrap_or(&path).to_owned();
                if let Some(found) = read(&path, &shown, !place.is_empty())? {
                    return Ok(Some(found));
                }
            }
        }
    }
    Ok(None)
}

fn read(path: &Path, shown: &Path, ours: bool) -> Result<Option<FolderWorkspace>, Failure> {
    let wrong = |cause: &str| {
        let doing = format!("read {}", SafeText::of(&shown.display().to_string()));
        let hint = "It names subscription_id, resource_group and workspace_name. `-w` goes without it.";
        if ours { Err(Failure::misused(doing, cause).hint(hint)) } else { Ok(None) }
    };
    let (bytes, about) = match files::read_plain(path, LIMIT) {
        Ok(read) => read,
        Err(none) if matches!(none.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(None),
        Err(other) => return wrong(&files::why(&other)),
    };
    match FolderWorkspace::parse(&bytes) {
        Ok(id) => {
            // In a folder of Azure ML's, whoever may write above it may put another one in its place.
            let distrust = files::distrust(path, &about, if ours { 2 } else { 1 });
            Ok(Some(FolderWorkspace { id, file: shown.to_owned(), distrust }))
        }
        Err(cause) => wrong(cause),
    }
}

/// The id of a workspace by its parts, if they are what Azure would take.
pub(crate) fn workspace_id(subscription: &str, group: &str, name: &str) -> Option<ResourceId> {
    let id = ResourceId::parse(&format!(
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{name}"
    ))
    .ok()?;
    // Slashes in a part would have made it the id of something else.
    (id.is_workspace() && id.name() == name && id.resource_group() == group && strict(&id)).then_some(id)
}

fn strict(id: &ResourceId) -> bool {
    let group = id.resource_group();
    let name = id.name();
    uuid::Uuid::try_parse(id.subscription()).is_ok()
        && id.subscription().len() == 36
        && (1..=90).contains(&group.chars().count())
        && !group.ends_with('.')
        && SafeText::of(group).as_str() == group
        && (2..=64).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// What `az configure --defaults` keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AzDefaults {
    /// `group`
    pub(crate) group: Option<String>,
    /// `workspace`
    pub(crate) workspace: Option<String>,
}

/// Reads `[defaults]` of az's own config. What cannot be read is as if it were not there: it is not ours.
pub(crate) fn az_defaults(azure_config_dir: Option<&Path>, home: Option<&Path>) -> AzDefaults {
    let Some(folder) = azure_config_dir.map(Path::to_owned).or_else(|| home.map(|home| home.join(".azure"))) else {
        return AzDefaults::default();
    };
    let bytes = files::read_plain(&folder.join("config"), LIMIT).map(|(bytes, _)| bytes).unwrap_or_default();
    let mut found = AzDefaults::default();
    let mut inside = false;
    for line in String::from_utf8_lossy(&bytes).lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == "[defaults]";
        } else if let (true, Some((key, value))) = (inside, line.split_once('=')) {
            let value = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
            match key.trim() {
                "group" => found.group = value,
                "workspace" => found.workspace = value,
                _ => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const SUBSCRIPTION: &str = "00000000-0000-4000-8000-000000000001";

    fn folder() -> PathBuf {
        let folder = std::env::temp_dir().join(format!("amlock-folder-{}", uuid::Uuid::new_v4()));
        fs::create_dir_all(folder.join("a/b/c/d/e")).expect("folders to work in");
        folder
    }

    fn portal(name: &str) -> String {
        format!(r#"{{"subscription_id":"{SUBSCRIPTION}","resource_group":"rg-ml","workspace_name":"{name}","x":1}}"#)
    }

    #[test]
    fn both_forms_are_read_and_azureml_wins_from_afar() {
        let root = folder();
        fs::write(root.join("a/b/config.json"), portal("ws-near")).expect("written");
        let found = find(&root.join("a/b"), None).expect("valid").expect("there");
        assert_eq!((found.id.name(), found.file.as_path()), ("ws-near", Path::new("config.json")));

        fs::create_dir(root.join("a/.azureml")).expect("made");
        let id = workspace_id(SUBSCRIPTION, "rg-ml", "ws-far").expect("an id");
        fs::write(root.join("a/.azureml/config.json"), format!("\u{feff}{{\"Id\":null,\"Scope\":\"{id}\"}}"))
            .expect("written");
        assert_eq!(find(&root.join("a/b"), None).expect("valid").expect("there").id.name(), "ws-far");
    }

    #[test]
    fn a_pipe_is_no_config_and_keeps_nobody_waiting() {
        let root = folder();
        let pipe = |path: PathBuf| {
            rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, 0o600.into(), 0).expect("a pipe");
        };
        pipe(root.join("config.json"));
        assert_eq!(find(&root, None), Ok(None));
        fs::create_dir(root.join(".azureml")).expect("made");
        pipe(root.join(".azureml/config.json"));
        assert!(find(&root, None).expect_err("refused").cause.contains("no plain file"));
        pipe(root.join("config"));
        assert_eq!(az_defaults(Some(&root), None), AzDefaults::default());
    }

    #[test]
    fn what_others_may_write_is_not_trusted() {
        use std::os::unix::fs::PermissionsExt as _;
        let root = folder();
        let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
        let azureml = root.join(".azureml");
        fs::create_dir(&azureml).expect("made");
        let file = azureml.join("config.json");
        fs::write(&file, portal("ws-one")).expect("written");
        let distrust = || find(&root, None).expect("valid").expect("there").distrust;
        for (path, usual) in [(&file, 0o644), (&azureml, 0o755), (&root, 0o755)] {
            mode(path, usual);
        }
        assert_eq!(distrust(), None);
        for (path, usual, open) in [(&file, 0o644, 0o664), (&azureml, 0o755, 0o757), (&root, 0o755, 0o775)] {
            mode(path, open);
            assert!(distrust().expect("not trusted").contains("others may write"), "{}", path.display());
            mode(path, usual);
        }
        mode(&root, 0o1777);
        assert_eq!(distrust(), None);
    }

    #[test]
    fn the_way_up_ends_at_git_at_home_and_after_five() {
        let root = folder();
        fs::create_dir(root.join(".azureml")).expect("made");
        fs::write(root.join(".azureml/config.json"), portal("ws-top")).expect("written");
        assert!(find(&root.join("a/b/c/d"), None).expect("valid").is_some());
        assert!(find(&root.join("a/b/c/d/e"), None).expect("valid").is_none());
        assert!(find(&root.join("a/b"), Some(&root.join("a"))).expect("valid").is_none());
        fs::create_dir(root.join("a/.git")).expect("made");
        assert!(find(&root.join("a/b"), None).expect("valid").is_none());
    }

    #[test]
    fn a_hostile_config_names_nothing() {
        let root = folder();
        fs::create_dir(root.join(".azureml")).expect("made");
        let path = root.join(".azureml/config.json");
        for bad in [
            String::new(),
            "[]".to_owned(),
            "{".to_owned(),
            "{}".to_owned(),
            portal("../../x"),
            portal("ws\\u001b[31m"),
            portal("ws-ok").replace("rg-ml", "rg\u{3164}ml"),
            portal("ws/onlineEndpoints/x"),
            portal(""),
            portal(&"w".repeat(65)),
            r#"{"Scope":"/subscriptions/1/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv"}"#.to_owned(),
            r#"{"subscription_id":"evil.example","resource_group":"g","workspace_name":"ws"}"#.to_owned(),
            format!("{}{}", portal("ws-ok"), " ".repeat(70_000)),
            "[".repeat(60_000),
        ] {
            fs::write(&path, &bad).expect("written");
            assert_eq!(find(&root, None).expect_err("refused").exit_code(), 2, "{bad:.80}");
        }
        // The same beside it, in a plain config.json, is simply some other program's.
        fs::remove_file(&path).expect("removed");
        fs::write(root.join("config.json"), r#"{"model_type":"bert"}"#).expect("written");
        assert_eq!(find(&root, None), Ok(None));
    }

    #[test]
    fn az_defaults_are_found_in_their_section() {
        let root = folder();
        fs::write(root.join("config"), "[cloud]\nname = x\ngroup = no\n[defaults]\ngroup = rg-ml\nworkspace=ws\n")
            .expect("written");
        let found = az_defaults(Some(&root), None);
        assert_eq!((found.group.as_deref(), found.workspace.as_deref()), (Some("rg-ml"), Some("ws")));
        assert_eq!(az_defaults(Some(&root.join("none")), None), AzDefaults::default());
    }
}
