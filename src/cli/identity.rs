//! As whom: the account that is meant here and why, and in which tenant.

use std::borrow::Cow;

use super::context::Context;
use crate::domain::{Account, Failure, Kept, Kind, SafeText, TenantId, Who};

/// What names the machine's own identity where nothing marks one. Nobody is asked for it unnamed: whoever answers at the metadata
/// service's address in a strange network could hand out an identity of theirs.
pub(crate) const MANAGED_IDENTITY: &str = "managed-identity";

impl Context {
    /// The account that is used here.
    pub(crate) fn account(&self) -> Result<Account, Failure> {
        let (account, why) = self.choice()?;
        self.out.explain(|| format!("account {} ({why})", account.name.show()));
        Ok(account)
    }

    /// The account that is used here, and why.
    pub(crate) fn choice(&self) -> Result<(Account, Cow<'static, str>), Failure> {
        if let Some(wanted) = &self.typed.account {
            return self.named(wanted).map(|account| (account, "--account or AMLOCK_ACCOUNT names it".into()));
        }
        let mut accounts = self.cloud.accounts();
        let kept: Vec<Kept> = accounts.iter().map(|account| account.kept).collect();
        match (choose(&kept, self.around.job_identity), &self.config.account) {
            (Some((at, Kept::Environment, why)), _) => {
                let named_by = self.cloud.principal_named_by().map(|name| format!("{name} is set").into());
                Ok((accounts.swap_remove(at), named_by.unwrap_or(why.into())))
            }
            (_, Some(wanted)) => self.named(wanted).map(|account| (account, "the config names it".into())),
            (Some((at, _, why)), None) => Ok((accounts.swap_remove(at), why.into())),
            (None, None) => Err(signed_out(self.demo)),
        }
    }

    /// The account somebody named: by name, id, object id, or its first letters where these are enough.
    pub(crate) fn named(&self, wanted: &str) -> Result<Account, Failure> {
        let accounts = self.cloud.accounts();
        let same = |text: &str| text.eq_ignore_ascii_case(wanted);
        let is = |account: &&Account| {
            same(account.id.as_str())
                || same(account.name.raw())
                || account.object_id.as_ref().is_some_and(|id| same(id.raw()))
        };
        let begins = |account: &&Account| {
            account.name.raw().get(..wanted.len()).is_some_and(|head| head.eq_ignore_ascii_case(wanted))
        };
        let mut found = accounts.iter().filter(is).collect::<Vec<_>>();
        if found.is_empty() && !wanted.is_empty() {
            found = accounts.iter().filter(begins).collect();
        }
        let shown = SafeText::of(wanted).into_owned();
        match found.as_slice() {
            [one] => Ok((*one).clone()),
            [] if same(MANAGED_IDENTITY) => self.cloud.machine_identity(),
            [] if accounts.is_empty() => Err(signed_out(self.demo)),
            [] => {
                let names = accounts.iter().map(|account| account.name.show().into_owned()).collect::<Vec<_>>();
                Err(Failure::new(
                    Kind::SignedOut,
                    format!("use the account {shown}"),
                    "nobody of that name is signed in",
                )
                .hint(format!("signed in: {}. `amlock login` adds one.", names.join(", "))))
            }
            several => {
                let names = several.iter().map(|account| format!("{} ({})", account.name.show(), account.id));
                Err(Failure::misused(format!("use the account {shown}"), "several begin like that")
                    .hint(format!("one of: {}", names.collect::<Vec<_>>().join(", "))))
            }
        }
    }

    /// The account, in the tenant that was named or else its own.
    pub(crate) fn who(&self) -> Result<Who, Failure> {
        let account = self.account()?;
        Ok(Who { account: account.id, tenant: self.tenant()?.unwrap_or(account.tenant) })
    }

    /// The tenant that --tenant or AMLOCK_TENANT names.
    pub(crate) fn tenant(&self) -> Result<Option<TenantId>, Failure> {
        let parse = |text: &String| {
            TenantId::parse(text).map_err(|bad| {
                Failure::misused("choose the tenant", bad.to_string()).hint("--tenant contoso.com, or its id")
            })
        };
        self.typed.tenant.as_ref().map(parse).transpose()
    }
}

