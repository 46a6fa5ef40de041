//! A service principal in a file: what `az ad sp create-for-rbac` prints, with or without `--sdk-auth` (`--json-auth`).

use serde::Deserialize;

use crate::domain::{ClientId, Failure, Sealed, TenantId};

const DOING: &str = "read the auth file";

/// The principal a file tells of.
#[derive(Debug)]
pub struct AuthFile {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its client id.
    pub client_id: ClientId,
    /// Its secret.
    pub secret: Sealed,
}

#[derive(Deserialize)]
struct Shape {
    #[serde(rename = "tenantId", alias = "tenant")]
    tenant: TenantId,
    #[serde(rename = "clientId", alias = "appId")]
    client_id: ClientId,
    #[serde(rename = "clientSecret", alias = "password")]
    secret: Sealed,
    #[serde(rename = "activeDirectoryEndpointUrl")]
    login: Option<String>,
}

impl AuthFile {
    /// Reads such a file.
    pub fn open(file: &std::path::Path, login: &str) -> Result<Self, Failure> {
        let doing = format!("read the auth file {}", file.display());
        let bytes = super::environment::read(file, &doing)?;
        Self::read(&bytes, login).map_err(|failure| Failure { doing: doing.into(), ..failure })
    }

    /// Reads the JSON. `login` is the host that signs in here: a file made for another cloud is refused, as its secret has no
    /// business there.
    pub fn read(bytes: &[u8], login: &str) -> Result<Self, Failure> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        // serde's own words would quote what it read.
        let shape: Shape = serde_json::from_slice(text).map_err(|_| {
            Failure::misused(DOING, "it does not hold tenantId, clientId and clientSecret as JSON")
                .hint("`az ad sp create-for-rbac --json-auth` prints one")
        })?;
        let host = shape.login.as_deref().and_then(|url| url::Url::parse(url).ok());
        if host.as_ref().and_then(url::Url::host_str).is_some_and(|host| host != login) {
            return Err(Failure::misused(DOING, "it was made for another Azure cloud").hint("--cloud names that one"));
        }
        if shape.secret.bytes() == 0 {
            return Err(Failure::misused(DOING, "its client secret is empty"));
        }
        Ok(Self { tenant: shape.tenant, client_id: shape.client_id, secret: shape.secret })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_of_az_s_shapes_are_read_and_no_other() {
        let sdk = br#"{"clientId":"C-1","clientSecret":"s","subscriptionId":"x","tenantId":"t-1",
            "activeDirectoryEndpointUrl":"https://login.microsoftonline.com","resourceManagerEndpointUrl":"https://management.azure.com/"}"#;
        let plain = br#"{"appId":"c-1","displayName":"ml-auth","password":"s","tenant":"t-1"}"#;
        for file in [&sdk[..], &plain[..], &[b"\xef\xbb\xbf", &plain[..]].concat()] {
            let read = AuthFile::read(file, "login.microsoftonline.com").expect("one of az's shapes");
            assert_eq!((read.tenant.as_str(), read.client_id.as_str(), read.secret.bytes()), ("t-1", "c-1", 1));
        }
        let china = AuthFile::read(sdk, "login.chinacloudapi.cn").expect_err("of another cloud");
        assert!(china.sentence().contains("another Azure cloud"));
        for junk in [&b"{}"[..], b"", br#"{"appId":"c","password":"hunter2hunter2","tenant":"../x"}"#] {
            let failure = AuthFile::read(junk, "login.microsoftonline.com").expect_err("junk");
            assert!(!failure.to_string().contains("hunter2"));
        }
    }
}
