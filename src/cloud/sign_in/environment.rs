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

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)]) -> Option<Found> {
        principal(|name| variables.iter().find(|(have, _)| *have == name).map(|(_, value)| (*value).to_owned()))
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
