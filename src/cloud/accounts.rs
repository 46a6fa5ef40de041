//! The accounts of a [`Cloud`], in their order, each with its login.

use std::sync::{Arc, PoisonError, RwLock};

use crate::domain::{
    AccessToken, Account, AccountId, AccountKind, ClientId, Failure, Kept, Kind, Sealed, Stranger, TenantId,
    TokenClaims, Untrusted, Who,
};

use super::clock::Clock;
use super::gate::{Audience, BearerToken, Identity};
use super::sign_in::principal::{Principal, Proof};
use super::sign_in::refresh::UserLogins;
use super::tokens::{CachedCredential, Login};
use super::{Cloud, sign_in};

/// The accounts and their tokens. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accounts(Arc<RwLock<Vec<Entry>>>);

#[derive(Clone, Debug)]
struct Entry {
    account: Account,
    tokens: Arc<CachedCredential>,
}

impl Accounts {
    /// Adds an account; one with the same id is replaced in its place.
    pub(crate) fn put(&self, account: Account, login: Arc<dyn Login>, clock: Clock) -> Arc<CachedCredential> {
        let tokens = CachedCredential::new(login, clock);
        self.put_cached(account, Arc::clone(&tokens));
        tokens
    }

    /// The same, with its tokens so far.
    pub(crate) fn put_cached(&self, account: Account, tokens: Arc<CachedCredential>) {
        let entry = Entry { account, tokens };
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match entries.iter_mut().find(|have| have.account.id == entry.account.id) {
            Some(have) => *have = entry,
            None => entries.push(entry),
        }
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<Account> {
        let entries = self.0.read().unwrap_or_else(PoisonError::into_inner);
        entries.iter().map(|entry| entry.account.clone()).collect()
    }

    fn entry(&self, id: &AccountId) -> Option<Entry> {
        let entries = self.0.read().unwrap_or_else(PoisonError::into_inner);
        entries.iter().find(|entry| entry.account.id == *id).cloned()
    }

    /// One of them.
    pub(crate) fn get(&self, id: &AccountId) -> Option<Account> {
        self.entry(id).map(|entry| entry.account)
    }

    /// Takes one out.
    pub(crate) fn remove(&self, id: &AccountId) -> Option<Account> {
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let at = entries.iter().position(|entry| entry.account.id == *id)?;
        Some(entries.remove(at).account)
    }

    /// A token that lives.
    pub(crate) async fn token(&self, who: &Who, scope: &str) -> Result<Arc<BearerToken>, Failure> {
        let entry = self.entry(&who.account).ok_or_else(signed_out)?;
        let token = entry.tokens.get(&who.tenant, scope).await?;
        self.learn(&entry.account, who, &token);
        Ok(token)
    }

    /// Whether the Azure CLI must be asked for a token before anything else can be.
    pub(crate) fn asks_az(&self, who: &Who, scope: &str) -> bool {
        let az = self.entry(&who.account).filter(|entry| entry.account.kind == AccountKind::AzureCli);
        az.is_some_and(|entry| !entry.tokens.has(&who.tenant, scope))
    }

    /// Another token than `stale`.
    pub(crate) async fn renew(
        &self,
        who: &Who,
        scope: &str,
        stale: &Arc<BearerToken>,
        claims: Option<String>,
    ) -> Result<Arc<BearerToken>, Failure> {
        let entry = self.entry(&who.account).ok_or_else(signed_out)?;
        entry.tokens.renew(&who.tenant, scope, stale, claims).await
    }

    /// Who an account's newest token speaks for, where that is somebody else than before (M37).
    pub(crate) fn stranger(&self, id: &AccountId) -> Option<Stranger> {
        let entry = self.entry(id)?;
        let claims = entry.tokens.stranger()?;
        Some(Stranger { account: id.clone(), was: entry.account.name, now: name_in(&claims) })
    }

    /// The id of a tenant that is named by a domain or was not known, as a token told it.
    pub(crate) fn told(&self, who: &Who) -> Option<TenantId> {
        if is_id(&who.tenant) {
            return None;
        }
        self.entry(&who.account)?.tokens.told(&who.tenant)
    }

    /// Takes whoever the account's newest token speaks for as the one it is.
    pub(crate) fn accept(&self, id: &AccountId) -> Option<Account> {
        self.change(id, |entry| {
            let Some(claims) = entry.tokens.stranger() else { return };
            entry.account.name = name_in(&claims);
            // Elsewhere a person has another object id than at home, and of a machine or of az the next token tells more than that.
            let at_home =
                claims.tid.as_deref().is_some_and(|tid| tid.eq_ignore_ascii_case(entry.account.tenant.as_str()));
            let told = at_home && entry.account.kind == AccountKind::User;
            entry.account.object_id = claims.oid.as_deref().filter(|_| told).map(Untrusted::from);
            entry.account.token_of = None;
            entry.tokens.accept();
        })
    }

    /// From now on the account's login lives there.
    pub(crate) fn lives(&self, id: &AccountId, kept: Kept) -> Option<Account> {
        self.change(id, |entry| entry.account.kept = kept)
    }

    fn change(&self, id: &AccountId, change: impl FnOnce(&mut Entry)) -> Option<Account> {
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.iter_mut().find(|entry| entry.account.id == *id)?;
        change(entry);
        Some(entry.account.clone())
    }

    /// The same accounts for one of their own logins, which must not keep them alive.
    pub(crate) fn weak(&self) -> impl Fn(&AccountId) -> Option<Account> + Send + Sync + 'static {
        let entries = Arc::downgrade(&self.0);
        move |id| Self(entries.upgrade()?).get(id)
    }

