//! The services of Azure, asked of the demo cloud: what `Cloud` makes of its pages, refusals, conflicts and lost answers.

mod endpoints;
mod lost;
mod places;
mod secrets;
mod set;

use std::sync::Arc;

use amlock::cloud::{Clock, Cloud, Transport};
use amlock::demo::{DemoCloud, SeededLogin};
use amlock::domain::{
    Denied, Expect, Failure, Kind, Moment, NewSecret, Sealed, Secret, SecretName, TenantId, Untrusted, Vault, Who,
    Workspace,
};
use azure_core::http::HttpClient;

pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A world, and alex in it.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) demo: Arc<DemoCloud>,
    pub(crate) cloud: Cloud,
    pub(crate) who: Who,
}

pub(crate) fn stage(world: &str) -> Result<Stage> {
    let now: Moment = "2026-11-21T05:02:00Z".parse()?;
    let demo = DemoCloud::new(world, now)?;
    let client: Arc<dyn HttpClient> = demo.clone();
    let cloud = Cloud::new(Transport::of(&client), Clock::starting_at(now), false);
    let who = cast(&demo, &cloud)?;
    Ok(Stage { demo, cloud, who })
}

/// Another client of the same world, with a login of its own.
pub(crate) fn another(stage: &Stage) -> Result<Stage> {
    let client: Arc<dyn HttpClient> = stage.demo.clone();
    let cloud = Cloud::new(Transport::of(&client), Clock::starting_at(stage.demo.now()), false);
    let who = cast(&stage.demo, &cloud)?;
    Ok(Stage { demo: stage.demo.clone(), cloud, who })
}

fn cast(demo: &DemoCloud, cloud: &Cloud) -> Result<Who> {
    let found = demo.seeded_logins().into_iter().find_map(|login| match login {
        SeededLogin::User { username, object_id, tenant, refresh_token } => {
            Some((username, object_id, tenant, refresh_token))
        }
        SeededLogin::Principal { .. } => None,
    });
    let (name, object_id, tenant, token) = found.ok_or("nobody is signed in")?;
    let tenant = TenantId::parse(&tenant).map_err(|bad| bad.to_string())?;
    let account = cloud.adopt_user(name.into(), object_id.into(), tenant.clone(), Sealed::new(token));
    Ok(Who { account: account.id, tenant })
}

impl Stage {
    pub(crate) async fn workspaces(&self) -> Result<Vec<Workspace>> {
        let mut all = Vec::new();
        self.cloud.workspaces(&self.who, &mut |page| all.extend(page)).await?;
        Ok(all)
    }

    pub(crate) async fn workspace(&self, name: &str) -> Result<Workspace> {
        let found = self.workspaces().await?.into_iter().find(|one| one.name.raw() == name);
        Ok(found.ok_or_else(|| format!("no workspace {name}"))?)
    }

    pub(crate) fn vault(&self, name: &str) -> Result<Vault> {
        Ok(self.cloud.vault_by_name(&self.who, name)?)
    }

    pub(crate) async fn secrets(&self, vault: &Vault) -> std::result::Result<Vec<Secret>, Failure> {
        let mut all = Vec::new();
        self.cloud.secrets(vault, &mut |page| all.extend(page)).await?;
        Ok(all)
    }

    pub(crate) async fn set(&self, vault: &Vault, secret: &str, value: &str) -> Result {
        self.cloud.set_secret(vault, new(secret, value), Expect::Anything).await?;
        Ok(())
    }

    /// What was asked since the line `from` of the log: `GET /secrets/x/versions`.
    pub(crate) fn asked(&self, from: usize) -> Vec<String> {
        let lines = self.demo.log().into_iter().skip(from).filter(|line| !line.url.contains("login.microsoftonline"));
        lines
            .map(|line| {
                let path = line.url.split('?').next().unwrap_or_default();
                let path = path.splitn(4, '/').nth(3).unwrap_or_default().trim_end_matches('/');
                format!("{} /{path}", line.method)
            })
            .collect()
    }
}

pub(crate) fn name(text: &str) -> SecretName {
    SecretName::parse(text).expect("a name")
}

pub(crate) fn new(secret: &str, value: &str) -> NewSecret {
    NewSecret {
        name: name(secret),
        value: Sealed::new(value.to_owned()),
        content_type: None,
        tags: None,
        not_before: None,
        expires: None,
        enabled: None,
    }
}

pub(crate) fn denied(failure: &Failure) -> &Denied {
    match &failure.kind {
        Kind::Forbidden(denied) => denied,
        other => panic!("{other:?}: {failure}"),
    }
}

pub(crate) fn raw(text: Option<&Untrusted>) -> &str {
    text.map_or("", Untrusted::raw)
}