/// Which of the logins is meant where nobody names one, and why: the environment's principal, which somebody set for this
/// command; in a job its own token, or the identity that it was given; the machine's identity, where the environment marks
/// one; a login that amlock remembers; az's.
fn choose(kept: &[Kept], job_identity: bool) -> Option<(usize, Kept, &'static str)> {
    let machine = (Kept::Machine, "the environment marks a managed identity");
    let run = (Kept::Run, "this is a submitted run");
    let (first, second) = if job_identity { (machine, run) } else { (run, machine) };
    let order = [(Kept::Environment, "the environment has a service principal"), first, second];
    let at = |wanted: Kept| kept.iter().position(|have| *have == wanted);
    if let Some((at, kept, why)) = order.into_iter().find_map(|(kept, why)| Some((at(kept)?, kept, why))) {
        return Some((at, kept, why));
    }
    let ours = kept.iter().position(|have| have.remembered() || *have == Kept::Memory);
    let at = ours.or_else(|| at(Kept::AzureCli))?;
    let why = match (kept.len(), kept[at]) {
        (1, _) => "the only one",
        (_, Kept::AzureCli) => "az uses it now; --account or `amlock account use`",
        _ => "the first of several; --account or `amlock account use`",
    };
    Some((at, kept[at], why))
}

/// Whether the job we are in, if we are in one, was given an identity: its author chose that before the run's own token.
pub(crate) fn given_to_job(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &str| variable(name).filter(|text| !text.trim().is_empty());
    set("AZUREML_IDENTITY_IN_USE").is_some_and(|which| !which.trim().eq_ignore_ascii_case("AMLToken"))
        || set("OBO_ENDPOINT").is_some()
}

fn signed_out(demo: bool) -> Failure {
    let hint = if demo {
        "`amlock --demo` without a world starts signed in."
    } else {
        "`amlock login`; without Azure at hand, `amlock --demo`."
    };
    Failure::new(Kind::SignedOut, "find an account", "nobody is signed in").hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_nothing_chosen_the_nearest_login_is_taken() {
        use Kept::{AzureCli, Environment, Keyring, Machine, Memory, Run};
        // Whatever is there, in whatever order it was found.
        for (there, job_identity, taken) in [
            (&[AzureCli, Keyring, Machine, Run, Environment][..], false, Some(Environment)),
            (&[AzureCli, Keyring, Machine, Run], false, Some(Run)),
            (&[AzureCli, Keyring, Machine, Run], true, Some(Machine)),
            (&[AzureCli, Keyring, Machine], false, Some(Machine)),
            (&[AzureCli, Run], true, Some(Run)),
            (&[AzureCli, Keyring], false, Some(Keyring)),
            (&[AzureCli, Memory], false, Some(Memory)),
            (&[AzureCli, AzureCli], false, Some(AzureCli)),
            (&[], true, None),
        ] {
            let chosen = choose(there, job_identity);
            assert_eq!(chosen.map(|(_, kept, _)| kept), taken, "{there:?}");
            assert!(chosen.is_none_or(|(at, kept, why)| there[at] == kept && !why.is_empty()));
        }
    }

    #[test]
    fn the_first_of_az_is_the_one_that_az_uses() {
        assert_eq!(choose(&[Kept::AzureCli, Kept::AzureCli], false).map(|(at, ..)| at), Some(0));
    }

    #[test]
    fn a_job_s_author_chooses_its_identity() {
        let given = |set: &[(&str, &str)]| {
            given_to_job(|name| set.iter().find(|(have, _)| *have == name).map(|(_, value)| (*value).to_owned()))
        };
        assert!(given(&[("AZUREML_IDENTITY_IN_USE", "Managed")]) && given(&[("OBO_ENDPOINT", "http://127.0.0.1:1/")]));
        assert!(!given(&[("AZUREML_IDENTITY_IN_USE", "AMLToken")]) && !given(&[("AZUREML_RUN_TOKEN", "x")]));
    }
}
