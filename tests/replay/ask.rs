//! What is asked of a recording, and the answer written down: rows, states, words, exit codes. Values are written too:
//! those in the recordings are made up.

use amlock::cloud::Cloud;
use amlock::domain::{
    AuthMode, Changes, Columns, DeletedSecret, Endpoint, EndpointKind, EndpointState, Expect, Failure, Moment,
    NewSecret, ResourceId, Sealed, Secret, SecretName, Untrusted, Vault, WhichKey, Who, Workspace, Zone, date,
};

pub(crate) const WS: &str = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/test-rg/providers/Microsoft.MachineLearningServices/workspaces/my-aml-workspace";

/// A question. Names are of vaults, secrets, endpoints.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ask {
    Tenants,
    Subscriptions,
    Workspaces,
    Workspace(&'static str),
    VaultOf(&'static str),
    Secrets(&'static str),
    Deleted(&'static str),
    Versions(&'static str, &'static str),
    Reveal(&'static str, &'static str, Option<&'static str>),
    Set(&'static str, &'static str),
    Update(&'static str, &'static str, &'static str),
    Delete(&'static str, &'static str),
    Recover(&'static str, &'static str),
    Purge(&'static str, &'static str),
    Backup(&'static str, &'static str),
    Restore(&'static str),
    Endpoints,
    Keys(EndpointKind, &'static str),
    Token(&'static str),
    Regenerate(EndpointKind, &'static str),
}

/// The answer in lines.
pub(crate) async fn ask(cloud: &Cloud, who: &Who, ask: Ask) -> Vec<String> {
    let mut lines = Vec::new();
    if let Err(failure) = put(cloud, who, ask, &mut lines).await {
        lines.push(format!("{} [{}]", failure.sentence(), failure.exit_code()));
        lines.extend(failure.azure.map(|azure| format!("Azure: {} {}", azure.status, azure.code.show())));
    }
    lines
}

async fn put(cloud: &Cloud, who: &Who, ask: Ask, lines: &mut Vec<String>) -> Result<(), Failure> {
    let vault = |name: &str| cloud.vault_by_name(who, name);
    match ask {
        Ask::Tenants => {
            let found = cloud.tenants(who).await?;
            lines.extend(found.iter().map(|one| format!("{} · {} · {}", one.id, one.name.show(), one.domain.show())));
        }
        Ask::Subscriptions => {
            let found = cloud.subscriptions(who).await?;
            lines.extend(found.iter().map(|one| format!("{} · managed by {}", row(one), one.managed_by.len())));
        }
        Ask::Workspaces => cloud.workspaces(who, &mut |page| lines.extend(page.iter().map(workspace))).await?,
        Ask::Workspace(id) => lines.push(workspace(&cloud.workspace(who, &resource(id)).await?)),
        Ask::VaultOf(id) => {
            let found = cloud.vault(&bare(who, id)).await?;
            lines.push(format!("{} · {} · by role {:?} · {}", found.name, found.url, found.by_role, found.who.tenant));
        }
        Ask::Secrets(name) => {
            cloud.secrets(&vault(name)?, &mut |page| lines.extend(page.iter().map(secret))).await?;
        }
        Ask::Deleted(name) => {
            cloud.deleted_secrets(&vault(name)?, &mut |page| lines.extend(page.iter().map(deleted))).await?;
        }
        Ask::Versions(name, of) => {
            let found = cloud.versions(&vault(name)?, &secret_name(of)).await?;
            lines.extend(found.iter().map(|one| format!("{} · newest {}", secret(&one.secret), one.current)));
        }
        Ask::Reveal(name, of, version) => {
            let version = version.map(Untrusted::from);
            let found = cloud.reveal(&vault(name)?, &secret_name(of), version.as_ref()).await?;
            lines.push(format!("{} · value {}", secret(&found.secret), found.value.unseal()));
        }
        _ => change(cloud, who, ask, lines).await?,
    }
    Ok(())
}

async fn change(cloud: &Cloud, who: &Who, ask: Ask, lines: &mut Vec<String>) -> Result<(), Failure> {
    let vault = |name: &str| -> Result<Vault, Failure> { cloud.vault_by_name(who, name) };
    match ask {
        Ask::Set(name, of) => {
            let new = NewSecret {
                name: secret_name(of),
                value: Sealed::new("x".to_owned()),
                content_type: None,
                tags: None,
                not_before: None,
                expires: None,
                enabled: None,
            };
            let done = cloud.set_secret(&vault(name)?, new, Expect::Anything).await?;
            lines.push(format!("{} · looked {}", secret(&done.secret), done.looked));
        }
        Ask::Update(name, of, version) => {
            let tags = vec![("mytag".into(), "myvalue".into())];
            let changes = Changes {
                tags: Some(tags),
                content_type: Some("myContentType".into()),
                enabled: Some(true),
                ..Changes::default()
            };
            let version = Untrusted::from(version);
            let done = cloud.update_secret(&vault(name)?, &secret_name(of), Some(&version), changes).await?;
            lines.push(secret(&done));
        }
        Ask::Delete(name, of) => lines.push(deleted(&cloud.delete_secret(&vault(name)?, &secret_name(of)).await?)),
        Ask::Recover(name, of) => lines.push(secret(&cloud.recover_secret(&vault(name)?, &secret_name(of)).await?)),
        Ask::Purge(name, of) => {
            cloud.purge_secret(&vault(name)?, &secret_name(of)).await?;
            lines.push("gone for good".to_owned());
        }
        Ask::Backup(name, of) => {
            let blob = cloud.backup_secret(&vault(name)?, &secret_name(of)).await?;
            lines.push(format!("{} bytes, {}…", blob.bytes(), &blob.unseal()[..12]));
        }
        Ask::Restore(name) => {
            lines.push(secret(&cloud.restore_secret(&vault(name)?, Sealed::new("blob".to_owned())).await?));
        }
        Ask::Endpoints => {
            let list = cloud.endpoints(who, &resource(WS)).await?;
            lines.extend(list.endpoints.iter().map(endpoint));
            lines.extend(list.missing.iter().map(|(kind, failure)| format!("{}: {failure}", kind.word())));
        }
        Ask::Keys(kind, name) => {
            let keys = cloud.endpoint_keys(&some_endpoint(who, kind, name, AuthMode::Key)).await?;
            lines.push(format!("{} · {}", keys.primary.unseal(), keys.secondary.unseal()));
        }
        Ask::Token(name) => {
            let endpoint = some_endpoint(who, EndpointKind::Online, name, AuthMode::AmlToken);
            let token = cloud.endpoint_token(&endpoint).await?;
            let after = token.refresh_after.map_or_else(String::new, day);
            lines.push(format!(
                "{} {} · ends {} · again after {after}",
                token.token_type.show(),
                token.token.unseal(),
                day(token.expires)
            ));
        }
        Ask::Regenerate(kind, name) => {
            let endpoint = some_endpoint(who, kind, name, AuthMode::Key);
            let mut told = |word: Untrusted| lines.push(word.show().into_owned());
            let done = cloud.regenerate_key(&endpoint, WhichKey::Primary, true, &mut told).await?;
            lines.push(format!("keys {} · changed {:?}", done.keys.is_some(), done.changed));
        }
        _ => {}
    }
    Ok(())
}

fn day(at: Moment) -> String {
    date(at, &Zone::UTC)
}

fn row<T: Columns>(one: &T) -> String {
    let cells = one.cells(Moment::UNIX_EPOCH).into_iter().map(|cell| cell.text).filter(|text| !text.is_empty());
    cells.collect::<Vec<_>>().join(" · ")
}

fn shown(text: Option<&Untrusted>) -> String {
    text.map_or_else(|| "–".to_owned(), |text| text.show().into_owned())
}

fn secret(one: &Secret) -> String {
    let kept = &one.attributes;
    let at = |moment: Option<Moment>| moment.map_or_else(|| "–".to_owned(), day);
    let tags: Vec<_> = one.tags.iter().map(|(key, value)| format!("{}={}", key.show(), value.show())).collect();
    format!(
        "{}/{} · {} · {} · {} {} · {} to {} · {} {:?} · [{}]",
        one.name.show(),
        shown(one.version.as_ref()),
        shown(one.content_type.as_ref()),
        if one.managed { "cert" } else { "own" },
        if kept.enabled { "on" } else { "off" },
        at(kept.created),
        at(kept.not_before),
        at(kept.expires),
        shown(kept.recovery_level.as_ref()),
        kept.recoverable_days,
        tags.join(" ")
    )
}

fn deleted(one: &DeletedSecret) -> String {
    let at = |moment: Option<Moment>| moment.map_or_else(|| "–".to_owned(), day);
    format!("{} · deleted {} · until {}", secret(&one.secret), at(one.deleted), at(one.purged))
}

fn workspace(one: &Workspace) -> String {
    format!(
        "{} · vault {} · {} · {} · {} · {}",
        row(one),
        one.vault_id.as_ref().map_or("–", ResourceId::name),
        shown(Some(&one.state)),
        shown(one.friendly_name.as_ref()),
        shown(one.description.as_ref()),
        shown(one.discovery_url.as_ref())
    )
}

fn endpoint(one: &Endpoint) -> String {
    let made = one.created.map_or_else(|| "–".to_owned(), day);
    format!("{} · {} · {} · made {made}", row(one), shown(one.scoring_uri.as_ref()), one.id.resource_type())
}

fn resource(id: &str) -> ResourceId {
    ResourceId::parse(id).expect("a resource id")
}

fn secret_name(text: &str) -> SecretName {
    SecretName::parse(text).expect("a name")
}

/// A workspace of which only the vault's id is known.
fn bare(who: &Who, vault: &str) -> Workspace {
    Workspace {
        id: resource(WS),
        name: "my-aml-workspace".into(),
        kind: amlock::domain::WorkspaceKind::Default,
        location: Untrusted::default(),
        subscription_name: None,
        who: who.clone(),
        vault_id: Some(resource(vault)),
        vault_url: None,
        vault_tenant: None,
        vault_by_role: None,
        hub: None,
        state: Untrusted::default(),
        friendly_name: None,
        description: None,
        tags: Vec::new(),
        discovery_url: None,
        mlflow_uri: None,
    }
}

fn some_endpoint(who: &Who, kind: EndpointKind, name: &str, auth: AuthMode) -> Endpoint {
    Endpoint {
        id: resource(&format!("{WS}/{}/{name}", kind.collection())),
        name: name.into(),
        kind,
        auth,
        state: EndpointState::Ready,
        scoring_uri: None,
        traffic: Vec::new(),
        target: None,
        description: None,
        location: Untrusted::default(),
        tags: Vec::new(),
        created: None,
        who: who.clone(),
    }
}
