//! One cache of tokens in front of every way to sign in: one request in flight for each tenant and scope, renewed ahead of
//! its end, and the old token serves while it lives.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use azure_core::credentials::{TokenCredential, TokenRequestOptions};
use azure_core::http::{ClientMethodOptions, Context};

use crate::domain::{Failure, Kind, Moment, TenantId, TokenClaims};

use super::clock::Clock;
use super::gate::{BearerToken, Identity};
use super::sign_in::{Claims, bearer, claims_of};

/// How long before its end a token is renewed.
const AHEAD: Duration = Duration::from_mins(5);
/// How long after a failed renewal the next one waits, while the old token lives.
const PATIENCE: Duration = Duration::from_secs(30);

/// A login: makes a credential for each tenant it is let into.
pub(crate) trait Login: std::fmt::Debug + Send + Sync {
    /// The credential for `tenant`.
    fn credential(&self, tenant: &TenantId) -> Arc<dyn TokenCredential>;
}

/// The tokens of one login.
#[derive(Debug)]
pub(crate) struct CachedCredential {
    login: Arc<dyn Login>,
    clock: Clock,
    slots: Mutex<Slots>,
    pinned: Mutex<Pinned>,
}

/// Whom the login speaks for in each tenant: whoever it was first (M37).
#[derive(Debug, Default)]
struct Pinned {
    whose: HashMap<TenantId, Identity>,
    /// What a token of somebody else's says of itself, once there was one.
    stranger: Option<TokenClaims>,
}

/// One slot for each tenant and scope.
type Slots = HashMap<(TenantId, Box<str>), Arc<Slot>>;

/// One tenant's token for one scope. Who holds `flight` may ask for a new one; `known` is never locked over a wait.
#[derive(Debug, Default)]
struct Slot {
    flight: tokio::sync::Mutex<()>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    token: Option<Arc<BearerToken>>,
    /// How often somebody came back with an answer, and what it was if it was none.
    rounds: u64,
    failure: Option<Failure>,
    /// Before this moment nobody tries to renew ahead again.
    rest: Option<Moment>,
}

