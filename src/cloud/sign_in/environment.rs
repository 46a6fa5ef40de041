//! A service principal in environment variables, as Azure's own libraries read it.

use crate::domain::{ClientId, Sealed, TenantId};

/// A principal somebody set in the environment.
#[derive(Debug)]
pub(crate) struct Found {
    /// AZURE_TENANT_ID.
    pub(crate) tenant: TenantId,
    /// AZURE_CLIENT_ID.
    pub(crate) client_id: ClientId,
    /// AZURE_CLIENT_SECRET.
    pub(crate) secret: Sealed,
}

/// The principal that `variable` tells of, if it is whole.
pub(crate) fn principal(variable: impl Fn(&str) -> Option<String>) -> Option<Found> {
    let tenant = TenantId::parse(variable("AZURE_TENANT_ID")?.trim()).ok()?;
    let client_id = ClientId::parse(variable("AZURE_CLIENT_ID")?.trim()).ok()?;
    let secret = variable("AZURE_CLIENT_SECRET").filter(|secret| !secret.is_empty())?;
    Some(Found { tenant, client_id, secret: Sealed::new(secret) })
}

/// What is wrong with a principal that somebody began to set: nobody should wonder why another account is used.
pub(crate) fn trouble(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let set = |name: &&str| variable(name).is_some_and(|value| !value.trim().is_empty());
    // A certificate or a federated token takes the secret's place; those ways are not amlock's yet.
    if principal(&variable).is_some() || ["AZURE_FEDERATED_TOKEN_FILE", "AZURE_CLIENT_CERTIFICATE_PATH"].iter().any(set)
    {
        return None;
    }
    let names = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"];
    let (have, missing): (Vec<&str>, Vec<&str>) = names.into_iter().partition(|name| set(name));
    // One alone may be meant for other programs: a tenant for az, a client id for a managed identity.
    if have.len() < 2 {
        return None;
    }
    let all = have.join(" and ");
    Some(match missing.first() {
        Some(missing) => format!("{all} are set, but {missing} is not: that service principal is not used."),
        None => "AZURE_TENANT_ID or AZURE_CLIENT_ID cannot be right: that service principal is not used.".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)]) -> Option<Found> {
        principal(|name| variables.iter().find(|(have, _)| *have == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn what_is_missing_of_a_principal_is_told() {
        let told = |variables: &[(&str, &str)]| {
            trouble(|name| variables.iter().find(|(have, _)| *have == name).map(|(_, value)| (*value).to_owned()))
        };
        let all = [("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c"), ("AZURE_CLIENT_SECRET", "s")];
        assert_eq!((told(&all), told(&all[..1]), told(&[])), (None, None, None));
        assert!(told(&all[..2]).is_some_and(|words| words.contains("AZURE_CLIENT_SECRET is not")));
        assert!(
            told(&[("AZURE_TENANT_ID", "../x"), all[1], all[2]]).is_some_and(|words| words.contains("cannot be right"))
        );
        assert_eq!(told(&[all[0], all[1], ("AZURE_FEDERATED_TOKEN_FILE", "/f")]), None);
    }

    #[test]
    fn a_principal_is_whole_or_none() {
        let all = [("AZURE_TENANT_ID", "T-1"), ("AZURE_CLIENT_ID", "c-1"), ("AZURE_CLIENT_SECRET", "s~+&=")];
        let principal = found(&all).expect("whole");
        assert_eq!((principal.tenant.as_str(), principal.secret.bytes()), ("t-1", 5));
        assert!(found(&all[..2]).is_none());
        assert!(found(&[all[0], all[1], ("AZURE_CLIENT_SECRET", "")]).is_none());
        assert!(found(&[("AZURE_TENANT_ID", "../x"), all[1], all[2]]).is_none());
    }
}
