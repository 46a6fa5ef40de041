//! Effects become tasks, and what they find out becomes messages. All traffic between the app and the cloud is in this file.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::AbortHandle;

use crate::app::{Answer, CopyOf, Effect, Lane, Msg, Query, Ticket};
use crate::cloud::{Cloud, News};
use crate::domain::{Failure, Sealed, WhichKey, Who};

use super::copying::Copier;
use super::recorder::{self, Recorders};
use super::scrub::scrub;
use super::signing_in;

/// How long leaving waits for the clipboard to be cleared.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Carries out what the app asks of the world.
#[derive(Debug)]
pub struct Runner {
    job: Job,
    lanes: HashMap<Lane, AbortHandle>,
    /// Changes are made one after the other, in the order they were asked for.
    changes: UnboundedSender<(Ticket, Query)>,
    remember: Option<Remember>,
}

/// Writes into the user's config that copies may go through the terminal; says why where it could not.
pub struct Remember(pub Box<dyn Fn() -> Result<(), String> + Send>);

impl std::fmt::Debug for Remember {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Remember")
    }
}

/// What every task needs.
#[derive(Clone, Debug)]
struct Job {
    cloud: Cloud,
    /// Whether logins are looked for on this machine; the demo has its own.
    finds_logins: bool,
    out: UnboundedSender<Msg>,
    copier: Copier,
    /// Who may record this terminal, until it was looked at.
    recorders: Arc<Mutex<Option<Recorders>>>,
}

impl Runner {
    /// A runner that asks `cloud` and reports to `out`.
    pub fn new(cloud: Cloud, finds_logins: bool, copier: Copier, out: UnboundedSender<Msg>) -> Self {
        let job = Job { cloud, finds_logins, out, copier, recorders: Arc::default() };
        let (changes, mut asked) = unbounded_channel::<(Ticket, Query)>();
        let writer = job.clone();
        tokio::spawn(async move {
            while let Some((ticket, query)) = asked.recv().await {
                let outcome = writer.telling(ticket).answer(ticket, query).await;
                writer.send(Msg::Landed(ticket, outcome));
            }
        });
        Self { job, lanes: HashMap::new(), changes, remember: None }
    }

    /// Remembers the user's answers with `remember`, which may say why it could not.
    #[must_use]
    pub fn remembering(mut self, remember: Remember) -> Self {
        self.remember = Some(remember);
        self
    }

    /// Looks before the first value is shown whether one of `recorders` keeps a copy of it.
    #[must_use]
    pub(super) fn recorded_by(mut self, recorders: Recorders) -> Self {
        self.job.recorders = Arc::new(Mutex::new(Some(recorders)));
        self
    }

    /// Starts or stops what one effect says.
    pub fn perform(&mut self, effect: Effect) {
        match effect {
            // A change is never stopped half-way; the writer ends only after this runner.
            Effect::Ask(ticket, query) if ticket.lane == Lane::Write => {
                let _ = self.changes.send((ticket, *query));
            }
            Effect::Ask(ticket, query) => {
                let job = self.job.telling(ticket);
                let task = tokio::spawn(async move {
                    let outcome = job.answer(ticket, *query).await;
                    job.send(Msg::Landed(ticket, outcome));
                });
                // A read makes way for the next on its lane.
                if let Some(older) = self.lanes.insert(ticket.lane, task.abort_handle()) {
                    older.abort();
                }
            }
            Effect::Cancel(lane) => {
                if let Some(task) = self.lanes.remove(&lane) {
                    task.abort();
                }
            }
            Effect::ClearClipboard => {
                let job = self.job.clone();
                tokio::spawn(async move {
                    if let Some(words) = job.copier.clear().await {
                        job.send(Msg::Told(words));
                    }
                });
            }
            Effect::RememberTerminalCopies => {
                let words = match self.remember.as_ref().map(|remember| (remember.0)()) {
                    Some(Ok(())) => "Remembered in the config: copies go through the terminal.".to_owned(),
                    Some(Err(why)) => format!("It could not be remembered: {why}"),
                    None => return,
                };
                self.job.send(Msg::Told(words));
            }
            Effect::Suspend | Effect::Repaint | Effect::OpenDemo | Effect::Quit => {}
        }
    }

    /// Stops all reads and takes our value from the clipboard.
    pub async fn leave(&mut self) {
        for (_, task) in self.lanes.drain() {
            task.abort();
        }
        // A clipboard tool that hangs does not keep anybody here.
        let _ = tokio::time::timeout(LAST_WORDS, self.job.copier.clear()).await;
    }
}

