//! The workspaces of all accounts: each shown once, or one account's.

use std::collections::{HashMap, HashSet};

use crate::domain::{AccountId, Failure, Moment, ResourceId, Tenant, Who, Workspace};

use super::list::Row;
use super::shelf::{Load, Shelf};
use super::start::Target;

/// The workspaces pane.
#[derive(Debug, Default)]
pub struct Workspaces {
    /// The workspaces of all accounts, tenant by tenant.
    pub shelf: Shelf<Workspace>,
    /// The open one's id.
    pub open: Option<ResourceId>,
    /// The open one, as it was when it was opened.
    pub opened: Option<Box<Workspace>>,
    /// The accounts in their order: what several can reach is shown as the first one's.
    pub ranks: Vec<AccountId>,
    /// Identities whose workspaces could not be listed.
    pub failed: Vec<(Who, Failure)>,
    /// What the list is narrowed to.
    pub narrowed: Option<Narrowed>,
    /// All of them, also those the list is not narrowed to.
    pub all: Vec<Workspace>,
    /// How many of all are different ones: what several accounts reach is one workspace.
    pub distinct: usize,
    /// The one to open when it comes by, and who named it.
    pub wanted: Option<(Target, Named)>,
}

/// An account, or one of its tenants, that the list is narrowed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrowed {
    /// The account.
    pub account: AccountId,
    /// The tenant; none means all of the account's.
    pub tenant: Option<Tenant>,
}

impl Narrowed {
    /// Whether what is seen by `who` is among it.
    pub fn holds(&self, who: &Who) -> bool {
        self.account == who.account && self.tenant.as_ref().is_none_or(|tenant| tenant.is(&who.tenant))
    }
}

/// Who named the workspace to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// The command line or the environment.
    Asked,
    /// This folder's config.json.
    Folder,
    /// The defaults of `az configure`, or the user's config.
    Habit,
}

impl Workspaces {
    fn rank(&self, workspace: &Workspace) -> usize {
        self.ranks.iter().position(|account| *account == workspace.who.account).unwrap_or(usize::MAX)
    }

    /// Those that are shown: the narrowed-to account's, or each once, as the first account's that can reach it.
    fn visible(&self) -> Vec<Workspace> {
        if let Some(narrowed) = &self.narrowed {
            let mut rows: Vec<Workspace> = self.all.iter().filter(|row| narrowed.holds(&row.who)).cloned().collect();
            rows.sort_by_cached_key(|row| (row.who.tenant.clone(), row.name.raw().to_lowercase(), row.key()));
            return rows;
        }
        let mut best: HashMap<String, (usize, &Workspace)> = HashMap::new();
        for row in &self.all {
            let rank = self.rank(row);
            best.entry(row.key())
                .and_modify(|have| *have = if rank < have.0 { (rank, row) } else { *have })
                .or_insert((rank, row));
        }
        let shown = |row: &&Workspace| best.get(&row.key()).is_some_and(|(_, kept)| std::ptr::eq(*kept, *row));
        let mut rows: Vec<Workspace> = self.all.iter().filter(shown).cloned().collect();
        // The accounts' order, each with its tenants one after the other; in a tenant by name.
        rows.sort_by_cached_key(|row| {
            (self.rank(row), row.who.tenant.clone(), row.name.raw().to_lowercase(), row.key())
        });
        rows
    }

    /// Whether nothing was asked for yet.
    pub(super) fn load_is_new(&self) -> bool {
        self.shelf.load == Load::Unasked
    }

    /// A question goes out for these accounts.
    pub fn begin(&mut self, ranks: Vec<AccountId>) {
        self.ranks = ranks;
        self.shelf.begin();
        self.failed.clear();
        if self.shelf.incoming.is_none() {
            self.all.clear();
        }
    }

    /// Rows arrived.
    pub fn add(&mut self, rows: Vec<Workspace>) {
        if let Some(incoming) = &mut self.shelf.incoming {
            incoming.extend(rows);
            return;
        }
        self.all.extend(rows);
        self.show();
    }

    /// The question is over. What an identity showed before stays where it could not be asked this time.
    pub fn end(&mut self, now: Moment, outcome: Result<(), Failure>) {
        let nothing = self.shelf.incoming.as_ref().unwrap_or(&self.all).is_empty();
        let outcome = match self.failed.first() {
            // Not one identity could be asked: that is no empty list.
            Some((_, failure)) if nothing => Err(failure.clone()),
            _ => outcome,
        };
        if let Some(mut rows) = self.shelf.incoming.take()
            && outcome.is_ok()
        {
            let came: HashSet<(AccountId, String)> =
                rows.iter().map(|row| (row.who.account.clone(), row.key())).collect();
            let missed = |row: &&Workspace| {
                self.failed.iter().any(|(who, _)| who.account == row.who.account)
                    && !came.contains(&(row.who.account.clone(), row.key()))
            };
            rows.extend(self.all.iter().filter(missed).cloned());
            self.all = rows;
            self.show();
        }
        self.shelf.load.end(now, outcome);
    }

    /// Narrows the list to an account or one of its tenants, or shows all.
    pub fn narrow(&mut self, to: Option<Narrowed>) {
        self.narrowed = to;
        let here = self.shelf.list.current().map(Row::key);
        self.show();
        if self.shelf.list.current().map(Row::key) != here {
            self.shelf.list.home();
        }
    }

    /// Who of those that the list is narrowed to could not be asked, and why.
    pub fn failed_here(&self) -> impl Iterator<Item = &(Who, Failure)> {
        let here = |who: &Who| self.narrowed.as_ref().is_none_or(|narrowed| narrowed.holds(who));
        self.failed.iter().filter(move |(who, _)| here(who))
    }

    /// Why the workspaces of an account in a tenant could not be listed, if they could not.
    pub fn failure_in(&self, account: &AccountId, tenant: &Tenant) -> Option<&Failure> {
        let of_it = |who: &Who| who.account == *account && tenant.is(&who.tenant);
        self.failed.iter().find(|(who, _)| of_it(who)).map(|(_, failure)| failure)
    }

    /// Forgets what an account showed.
    pub fn forget(&mut self, account: &AccountId) {
        self.all.retain(|row| row.who.account != *account);
        self.failed.retain(|(who, _)| who.account != *account);
        if self.narrowed.as_ref().is_some_and(|narrowed| narrowed.account == *account) {
            self.narrowed = None;
        }
        self.show();
    }

    fn show(&mut self) {
        let shown = self.visible();
        self.distinct = match self.narrowed {
            Some(_) => self.all.iter().map(Row::key).collect::<HashSet<_>>().len(),
            None => shown.len(),
        };
        self.shelf.list.replace(shown);
    }
}
