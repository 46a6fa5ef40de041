//! Signing in and out, and finding the logins that are there already.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::{
    Account, AccountId, AccountKind, ClientId, Failure, Kept, Kind, Subscription, TenantId, TokenClaims, Who,
};

use super::accounts::{account_id, principal};
use super::gate::Audience;
use super::sign_in::azure_cli::{AzureCli, AzureCliLogin, CliAccount, Unread};
use super::sign_in::managed_identity::{ManagedIdentity, Source};
use super::sign_in::principal::Principal;
use super::sign_in::run_token::Run;
use super::sign_in::{browser, device_code, environment};
use super::tokens::{CachedCredential, Login};
use super::{Cloud, SignIn, Told};

/// The Azure CLI as it stands here.
#[derive(Debug)]
pub struct AzureCliFound {
    /// az, if it is on the PATH.
    pub program: Option<PathBuf>,
    /// Where it writes down who is signed in.
    pub profile: PathBuf,
    /// Why nobody can be taken from there.
    pub trouble: Option<String>,
    /// Whether that is because what stands there cannot be read.
    pub unread: bool,
}

impl Cloud {
    /// Looks for logins that are there already: the environment's principal, a run's token, the machine's identity where the
    /// environment marks one, the keyring's, `az login`; in this order, which is the one they are chosen in. Asks no network;
    /// one that is known already keeps its tokens.
    pub fn find_logins(&self) -> Vec<Account> {
        self.find_logins_by(&|name| std::env::var_os(name))
    }

    /// The same, where `around` is the environment.
    pub fn find_logins_by(&self, around: &dyn Fn(&str) -> Option<OsString>) -> Vec<Account> {
        let variable = |name: &str| around(name)?.into_string().ok();
        let unknown = |account: &Account| self.accounts.get(&account.id).is_none();
        if let Ok(Some(found)) = environment::principal(variable) {
            let name = found.client_id.as_str().into();
            let account = principal(name, found.tenant, &found.client_id, Kept::Environment);
            if unknown(&account) {
                let login = Principal::new(self.entra.clone(), found.client_id, found.proof);
                self.accounts.put(account, login, self.clock);
            }
        }
        if let Ok(Some(run)) = Run::marked(variable, self.hosts) {
            self.put_run(run);
        }
        if let Ok(Some(source)) = Source::marked(variable) {
            let account = machine(&source, None);
            if unknown(&account) {
                let login = ManagedIdentity::new(self.machine.clone(), source, None, self.clock);
                self.accounts.put(account, login, self.clock);
            }
        }
        self.find_remembered();
        let cli = AzureCli::of(around);
        let theirs = if cli.program().is_some() { cli.accounts(self.hosts.name()) } else { Err(Unread::Missing) };
        for one in theirs.unwrap_or_default() {
            let account = of_cli(&one, None);
            if unknown(&account) {
                let login = AzureCliLogin::new(cli.clone(), one, self.hosts.name(), self.clock);
                self.accounts.put(account, login, self.clock);
            }
        }
        self.accounts.all()
    }

    /// The machine's own identity, or the one assigned to it with `client_id`, for whoever names it: also where the environment
    /// marks none, as on a plain virtual machine. Asks no network.
    pub fn machine_identity(&self, client_id: Option<ClientId>) -> Result<Account, Failure> {
        let (account, login) = self.this_machine(client_id)?;
        if let Some(known) = self.accounts.get(&account.id) {
            return Ok(known);
        }
        self.accounts.put(account.clone(), login, self.clock);
        Ok(account)
    }

    /// The identity of the service that the environment marks, else of the metadata service.
    fn this_machine(&self, client_id: Option<ClientId>) -> Result<(Account, Arc<dyn Login>), Failure> {
        let source = Source::marked(variable)?.unwrap_or_else(Source::imds);
        let account = machine(&source, client_id.as_ref());
        Ok((account, ManagedIdentity::new(self.machine.clone(), source, client_id, self.clock)))
    }

    /// Whether the environment marks a managed identity, so that each command finds it by itself.
    pub fn marks_machine(&self) -> bool {
        matches!(Source::marked(variable), Ok(Some(_)))
    }