impl Slot {
    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CachedCredential {
    /// A cache in front of `login`.
    pub(crate) fn new(login: Arc<dyn Login>, clock: Clock) -> Arc<Self> {
        Arc::new(Self { login, clock, slots: Mutex::default(), pinned: Mutex::default() })
    }

    fn slot(&self, tenant: &TenantId, scope: &str) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry((tenant.clone(), scope.into())).or_default())
    }

    /// Puts in a token that came with the sign-in itself.
    pub(crate) fn seed(&self, tenant: &TenantId, token: BearerToken) {
        let slot = self.slot(tenant, &token.scope);
        self.pin(tenant, &token.identity);
        slot.known().token = Some(Arc::new(token));
    }

    /// From now on a token for `tenant` that speaks for anybody else is used for nothing.
    pub(crate) fn pin(&self, tenant: &TenantId, identity: &Identity) {
        if identity.oid.is_some() {
            self.pinned().whose.insert(tenant.clone(), identity.clone());
        }
    }

    /// The id of `tenant`, which may be one of its domains or not be known before, as its tokens told it.
    pub(crate) fn told(&self, tenant: &TenantId) -> Option<TenantId> {
        TenantId::parse(self.pinned().whose.get(tenant)?.tid.as_deref()?).ok()
    }

    fn pinned(&self) -> std::sync::MutexGuard<'_, Pinned> {
        self.pinned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a token says of itself that turned out to be somebody else's.
    pub(crate) fn stranger(&self) -> Option<TokenClaims> {
        self.pinned().stranger.clone()
    }

    /// Whoever the login speaks for now is whom it is meant to speak for. Tokens from before are forgotten.
    pub(crate) fn accept(&self) {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).clear();
        *self.pinned() = Pinned::default();
    }

    /// Whether `token` is of the one that the login is pinned to; the first one pins it.
    fn admit(&self, tenant: &TenantId, token: &BearerToken) -> Result<(), Failure> {
        let mut pinned = self.pinned();
        match pinned.whose.get(tenant) {
            Some(old) if !same(old, &token.identity) => {
                pinned.stranger = Some(claims_of(token));
                Err(somebody_else())
            }
            Some(_) => Ok(()),
            None => {
                drop(pinned);
                self.pin(tenant, &token.identity);
                Ok(())
            }
        }
    }

    /// A token that lives.
    pub(crate) async fn get(self: &Arc<Self>, tenant: &TenantId, scope: &str) -> Result<Arc<BearerToken>, Failure> {
        if self.pinned().stranger.is_some() {
            return Err(somebody_else());
        }
        let slot = self.slot(tenant, scope);
        let now = self.clock.now();
        let living = slot.known().token.clone().filter(|token| token.expires > now);
        if let Some(token) = living {
            if token.expires <= self.clock.after(AHEAD) && slot.known().rest.is_none_or(|rest| rest <= now) {
                self.renew_behind(slot, tenant.clone());
            }
            return Ok(token);
        }
        self.fly(&slot, tenant, scope, None, |token| token.expires > self.clock.now()).await
    }

    /// Whether a token is there that lives.
    pub(crate) fn has(&self, tenant: &TenantId, scope: &str) -> bool {
        let now = self.clock.now();
        self.slot(tenant, scope).known().token.as_ref().is_some_and(|token| token.expires > now)
    }

    /// Another token than `stale`, which the service did not take; with its claims, if it asked for some.
    pub(crate) async fn renew(
        &self,
        tenant: &TenantId,
        scope: &str,
        stale: &Arc<BearerToken>,
        claims: Option<String>,
    ) -> Result<Arc<BearerToken>, Failure> {
        let slot = self.slot(tenant, scope);
        self.fly(&slot, tenant, scope, claims, |token| !Arc::ptr_eq(token, stale)).await
    }

    /// Renews while the old token goes on serving; nobody waits for it, and its failure is nobody's.
    fn renew_behind(self: &Arc<Self>, slot: Arc<Slot>, tenant: TenantId) {
        slot.known().rest = Some(self.clock.after(PATIENCE));
        let cache = Arc::clone(self);
        tokio::spawn(async move {
            let Some(old) = slot.known().token.clone() else { return };
            let _ = cache.fly(&slot, &tenant, &old.scope, None, |token| !Arc::ptr_eq(token, &old)).await;
        });
    }

    /// Asks for a token, unless one that will `do` is there by the time it is our turn. Whoever is dropped meanwhile lets the
    /// next one ask; whoever waited shares the answer, also a bad one.
    async fn fly(
        &self,
        slot: &Slot,
        tenant: &TenantId,
        scope: &str,
        claims: Option<String>,
        will_do: impl Fn(&Arc<BearerToken>) -> bool,
    ) -> Result<Arc<BearerToken>, Failure> {
        let before = slot.known().rounds;
        let _turn = slot.flight.lock().await;
        {
            let known = slot.known();
            if let Some(token) = known.token.as_ref().filter(|token| will_do(token)) {
                return Ok(Arc::clone(token));
            }
            if let Some(failure) = known.failure.as_ref().filter(|_| known.rounds != before) {
                return Err(failure.clone());
            }
        }
        let answer = self.ask(tenant, scope, claims).await;
        let mut known = slot.known();
        known.rounds += 1;
        let answer = answer.and_then(|token| self.admit(tenant, &token).map(|()| Arc::new(token)));
        known.failure = answer.as_ref().err().cloned();
        if let Ok(token) = &answer {
            known.token = Some(Arc::clone(token));
            known.rest = None;
        }
        answer
    }

    async fn ask(&self, tenant: &TenantId, scope: &str, claims: Option<String>) -> Result<BearerToken, Failure> {
        let mut options = TokenRequestOptions::default();
        if let Some(claims) = claims {
            options.method_options = ClientMethodOptions { context: Context::new().with_value(Claims(claims)) };
        }
        let credential = self.login.credential(tenant);
        let token = credential.get_token(&[scope], Some(options)).await.map_err(|error| {
            error.into_downcast::<Failure>().unwrap_or_else(|_| {
                // Another's error text may quote an answer with a token in it.
                Failure::new(Kind::Failed, "sign in", "the answer of sign-in could not be read").hint("try again")
            })
        })?;
        Ok(bearer(scope, &token))
    }
}

fn somebody_else() -> Failure {
    let words = "this login now belongs to somebody else than before; its token was not used";
    Failure::new(Kind::SignedOut, "sign in", words).hint("sign in again")
}

/// Whether two tokens speak for the same identity, as far as both tell.
fn same(old: &Identity, new: &Identity) -> bool {
    let agree = |old: &Option<String>, new: &Option<String>| old.is_none() || new.is_none() || old == new;
    agree(&old.oid, &new.oid) && agree(&old.tid, &new.tid)
}

#[cfg(test)]
mod tests;