impl Job {
    fn send(&self, msg: Msg) {
        // Nobody listens any more once the app is left.
        let _ = self.out.send(msg);
    }

    /// The same, its cloud telling what is known before the answer to this question is here.
    fn telling(&self, ticket: Ticket) -> Self {
        let out = self.out.clone();
        let cloud = self.cloud.telling(move |news| {
            let answer = match news {
                News::Waits(until) => Answer::Waits(until),
                News::AsksAz(asks) => Answer::AsksAz(asks),
                News::Busy => Answer::StillBusy,
                News::Lost => Answer::Lost,
                News::Stranger(stranger) => Answer::Stranger(stranger),
            };
            let _ = out.send(Msg::Reply(ticket, Box::new(answer)));
        });
        Self { cloud, ..self.clone() }
    }

    fn reply(&self, ticket: Ticket, answer: Answer) {
        self.send(Msg::Reply(ticket, Box::new(answer)));
        // What read the answer did so on this thread's stack, and the value in it may be hidden before that is used again.
        scrub();
    }

    async fn answer(&self, ticket: Ticket, query: Query) -> Result<(), Failure> {
        let cloud = &self.cloud;
        let answer = match query {
            Query::Accounts => {
                let mut says = |words| self.send(Msg::Told(words));
                signing_in::accounts(cloud, self.finds_logins, &mut says)
            }
            Query::SignIn(with) => {
                let mut tells = |answer| self.reply(ticket, answer);
                Answer::SignedIn(Box::pin(signing_in::sign_in(cloud, self.finds_logins, with, &mut tells)).await?)
            }
            Query::KeepStranger(account) => Answer::SignedIn(cloud.keep_stranger(&account)?),
            Query::SignOut(account) => {
                cloud.sign_out(&account)?;
                Answer::SignedOut(account)
            }
            Query::Tenants(who) => {
                let tenants = cloud.tenants(&who).await?;
                Answer::Tenants(who.account, tenants)
            }
            Query::Workspaces { of, everywhere, opens } => {
                // The first named is the one whose workspace is meant, nearly always.
                let vault = of.first().filter(|_| opens).cloned();
                let prepared = async {
                    if let Some(who) = vault {
                        cloud.prepare_vault(&who).await;
                    }
                };
                tokio::join!(prepared, self.workspaces(ticket, of, everywhere));
                return Ok(());
            }
            Query::OpenVault(workspace) => {
                let vault = cloud.vault(&workspace).await?;
                self.reply(ticket, Answer::Vault(vault.clone()));
                return self.secrets(ticket, &vault).await;
            }
            Query::OpenVaultNamed(who, name) => {
                let vault = cloud.vault_by_name(&who, &name)?;
                self.reply(ticket, Answer::Vault(vault.clone()));
                return self.secrets(ticket, &vault).await;
            }
            Query::Secrets(vault) => return self.secrets(ticket, &vault).await,
            Query::Deleted(vault) => {
                let mut each = |rows| self.reply(ticket, Answer::Deleted(vault.name.clone(), rows));
                return cloud.deleted_secrets(&vault, &mut each).await;
            }
            Query::Versions(vault, name) => {
                let versions = cloud.versions(&vault, &name).await?;
                Answer::Versions(name, versions)
            }
            Query::Reveal(vault, name, version) => {
                self.warn_of_recorders().await;
                let value = cloud.reveal(&vault, &name, version.as_ref()).await?;
                Answer::Revealed { vault, name, version, value }
            }
            Query::Copy(of, through_terminal) => self.copy(of, through_terminal).await?,
            Query::Set(vault, new, expect) => {
                let done = cloud.set_secret(&vault, *new, expect).await?;
                Answer::Set(vault, done)
            }
            Query::Update(vault, name, changes) => {
                let secret = cloud.update_secret(&vault, &name, None, *changes).await?;
                Answer::Updated(vault, secret)
            }
            Query::Delete(vault, name) => {
                let deleted = cloud.delete_secret(&vault, &name).await?;
                Answer::SecretDeleted(vault, name, deleted)
            }
            Query::Recover(vault, name) => {
                let secret = cloud.recover_secret(&vault, &name).await?;
                Answer::Recovered(vault, name, secret)
            }
            Query::Purge(vault, name) => {
                cloud.purge_secret(&vault, &name).await?;
                Answer::Purged(vault, name)
            }
            Query::Endpoints(who, workspace) => {
                let endpoints = cloud.endpoints(&who, &workspace).await?;
                Answer::Endpoints(workspace, endpoints)
            }
            Query::Keys(endpoint) => {
                self.warn_of_recorders().await;
                Answer::Keys(endpoint.id.clone(), cloud.endpoint_keys(&endpoint).await?)
            }
            Query::Token(endpoint) => {
                self.warn_of_recorders().await;
                Answer::Token(endpoint.id.clone(), cloud.endpoint_token(&endpoint).await?)
            }
            Query::Regenerate(endpoint, which) => {
                let mut told = |word| self.reply(ticket, Answer::Progress(endpoint.id.clone(), word));
                let done = cloud.regenerate_key(&endpoint, which, true, &mut told).await?;
                Answer::Regenerated(endpoint.id.clone(), done)
            }
        };
        self.reply(ticket, answer);
        Ok(())
    }