    /// The variable that names the environment's service principal, where there is one.
    pub fn principal_named_by(&self) -> Option<&'static str> {
        environment::principal(variable).ok().flatten().map(|found| found.named_by)
    }

    /// How the Azure CLI stands here. It is not started.
    pub fn azure_cli(&self) -> AzureCliFound {
        let cli = az();
        let profile = cli.config.join("azureProfile.json");
        let nobody = || Err(Unread::Missing);
        let read = cli.accounts(self.hosts.name());
        let read = read.and_then(|all| if all.is_empty() { nobody() } else { Ok(()) });
        let trouble = read.err().map(|unread| unread.words(&profile));
        AzureCliFound {
            program: cli.program(),
            unread: read.is_err_and(|why| why != Unread::Missing),
            profile,
            trouble,
        }
    }

    /// What is wrong with a login that somebody began to set up in the environment, if anything is.
    pub fn login_trouble(&self) -> Option<String> {
        environment::trouble(variable)
            .or_else(|| Source::marked(variable).err().map(|failure| format!("{}.", failure.sentence())))
            .or_else(|| Run::marked(variable, self.hosts).err().map(|failure| format!("{}.", failure.sentence())))
    }

    /// Why nobody may be there although somebody expects it: a login that was only begun in the environment, or one of az's
    /// that cannot be used. Asks no network.
    pub fn why_nobody(&self) -> Option<String> {
        self.login_trouble().or_else(|| {
            let az = self.azure_cli();
            match (az.trouble, az.program) {
                (Some(trouble), _) => az.unread.then(|| format!("{trouble}: no login of the Azure CLI is used.")),
                (None, Some(_)) => None,
                (None, None) => Some(format!(
                    "{} names logins of the Azure CLI, but az, which alone gets their tokens, is not on the PATH.",
                    az.profile.display()
                )),
            }
        })
    }

    /// What the account's token for Azure Resource Manager, or a run's own, says about itself.
    pub async fn claims(&self, who: &Who) -> Result<TokenClaims, Failure> {
        let audience = if self.run_workspace(&who.account).is_some() { Audience::Run } else { Audience::Arm };
        let scope = self.hosts.scope(audience).unwrap_or_default();
        let token = self.accounts.token(who, scope).await?;
        Ok(super::sign_in::claims_of(&token))
    }

    /// A machine does not know who it is before its first token tells, so that one is asked for; everybody else knows.
    pub async fn introduced(&self, who: &Who) -> Result<Who, Failure> {
        let unknown = |account: &Account| account.kind == AccountKind::ManagedIdentity && account.object_id.is_none();
        let Some(before) = self.accounts.get(&who.account).filter(unknown) else { return Ok(who.clone()) };
        self.claims(who).await?;
        let now = self.accounts.get(&who.account).filter(|_| who.tenant == before.tenant);
        Ok(now.map_or_else(|| who.clone(), |now| Who { tenant: now.tenant, ..who.clone() }))
    }

    /// Signs in. `told` hears the device code, or the page to open, as soon as there is one.
    pub async fn sign_in(&self, way: SignIn, told: &mut (dyn FnMut(Told) + Send)) -> Result<Account, Failure> {
        let scope = self.hosts.scope(Audience::Arm).unwrap_or_default();
        match way {
            SignIn::DeviceCode { tenant } => {
                let signing_in = device_code::sign_in(&self.entra, tenant.as_ref(), scope, told);
                Ok(self.signed_in(Box::pin(signing_in).await?))
            }
            SignIn::Browser { tenant } => {
                let mut page = |page: url::Url| {
                    if let Some(visitor) = &self.visitor {
                        (visitor.0)(page.clone());
                    }
                    told(Told::Page(page));
                };
                let signing_in = browser::sign_in(&self.entra, tenant.as_ref(), scope, &mut page);
                Ok(self.signed_in(Box::pin(signing_in).await?))
            }
            SignIn::Principal { tenant, client_id, proof } => {
                let account = principal(client_id.as_str().into(), tenant, &client_id, Kept::Memory);
                let login = Principal::new(self.entra.clone(), client_id, proof);
                Box::pin(self.proven(account, login)).await
            }
            SignIn::ManagedIdentity { client_id } => {
                let (account, login) = self.this_machine(client_id)?;
                Box::pin(self.proven(account, login)).await
            }
            SignIn::AzureCli { tenant } => {
                let cli = az();
                let theirs = self.of_azure_cli(&cli)?;
                let account = of_cli(&theirs, tenant);
                let login = AzureCliLogin::new(cli, theirs, self.hosts.name(), self.clock);
                Box::pin(self.proven(account, login)).await
            }
        }
    }

    /// Whoever az uses now, or why there is nobody.
    fn of_azure_cli(&self, cli: &AzureCli) -> Result<CliAccount, Failure> {
        let refused = |words: String| Failure::new(Kind::SignedOut, "sign in", words);
        if cli.program().is_none() {
            return Err(refused("the Azure CLI (az) is not on the PATH".to_owned())
                .hint("install it, or sign in with a device code"));
        }
        let file = cli.config.join("azureProfile.json");
        let theirs = cli.accounts(self.hosts.name()).map_err(|unread| {
            refused(unread.words(&file)).hint(match unread {
                Unread::Missing => "run az login",
                Unread::Forbidden => "check whose it is",
                Unread::Strange => "run az login, which writes it",
            })
        })?;
        let nobody = || refused(format!("nobody is signed in to the Azure CLI in {}", self.hosts.name()));
        theirs.into_iter().next().ok_or_else(|| nobody().hint("run az login"))
    }

    /// Goes on with a login that is there already; a token shows that it works.
    pub async fn go_on(&self, account: &AccountId, tenant: Option<TenantId>) -> Result<Account, Failure> {
        self.find_logins();
        let gone = || Failure::new(Kind::SignedOut, "sign in", "that login is not there any more");
        let known = self.accounts.get(account).ok_or_else(|| gone().hint("choose another way to sign in"))?;
        let who = Who { account: account.clone(), tenant: tenant.unwrap_or(known.tenant) };
        self.claims(&who).await?;
        self.accounts.get(account).ok_or_else(gone)
    }

    /// Where a login was found: a folder, a variable.
    pub fn found_in(&self, account: &Account) -> String {
        match account.kept {
            Kept::AzureCli => match variable("AZURE_CONFIG_DIR").filter(|moved| !moved.is_empty()) {
                Some(moved) => format!("found in {moved}"),
                None => "found in ~/.azure".to_owned(),
            },
            Kept::Environment => match environment::principal(variable) {
                Ok(Some(found)) => format!("a service principal, by {}", found.named_by),
                _ => "a service principal".to_owned(),
            },
            Kept::Machine => "marked in the environment".to_owned(),
            kept => kept.words().to_owned(),
        }
    }

    /// The subscriptions that the Azure CLI's accounts see, by az's own notes. az is not started.
    pub fn seen_by_az(&self) -> Vec<(AccountId, Vec<Subscription>)> {
        let accounts = az().accounts(self.hosts.name()).unwrap_or_default();
        accounts.into_iter().map(|one| (of_cli(&one, None).id, one.sees())).collect()
    }

    /// Forgets a login, here and in the keyring. Whether there was one.
    pub fn sign_out(&self, account: &AccountId) -> Result<bool, Failure> {
        let remembered = self.keyring.forget(account);
        let had = self.accounts.remove(account);
        match &had {
            // The one thing that must not happen is to say that it is gone while it is not.
            Some(had) if had.kept.remembered() && self.keyring.all().iter().any(|one| one.id == account.as_str()) => {
                Err(Failure::new(
                    Kind::Failed,
                    "sign out",
                    format!("the {} did not let go of the login", had.kept.words()),
                )
                .hint("take it out of the keyring by hand; a reboot clears the kernel's"))
            }
            _ => Ok(had.is_some() || remembered),
        }
    }

    /// Adds an account whose login is asked for a token first: what does not work is not listed.
    async fn proven(&self, account: Account, login: Arc<dyn Login>) -> Result<Account, Failure> {
        let tokens = CachedCredential::new(login, self.clock);
        let scope = self.hosts.scope(Audience::Arm).unwrap_or_default();
        tokens.get(&account.tenant, scope).await?;
        let who = Who { account: account.id.clone(), tenant: account.tenant.clone() };
        self.accounts.put_cached(account, tokens);
        self.accounts.token(&who, scope).await?; // in the cache by now; the account learns its object id from it
        self.accounts.get(&who.account).ok_or_else(|| Failure::new(Kind::Interrupted, "sign in", "it was signed out"))
    }
}

