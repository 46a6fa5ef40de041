//! A person's login: taken in, remembered in the keyring where there is one, and kept where it turned out to be another's.

use std::sync::Arc;

use crate::domain::{Account, AccountId, AccountKind, Failure, Kept, Kind, Sealed};

use super::Cloud;
use super::accounts::account_id;
use super::gate::{Audience, BearerToken, Identity};
use super::sign_in::again;
use super::sign_in::keyring::Remembered;
use super::sign_in::refresh::{Keep, UserLogins};
use super::sign_in::signed_in::SignedIn;
use super::tokens::CachedCredential;

impl Cloud {
    /// Whether a login made now would be remembered, and where.
    pub fn keeps_logins(&self) -> Kept {
        self.keyring.kept().unwrap_or(Kept::Memory)
    }

    /// Takes in a person who has just signed in.
    pub(crate) fn signed_in(&self, signed_in: SignedIn) -> Account {
        let scope = self.hosts.scope(Audience::Arm).unwrap_or_default();
        let id = match &signed_in.home {
            Some((uid, home)) => account_id(uid, home),
            None => account_id(signed_in.object_id.raw(), &signed_in.tenant),
        };
        // Who signed in once more, to a tenant that wanted more, is still at home where they were.
        let known = self.accounts.get(&id).filter(|known| known.kind == AccountKind::User);
        let (tenant, oid) = (signed_in.tenant, signed_in.object_id);
        let login = Remembered {
            id: id.as_str().to_owned(),
            name: signed_in.name,
            object_id: known.as_ref().and_then(|known| known.object_id.clone()).unwrap_or_else(|| oid.clone()),
            tenant: known.as_ref().map_or_else(|| tenant.clone(), |known| known.tenant.clone()),
            cloud: self.hosts.name().to_owned(),
            refresh_token: signed_in.refresh_token,
        };
        let kept = if self.keyring.remember(&login) { self.keeps_logins() } else { Kept::Memory };
        let account = Account { tenant_name: known.and_then(|known| known.tenant_name), ..user(&login, id, kept) };
        let tokens = self.put_user(account.clone(), login.refresh_token);
        let (value, seconds) = signed_in.first;
        let life = std::time::Duration::from_secs(seconds.max(0).unsigned_abs());
        let identity = Identity { oid: Some(oid.raw().to_owned()), ..Identity::default() };
        tokens.seed(&tenant, BearerToken { scope: scope.into(), value, expires: self.clock.after(life), identity });
        account
    }

    /// Takes in the logins of this cloud that the keyring remembers.
    pub(crate) fn find_remembered(&self) {
        for login in self.keyring.all().into_iter().filter(|login| login.cloud == self.hosts.name()) {
            let Ok(id) = AccountId::parse(&login.id) else { continue };
            if self.accounts.get(&id).is_none() {
                self.put_user(user(&login, id, self.keeps_logins()), login.refresh_token);
            }
        }
    }

    /// Takes whoever an account's newest token speaks for as the one it is from now on (M37), also in the keyring, so that the next
    /// start does not ask again. Where the keyring does not take that, the login lives on in this process only.
    pub fn keep_stranger(&self, account: &AccountId) -> Result<Account, Failure> {
        let gone = || Failure::new(Kind::SignedOut, "keep the login", "it was signed out meanwhile");
        let now = self.accounts.accept(account).ok_or_else(gone)?;
        if !now.kept.remembered() || self.rename(&now) {
            return Ok(now);
        }
        self.accounts.lives(account, Kept::Memory).ok_or_else(gone)
    }

    /// Remembers a login as this account's; whether it did. One that was signed out elsewhere stays out.
    fn rename(&self, account: &Account) -> bool {
        let found = self.keyring.all().into_iter().find(|login| login.id == account.id.as_str());
        found.is_some_and(|login| self.keyring.remember(&remembered(account, login.cloud, login.refresh_token)))
    }

    fn put_user(&self, account: Account, refresh_token: Sealed) -> Arc<CachedCredential> {
        let keep = account.kept.remembered().then(|| {
            let (keyring, id, cloud) = (self.keyring.clone(), account.id.clone(), self.hosts.name());
            let accounts = self.accounts.weak();
            Box::new(move |newest: &Sealed| {
                // Whose it is may have changed since.
                if let Some(account) = accounts(&id) {
                    keyring.renew(&remembered(&account, cloud.to_owned(), again(newest)));
                }
            }) as Keep
        });
        let (tenant, oid) = (account.tenant.clone(), account.object_id.as_ref().map(|oid| oid.raw().to_owned()));
        let tokens = self.accounts.put(account, UserLogins::new(self.entra.clone(), refresh_token, keep), self.clock);
        tokens.pin(&tenant, &Identity { oid, ..Identity::default() });
        tokens
    }
}

fn user(login: &Remembered, id: AccountId, kept: Kept) -> Account {
    Account {
        id,
        name: login.name.clone(),
        kind: AccountKind::User,
        tenant: login.tenant.clone(),
        tenant_name: None,
        // None was known when it was remembered: the next token tells it.
        object_id: Some(login.object_id.clone()).filter(|id| !id.is_empty()),
        token_of: None,
        kept,
        ends: None,
    }
}

fn remembered(account: &Account, cloud: String, refresh_token: Sealed) -> Remembered {
    Remembered {
        id: account.id.as_str().to_owned(),
        name: account.name.clone(),
        object_id: account.object_id.clone().unwrap_or_default(),
        tenant: account.tenant.clone(),
        cloud,
        refresh_token,
    }
}

#[cfg(test)]
mod tests;
