//! A user's login: a refresh token, good for every tenant the user is in and every service.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};

use crate::domain::{Failure, Sealed, TenantId};

use super::entra::{Entra, Grant};
use super::{PUBLIC_CLIENT, azure_token, claims, wrapped};
use crate::cloud::problem;
use crate::cloud::tokens::Login;

/// Hears each new refresh token, to remember it.
pub(crate) type Keep = Box<dyn Fn(&Sealed) + Send + Sync>;

/// A user's refresh token, the newest one.
struct UserLogin {
    entra: Entra,
    refresh_token: Mutex<Arc<Sealed>>,
    keep: Option<Keep>,
}

impl std::fmt::Debug for UserLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserLogin").finish_non_exhaustive()
    }
}

impl UserLogin {
    fn newest(&self) -> Arc<Sealed> {
        Arc::clone(&self.refresh_token.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn redeem(&self, tenant: &TenantId, scope: &str, claims: Option<&str>) -> Result<Grant, Failure> {
        let doing = "sign in";
        let scopes = format!("{scope} openid profile offline_access");
        let refresh_token = self.newest();
        let mut form = vec![
            ("client_id", PUBLIC_CLIENT),
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.unseal()),
            ("scope", scopes.as_str()),
            ("client_info", "1"),
        ];
        form.extend(claims.map(|claims| ("claims", claims)));
        let answer = self.entra.post(tenant.as_str(), "token", &form, doing).await?;
        let grant: Result<Grant, Failure> = self.entra.read(&answer, doing);
        let mut grant = grant.map_err(|failure| problem::in_tenant(failure, tenant))?;
        if let Some(next) = grant.refresh_token.take() {
            if let Some(keep) = &self.keep {
                keep(&next);
            }
            *self.refresh_token.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        }
        Ok(grant)
    }
}

/// A user's credentials, one for each tenant, over one refresh token.
#[derive(Debug)]
pub(crate) struct UserLogins(Arc<UserLogin>);

impl UserLogins {
    /// A login with `refresh_token`; `keep` hears the ones that follow it.
    pub(crate) fn new(entra: Entra, refresh_token: Sealed, keep: Option<Keep>) -> Arc<Self> {
        let refresh_token = Mutex::new(Arc::new(refresh_token));
        Arc::new(Self(Arc::new(UserLogin { entra, refresh_token, keep })))
    }
}

impl Login for UserLogins {
    fn credential(&self, tenant: &TenantId) -> Arc<dyn TokenCredential> {
        Arc::new(InTenant { login: Arc::clone(&self.0), tenant: tenant.clone() })
    }
}

#[derive(Debug)]
struct InTenant {
    login: Arc<UserLogin>,
    tenant: TenantId,
}

#[async_trait]
impl TokenCredential for InTenant {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let claims = claims(options.as_ref());
        let grant = self.login.redeem(&self.tenant, &scopes.join(" "), claims.as_deref()).await.map_err(wrapped)?;
        Ok(azure_token(&grant.access_token, grant.expires_in, self.login.entra.clock()))
    }
}