/// A variable of this process.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The Azure CLI as this process' environment says.
fn az() -> AzureCli {
    AzureCli::of(&|name| std::env::var_os(name))
}

/// The machine's identity, before its first token tells whose it is.
fn machine(source: &Source, client_id: Option<&ClientId>) -> Account {
    let tenant = TenantId::parse("unknown").expect("a word");
    let name = client_id.map_or_else(|| source.words().to_owned(), |id| format!("{} {id}", source.words()));
    Account {
        id: account_id(&format!("machine{}", client_id.map_or_else(String::new, |id| format!("-{id}"))), &tenant),
        name: name.into(),
        kind: AccountKind::ManagedIdentity,
        tenant,
        tenant_name: None,
        object_id: None,
        token_of: None,
        kept: Kept::Machine,
        ends: None,
    }
}

/// az tells a name and a tenant; the object id comes with the first token.
fn of_cli(theirs: &CliAccount, tenant: Option<TenantId>) -> Account {
    let tenant = tenant.unwrap_or_else(|| theirs.tenant.clone());
    Account {
        // az knows its accounts by their names.
        id: account_id(&format!("azure-cli-{}", theirs.name.raw()), &tenant),
        name: theirs.name.clone(),
        kind: AccountKind::AzureCli,
        tenant,
        tenant_name: None,
        object_id: None,
        token_of: None,
        kept: Kept::AzureCli,
        ends: None,
    }
}
