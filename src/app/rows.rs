//! How the nouns stand in lists: what makes each itself, and what the filter looks at.

use crate::domain::{Account, DeletedSecret, Endpoint, Secret, SecretVersion, Tenant, Untrusted, Workspace};

use super::list::Row;

impl Row for Account {
    fn key(&self) -> String {
        self.id.to_string()
    }
    fn name(&self) -> &Untrusted {
        &self.name
    }
}

impl Row for Tenant {
    fn key(&self) -> String {
        self.id.to_string()
    }
    fn name(&self) -> &Untrusted {
        &self.name
    }
}

impl Row for Workspace {
    fn key(&self) -> String {
        self.id.as_str().to_lowercase()
    }
    fn name(&self) -> &Untrusted {
        &self.name
    }
}

impl Row for Secret {
    fn key(&self) -> String {
        self.name.raw().to_lowercase()
    }
    fn name(&self) -> &Untrusted {
        &self.name
    }
}

impl Row for SecretVersion {
    fn key(&self) -> String {
        self.secret.version.as_ref().map(|version| version.raw().to_owned()).unwrap_or_default()
    }
    fn name(&self) -> &Untrusted {
        self.secret.version.as_ref().unwrap_or(&self.secret.name)
    }
}

impl Row for DeletedSecret {
    fn key(&self) -> String {
        self.secret.name.raw().to_lowercase()
    }
    fn name(&self) -> &Untrusted {
        &self.secret.name
    }
}

impl Row for Endpoint {
    fn key(&self) -> String {
        self.id.as_str().to_lowercase()
    }
    fn name(&self) -> &Untrusted {
        &self.name
    }
}
