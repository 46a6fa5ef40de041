//! Who signed in, as the answer to a person's sign-in tells.

use serde::Deserialize;

use crate::domain::{Failure, Kind, Sealed, TenantId, Untrusted};

use super::entra::Grant;
use super::{base64_json, jwt};

/// Who signed in, and with what to go on.
#[derive(Debug)]
pub(crate) struct SignedIn {
    /// The user principal name.
    pub(crate) name: Untrusted,
    /// The object id in the tenant signed in to.
    pub(crate) object_id: Untrusted,
    /// The tenant signed in to.
    pub(crate) tenant: TenantId,
    /// Object id and tenant where the user is at home.
    pub(crate) home: Option<(String, TenantId)>,
    /// What further tokens are asked with.
    pub(crate) refresh_token: Sealed,
    /// The first token, of the scope that was asked for, and its life in seconds.
    pub(crate) first: (Sealed, i64),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct IdToken {
    nonce: Option<String>,
    oid: Option<String>,
    tid: Option<String>,
    preferred_username: Option<String>,
    upn: Option<String>,
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ClientInfo {
    uid: String,
    utid: String,
}

impl SignedIn {
    /// Reads a grant. Where the question carried a `nonce`, its answer must carry it, too: another one answers somebody else's
    /// question.
    pub(crate) fn of(grant: Grant, asked: Option<&TenantId>, nonce: Option<&str>) -> Result<Self, Failure> {
        let unclear = |why: &'static str| Failure::new(Kind::Failed, "sign in", why).hint("try again");
        let id: IdToken = grant.id_token.as_deref().and_then(jwt).unwrap_or_default();
        if nonce.is_some() && id.nonce.as_deref() != nonce {
            return Err(unclear("the answer of sign-in belongs to another question; it was not used"));
        }
        let nobody = || unclear("the answer of sign-in does not say who signed in");
        let info: Option<ClientInfo> = grant.client_info.as_deref().and_then(base64_json);
        let home = info.and_then(|info| Some((info.uid, TenantId::parse(&info.utid).ok()?)));
        let tenant = id.tid.as_deref().and_then(|tid| TenantId::parse(tid).ok());
        let tenant = tenant.or_else(|| asked.cloned()).or_else(|| home.as_ref().map(|(_, tenant)| tenant.clone()));
        let tenant = tenant.ok_or_else(nobody)?;
        let object_id = id.oid.or_else(|| home.as_ref().map(|(uid, _)| uid.clone())).ok_or_else(nobody)?;
        let name = id.preferred_username.or(id.upn).or(id.name).unwrap_or_else(|| object_id.clone());
        Ok(Self {
            name: name.into(),
            object_id: object_id.into(),
            tenant,
            home,
            refresh_token: grant.refresh_token.ok_or_else(nobody)?,
            first: (grant.access_token, grant.expires_in),
        })
    }
}
