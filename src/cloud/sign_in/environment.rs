//! A service principal in environment variables, under each of the names that Azure's own programs and pages use.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::domain::{ClientId, Failure, Sealed, TenantId};

use super::certificate::{CERTIFICATE_CAP, Certificate};
use super::principal::Proof;

/// Three variables that make a principal: its tenant, its client id, its secret.
struct Family {
    tenant: &'static str,
    client_id: &'static str,
    secret: &'static str,
}

/// Azure's libraries read the first; the Azure ML SDK the second; its documentation sets the third in its examples.
const FAMILIES: [Family; 3] = [
    Family { tenant: "AZURE_TENANT_ID", client_id: "AZURE_CLIENT_ID", secret: "AZURE_CLIENT_SECRET" },
    Family {
        tenant: "AZUREML_SERVICE_PRINCIPAL_TENANT_ID",
        client_id: "AZUREML_SERVICE_PRINCIPAL_ID",
        secret: "AZUREML_SERVICE_PRINCIPAL_PASSWORD",
    },
    Family { tenant: "AML_TENANT_ID", client_id: "AML_PRINCIPAL_ID", secret: "AML_PRINCIPAL_PASS" },
];
const CERTIFICATE: &str = "AZURE_CLIENT_CERTIFICATE_PATH";
const CERTIFICATE_PASSWORD: &str = "AZURE_CLIENT_CERTIFICATE_PASSWORD";
const SEND_CHAIN: &str = "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN";
const FEDERATED: &str = "AZURE_FEDERATED_TOKEN_FILE";

/// A principal somebody set in the environment.
#[derive(Debug)]
pub(crate) struct Found {
    /// Its tenant.
    pub(crate) tenant: TenantId,
    /// Its client id.
    pub(crate) client_id: ClientId,
    /// What proves it.
    pub(crate) proof: Proof,
    /// The variable that named it.
    pub(crate) named_by: &'static str,
}

/// The principal that `variable` tells of, if one is whole. The proof of AZURE_* is its secret, else its certificate, else its
/// federated token, as in Azure's own libraries.
pub(crate) fn principal(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Found>, Failure> {
    let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    for family in &FAMILIES {
        let ids = (set(family.tenant), set(family.client_id));
        let (Some(tenant), Some(client_id)) = ids else { continue };
        let ids = (TenantId::parse(tenant.trim()), ClientId::parse(client_id.trim()));
        let (Ok(tenant), Ok(client_id)) = ids else { continue };
        let proof = match set(family.secret) {
            Some(secret) => Some(Proof::Secret(Sealed::new(secret))),
            None if family.tenant == FAMILIES[0].tenant => without_secret(&set)?,
            None => None,
        };
        if let Some(proof) = proof {
            return Ok(Some(Found { tenant, client_id, proof, named_by: family.client_id }));
        }
    }
    Ok(None)
}

fn without_secret(set: &impl Fn(&str) -> Option<String>) -> Result<Option<Proof>, Failure> {
    if let Some(file) = set(CERTIFICATE) {
        let password = set(CERTIFICATE_PASSWORD).map(Sealed::new);
        let sends_chain = set(SEND_CHAIN).is_some_and(|value| matches!(value.trim(), "1" | "true" | "True"));
        let certificate = certificate(Path::new(&file), password.as_ref(), sends_chain)?;
        return Ok(Some(Proof::Certificate(Box::new(certificate))));
    }
    Ok(set(FEDERATED).map(|file| Proof::FederatedToken(PathBuf::from(file))))
}

/// The certificate in a file.
pub(crate) fn certificate(file: &Path, password: Option<&Sealed>, sends_chain: bool) -> Result<Certificate, Failure> {
    let doing = format!("read the certificate {}", file.display());
    let bytes = read(file, &doing)?;
    Certificate::read(&bytes, password, sends_chain).map_err(|failure| Failure { doing: doing.into(), ..failure })
}

/// What a small file with something secret holds.
pub(crate) fn read(file: &Path, doing: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let wrong = |why: &str| Failure::misused(doing.to_owned(), why).hint("check the path");
    let unread = |error: &std::io::Error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => wrong("there is no such file"),
        ErrorKind::PermissionDenied => wrong("it may not be read"),
        kind => wrong(&kind.to_string()),
    };
    // Opening anything but a file might wait for somebody.
    let about = file.metadata().map_err(|error| unread(&error))?;
    if about.is_dir() {
        return Err(wrong("it is a folder"));
    }
    if !about.is_file() {
        return Err(wrong("it is no plain file"));
    }
    let opened = File::open(file).map_err(|error| unread(&error))?;
    let mut bytes = Zeroizing::new(Vec::new());
    let read = opened.take(CERTIFICATE_CAP).read_to_end(&mut bytes);
    read.map_err(|error| Failure::misused(doing.to_owned(), error.kind().to_string()).hint("check the file"))?;
    Ok(bytes)
}