    /// The first token of an account's own tenant tells its object id, and whether it is a person's; a guest's object id in
    /// other tenants is another one.
    fn learn(&self, account: &Account, who: &Who, token: &BearerToken) {
        let Identity { oid, token_of, .. } = &token.identity;
        let new = (account.object_id.is_none() && oid.is_some()) || (account.token_of.is_none() && token_of.is_some());
        if !new || (account.tenant != who.tenant && account.kind != AccountKind::ManagedIdentity) {
            return;
        }
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.iter_mut().find(|entry| entry.account.id == account.id) {
            entry.account.token_of = entry.account.token_of.or(*token_of);
            let (None, Some(oid)) = (&entry.account.object_id, oid) else { return };
            entry.account.object_id = Some(oid.as_str().into());
            // It may have been named by a domain.
            let told = token.identity.tid.as_deref().and_then(|tid| TenantId::parse(tid).ok());
            if let Some(tenant) = told.filter(|_| !is_id(&entry.account.tenant)) {
                entry.account.tenant = tenant;
            }
            match entry.account.kind {
                AccountKind::ManagedIdentity => {
                    machine_is(&mut entry.account, &sign_in::claims_of(token));
                    // It was not known whose tenant this token was asked for.
                    entry.tokens.pin(&entry.account.tenant, &token.identity);
                }
                AccountKind::AzureCli => az_is(&mut entry.account, &sign_in::claims_of(token)),
                _ => {}
            }
        }
    }
}

fn is_id(tenant: &TenantId) -> bool {
    uuid::Uuid::try_parse(tenant.as_str()).is_ok()
}

/// The name in a token's claims: a person's, else whatever tells it from others.
fn name_in(claims: &TokenClaims) -> Untrusted {
    let names = [&claims.upn, &claims.name, &claims.oid, &claims.appid];
    names
        .into_iter()
        .flatten()
        .find(|name| !name.is_empty())
        .map_or_else(|| "somebody".into(), |name| name.as_str().into())
}

/// A machine does not know whose it is before its first token: the identity's own name, or the person's it was given to.
pub(crate) fn machine_is(account: &mut Account, claims: &TokenClaims) {
    if let Some(tenant) = claims.tid.as_deref().and_then(|tid| TenantId::parse(tid).ok()) {
        account.tenant = tenant;
    }
    let named = claims.xms_mirid.as_deref().and_then(|id| id.rsplit('/').next()).filter(|name| !name.is_empty());
    if let Some(name) = claims.upn.as_deref().or(named).or(claims.appid.as_deref()) {
        account.name = name.into();
    }
    account.object_id = claims.oid.as_deref().map(Untrusted::from);
}

/// az's notes say whose its tokens are; where a token says somebody else, that is who acts.
fn az_is(account: &mut Account, claims: &TokenClaims) {
    let Some(upn) = claims.upn.as_deref().filter(|upn| !upn.is_empty()) else { return };
    let noted = account.name.raw().to_lowercase();
    let upn_lower = upn.to_lowercase();
    // A guest's: `live.com#alex@outlook.com`, `alex_contoso.com#EXT#@fabrikam.onmicrosoft.com`.
    let home = upn_lower.split_once("#ext#").map(|(home, _)| home.replace('@', "_"));
    let same = upn_lower.rsplit('#').next() == Some(noted.as_str()) || home == Some(noted.replace('@', "_"));
    if !same {
        account.name = upn.into();
    }
}

