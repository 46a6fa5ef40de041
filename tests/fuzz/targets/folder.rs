//! A folder's `config.json`, which anybody may have written: it names a workspace in Azure's own letters, or nothing.

use amlock::cli::FolderWorkspace;
use amlock::domain::ResourceId;

use super::clean;

pub(crate) fn holds(data: &[u8]) {
    let Ok(id) = FolderWorkspace::parse(data) else { return };
    assert!(id.is_workspace());
    assert!(uuid::Uuid::try_parse(id.subscription()).is_ok());
    assert!(id.name().bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{id}");
    assert_eq!(clean::intruder(id.as_str()), None, "{id}");
    assert!(!id.as_str().contains("..") || id.resource_group().contains(".."), "{id}");
    assert_eq!(ResourceId::parse(id.as_str()).as_ref(), Ok(&id), "it reads as itself");
}