    /// Workspaces of all identities at once, each in its own tenant first and then in the others it is in.
    async fn workspaces(&self, ticket: Ticket, whos: Vec<Who>, everywhere: bool) {
        join_all(whos.into_iter().map(|who| async move {
            let home = match self.cloud.introduced(&who).await {
                Ok(home) => home,
                Err(failure) => return self.reply(ticket, Answer::NoWorkspaces(who, failure)),
            };
            let (elsewhere, ()) = tokio::join!(self.cloud.tenants(&home), self.workspaces_of(ticket, home.clone()));
            if let Some(account) = self.cloud.account(&home.account) {
                self.reply(ticket, Answer::Account(account));
            }
            let tenants = match elsewhere {
                Ok(tenants) => tenants,
                // Whether it is in other tenants, too, is then not known, and that is said.
                Err(failure) => return self.reply(ticket, Answer::NoWorkspaces(home, failure)),
            };
            let here = self.cloud.tenant_of(&home);
            let others = tenants
                .iter()
                .filter(|tenant| everywhere && tenant.id != here)
                .map(|tenant| Who { account: home.account.clone(), tenant: tenant.id.clone() })
                .collect::<Vec<_>>();
            self.reply(ticket, Answer::Tenants(home.account.clone(), tenants));
            join_all(others.into_iter().map(|who| self.workspaces_of(ticket, who))).await;
        }))
        .await;
    }

    /// Says once, before the first value is shown, that this terminal keeps a copy of what is shown (M10).
    async fn warn_of_recorders(&self) {
        let mut recorders = self.recorders.lock().await;
        if let Some(around) = recorders.as_ref() {
            let any = around.any().await;
            // Only now: whoever is stopped while tmux is asked leaves the question to the next.
            *recorders = None;
            if any {
                self.send(Msg::Told(recorder::WARNING.to_owned()));
            }
        }
    }

    async fn workspaces_of(&self, ticket: Ticket, who: Who) {
        let mut each = |rows| self.reply(ticket, Answer::Workspaces(who.clone(), rows));
        if let Err(failure) = self.cloud.workspaces(&who, &mut each).await {
            self.reply(ticket, Answer::NoWorkspaces(who, failure));
        }
    }

    async fn secrets(&self, ticket: Ticket, vault: &crate::domain::Vault) -> Result<(), Failure> {
        let mut each = |rows| self.reply(ticket, Answer::Secrets(vault.name.clone(), rows));
        self.cloud.secrets(vault, &mut each).await
    }

    /// From the service to the clipboard. Nothing is fetched where there is no clipboard to take it.
    async fn copy(&self, of: CopyOf, through_terminal: bool) -> Result<Answer, Failure> {
        if self.copier.must_ask(through_terminal)? {
            return Ok(Answer::AskClipboard);
        }
        let (what, value, secret) = match of {
            CopyOf::Secret(vault, name, version) => {
                let value = self.cloud.reveal(&vault, &name, version.as_ref()).await?.value;
                (name.to_string(), value, true)
            }
            CopyOf::Key(endpoint, which) => {
                let keys = self.cloud.endpoint_keys(&endpoint).await?;
                let value = match which {
                    WhichKey::Primary => keys.primary,
                    WhichKey::Secondary => keys.secondary,
                };
                (format!("{} key of {}", which.word(), endpoint.name.show()), value, true)
            }
            CopyOf::Token(endpoint) => {
                let token = self.cloud.endpoint_token(&endpoint).await?.token;
                (format!("token of {}", endpoint.name.show()), token, true)
            }
            CopyOf::Text(what, text) => (what.to_owned(), Sealed::new(text.raw().to_owned()), false),
        };
        let words = self.copier.put(value, secret, through_terminal).await?;
        Ok(Answer::Copied { what, words, clears: secret })
    }
}