fn signed_out() -> Failure {
    Failure::new(Kind::SignedOut, "sign in", "this account is not signed in").hint("sign in again")
}

impl Cloud {
    /// Accounts that can sign in without a question: remembered ones first, then the environment's principal, then az's. Asks no network.
    pub fn accounts(&self) -> Vec<Account> {
        self.accounts.all()
    }

    /// An account, as far as its tokens told so far.
    pub fn account(&self, id: &AccountId) -> Option<Account> {
        self.accounts.get(id)
    }

    /// Takes over a user's refresh token that is known from elsewhere (the demo's seeded logins).
    pub fn adopt_user(
        &self,
        name: Untrusted,
        object_id: Untrusted,
        tenant: TenantId,
        refresh_token: Sealed,
    ) -> Account {
        let account = Account {
            id: account_id(object_id.raw(), &tenant),
            name,
            kind: AccountKind::User,
            tenant,
            tenant_name: None,
            object_id: Some(object_id),
            token_of: None,
            kept: Kept::Memory,
            ends: None,
        };
        self.accounts.put(account.clone(), UserLogins::new(self.entra.clone(), refresh_token, None), self.clock);
        account
    }

    /// Takes over a service principal's secret that is known from elsewhere.
    pub fn adopt_principal(&self, name: Untrusted, tenant: TenantId, client_id: ClientId, secret: Sealed) -> Account {
        let account = principal(name, tenant, &client_id, Kept::Memory);
        self.accounts.put(
            account.clone(),
            Principal::new(self.entra.clone(), client_id, Proof::Secret(secret)),
            self.clock,
        );
        account
    }

    /// What a token for one of Azure's services is asked for in this cloud: `https://vault.azure.net`.
    pub fn resource(&self, audience: Audience) -> String {
        let scope = self.hosts.scope(audience).unwrap_or_default();
        scope.strip_suffix("/.default").unwrap_or(scope).to_owned()
    }

    /// A token for `resource`: an [`Audience`]'s own or any other URI's `.default` scope.
    pub async fn token(&self, who: &Who, resource: &str) -> Result<AccessToken, Failure> {
        let doing = format!("get a token for {resource}");
        let scope = self.scope(resource).ok_or_else(|| {
            Failure::misused(doing.clone(), "this is not a resource")
                .hint(format!("name it as https://{}", self.arm_host()))
        })?;
        let token = self.accounts.token(who, &scope).await;
        token.map(|token| sign_in::copy(&token)).map_err(|failure| Failure { doing: doing.into(), ..failure })
    }

    /// The scope of a resource: Azure's own in one spelling, so that they share a token; another's as it stands, since what
    /// looks like one slash too many is part of it.
    fn scope(&self, resource: &str) -> Option<String> {
        let fits = (1..=512).contains(&resource.len()) && resource.bytes().all(|b| b.is_ascii_graphic());
        let bare = resource.strip_suffix("/.default").unwrap_or(resource);
        if !fits || bare.is_empty() {
            return None;
        }
        let ours = [Audience::Arm, Audience::Vault, Audience::Ml, Audience::Graph]
            .iter()
            .filter_map(|audience| self.hosts.scope(*audience))
            .find(|scope| scope.strip_suffix("/.default") == Some(bare.trim_end_matches('/')));
        Some(ours.map_or_else(|| format!("{bare}/.default"), str::to_owned))
    }
}

/// `{object or client id}.{tenant}`; what cannot be part of an id is left out, as it is only a name among ourselves.
pub(crate) fn account_id(object_id: &str, tenant: &TenantId) -> AccountId {
    let clean: String = object_id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(64).collect();
    let text: String = format!("{clean}.{tenant}").chars().take(128).collect();
    AccountId::parse(&text).expect("made of an id's characters only")
}

/// A service principal's account.
pub(crate) fn principal(name: Untrusted, tenant: TenantId, client_id: &ClientId, kept: Kept) -> Account {
    Account {
        id: account_id(client_id.as_str(), &tenant),
        name,
        kind: AccountKind::Principal,
        tenant,
        tenant_name: None,
        object_id: None,
        token_of: None,
        kept,
        ends: None,
    }
}