/// What is wrong with a principal that somebody began to set: nobody should wonder why another account is used.
pub(crate) fn trouble(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let set = |name: &str| variable(name).is_some_and(|value| !value.trim().is_empty());
    match principal(&variable) {
        Ok(Some(_)) => return None,
        Err(failure) => return Some(format!("{} That service principal is not used.", failure.sentence())),
        Ok(None) => {}
    }
    FAMILIES.iter().find_map(|family| {
        let names = [family.tenant, family.client_id, family.secret];
        let (have, missing): (Vec<&str>, Vec<&str>) = names.into_iter().partition(|name| set(name));
        // One alone may be meant for other programs: a tenant for az, a client id for a managed identity.
        if have.len() < 2 {
            return None;
        }
        let all = have.join(" and ");
        Some(match missing.first() {
            Some(missing) => format!("{all} are set, but {missing} is not: that service principal is not used."),
            None => format!(
                "{} or {} cannot be right: that service principal is not used.",
                family.tenant, family.client_id
            ),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        let variables: Vec<(String, String)> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        move |name| variables.iter().find(|(have, _)| have == name).map(|(_, value)| value.clone())
    }

    #[test]
    fn what_is_missing_of_a_principal_is_told() {
        let all = [("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c"), ("AZURE_CLIENT_SECRET", "s")];
        let told = |variables: &[(&str, &str)]| trouble(of(variables));
        assert_eq!((told(&all), told(&all[..1]), told(&[])), (None, None, None));
        assert!(told(&all[..2]).is_some_and(|words| words.contains("AZURE_CLIENT_SECRET is not")));
        assert!(
            told(&[("AZURE_TENANT_ID", "../x"), all[1], all[2]]).is_some_and(|words| words.contains("cannot be right"))
        );
        assert_eq!(told(&[all[0], all[1], (FEDERATED, "/f")]), None);
        let aml = [("AML_TENANT_ID", "t"), ("AML_PRINCIPAL_ID", "c")];
        assert!(told(&aml).is_some_and(|words| words.contains("AML_PRINCIPAL_PASS is not")));
        let broken = told(&[all[0], all[1], (CERTIFICATE, "/no/such/file.pem")]);
        assert!(broken.is_some_and(|words| words.contains("/no/such/file.pem")));
    }

    #[test]
    fn what_cannot_be_read_is_called_what_it_is() {
        let why = |file: &str| read(Path::new(file), "read the certificate").expect_err("unreadable").cause;
        assert_eq!(why("/tmp"), "it is a folder");
        assert_eq!(why("/dev/null"), "it is no plain file");
        assert_eq!(why("/no/such/file.pem"), "there is no such file");
        assert_eq!(why("/etc/passwd/file.pem"), "there is no such file");
    }

    #[test]
    fn a_principal_is_whole_or_none_under_any_of_its_names() {
        for family in &FAMILIES {
            let all = [(family.tenant, "T-1"), (family.client_id, "c-1"), (family.secret, "s~+&=")];
            let found = principal(of(&all)).expect("readable").expect("whole");
            assert_eq!((found.tenant.as_str(), found.named_by), ("t-1", family.client_id));
            assert!(matches!(found.proof, Proof::Secret(secret) if secret.bytes() == 5));
            assert!(principal(of(&all[..2])).expect("nothing to read").is_none());
            assert!(principal(of(&[all[0], all[1], (family.secret, "")])).expect("nothing to read").is_none());
            assert!(principal(of(&[(family.tenant, "../x"), all[1], all[2]])).expect("nothing to read").is_none());
        }
    }

    #[test]
    fn a_secret_comes_before_a_certificate_and_that_before_a_federated_token() {
        let ids = [("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c")];
        let with = |more: &[(&'static str, &'static str)]| principal(of(&[&ids[..], more].concat()));
        let token = with(&[(FEDERATED, "/var/run/token")]).expect("readable").expect("whole");
        assert!(matches!(token.proof, Proof::FederatedToken(file) if file == Path::new("/var/run/token")));
        assert!(with(&[(FEDERATED, "/f"), (CERTIFICATE, "/none")]).is_err(), "not another identity instead");
        let secret = with(&[("AZURE_CLIENT_SECRET", "s"), (CERTIFICATE, "/none")]).expect("readable").expect("whole");
        assert!(matches!(secret.proof, Proof::Secret(_)));
    }
}
