//! The ways by which an address of somebody else's can come to us, each through the methods of `Cloud` that everybody uses.

use std::sync::Arc;

use amlock::cloud::{Clock, Cloud, SignIn, Transport};
use amlock::domain::{Expect, NewSecret, ResourceId, Sealed, SecretName, TenantId, Vault, WhichKey, Who, Workspace};
use azure_core::http::HttpClient;

use crate::far::{Far, PLACE};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// Links to a next page: of secrets, deleted ones, versions, tenants, subscriptions, endpoints, workspaces; Resource Graph's token.
    Secrets,
    Deleted,
    Versions,
    Tenants,
    Subscriptions,
    Endpoints,
    EachSubscription,
    SkipToken,
    /// Redirects of reads, writes and sign-in.
    RedirectedList,
    RedirectedReveal,
    RedirectedSet,
    RedirectedDelete,
    RedirectedArm,
    RedirectedRegenerate,
    RedirectedLogin,
    RedirectedCode,
    /// Challenges of a vault to a read and to a write, of Azure Resource Manager, and of a vault that is asked without a token.
    Challenged,
    ChallengedSet,
    ChallengedArm,
    StrangersChallenge,
    /// Addresses and ids in answers.
    GraphsVault,
    ArmsVault,
    VaultId,
    Hub,
    ScoringUri,
    VaultByName,
    /// Where an accepted operation is to be followed.
    Operation,
    Location,
    /// Where a person is to type the code.
    DeviceCode,
}

impl Door {
    /// The hosts that a right address behind this door has.
    pub(crate) fn near(self) -> &'static [&'static str] {
        match self {
            Self::Secrets | Self::Deleted | Self::Versions | Self::GraphsVault | Self::ArmsVault => {
                &["kv-demo.vault.azure.net"]
            }
            Self::Challenged | Self::ChallengedSet | Self::ChallengedArm | Self::StrangersChallenge => {
                &["login.microsoftonline.com"]
            }
            Self::Tenants
            | Self::Subscriptions
            | Self::Endpoints
            | Self::EachSubscription
            | Self::Operation
            | Self::Location => &["management.azure.com"],
            Self::DeviceCode => &["microsoft.com", "login.microsoft.com", "aka.ms"],
            _ => &[],
        }
    }
}

/// A client, signed in.
pub(crate) struct Client {
    pub(crate) far: Arc<Far>,
    cloud: Cloud,
    who: Who,
    vault: Vault,
}

impl Client {
    pub(crate) fn new() -> Self {
        let far = Arc::new(Far::new());
        let client: Arc<dyn HttpClient> = far.clone();
        let now = "2026-11-21T05:02:00Z".parse().expect("a time");
        let cloud = Cloud::new(Transport::of(&client), Clock::starting_at(now), false);
        let tenant = TenantId::parse("11111111-1111-1111-1111-111111111111").expect("a tenant");
        let refresh_token = Sealed::new("canary-refresh".to_owned());
        let account = cloud.adopt_user("alex@contoso.com".into(), "oid-1".into(), tenant.clone(), refresh_token);
        let who = Who { account: account.id, tenant };
        let vault = cloud.vault_by_name(&who, "kv-demo").expect("a vault");
        Self { far, cloud, who, vault }
    }

    async fn list(&self, vault: &Vault) -> usize {
        let mut seen = 0;
        let _ = self.cloud.secrets(vault, &mut |page| seen += page.len()).await;
        seen
    }

    /// Everything of a workspace's vault: found, listed, asked for a value.
    async fn open(&self, workspace: &Workspace) -> usize {
        let Ok(vault) = self.cloud.vault(workspace).await else { return 1 };
        let _ = self.cloud.reveal(&vault, &secret(), None).await;
        1 + self.list(&vault).await
    }

    /// Goes through a door; how much came of it.
    pub(crate) async fn call(&self, door: Door, address: &str) -> usize {
        let cloud = &self.cloud;
        match door {
            Door::Secrets | Door::RedirectedList | Door::Challenged => {
                self.list(&self.vault).await.max(usize::from(door != Door::Secrets))
            }
            Door::Deleted => {
                let mut seen = 0;
                let _ = cloud.deleted_secrets(&self.vault, &mut |page| seen += page.len()).await;
                seen
            }
            Door::Versions => usize::from(cloud.versions(&self.vault, &secret()).await.is_err()),
            Door::Tenants => 1 + usize::from(cloud.tenants(&self.who).await.is_ok()),
            Door::Subscriptions => 1 + usize::from(cloud.subscriptions(&self.who).await.is_ok()),
            Door::RedirectedReveal => usize::from(cloud.reveal(&self.vault, &secret(), None).await.is_err()),
            Door::RedirectedSet | Door::ChallengedSet => {
                let set = cloud.set_secret(&self.vault, new(), Expect::Anything).await;
                usize::from(set.is_err())
            }
            Door::RedirectedDelete => usize::from(cloud.delete_secret(&self.vault, &secret()).await.is_err()),
            Door::VaultByName => match cloud.vault_by_name(&self.who, address) {
                Ok(vault) => self.list(&vault).await,
                Err(_) => 1,
            },
            Door::DeviceCode | Door::RedirectedCode => self.by_code(address).await,
            Door::RedirectedLogin => {
                // Two clients: the one that is signed in, and one that never was.
                let other = Client { far: Arc::clone(&self.far), ..Client::over(&self.far) };
                other.list(&other.vault).await + self.list(&self.vault).await + 1
            }
            Door::SkipToken | Door::EachSubscription => self.workspaces().await.len() + 1,
            Door::Endpoints | Door::ScoringUri | Door::Operation | Door::Location | Door::RedirectedRegenerate => {
                self.endpoints().await
            }
            Door::RedirectedArm | Door::ChallengedArm => {
                usize::from(cloud.tenants(&self.who).await.is_err()) + self.workspaces().await.len()
            }
            Door::StrangersChallenge | Door::GraphsVault | Door::ArmsVault | Door::VaultId | Door::Hub => {
                let mut came = 0;
                for workspace in self.workspaces().await {
                    came += self.open(&workspace).await;
                }
                if let Ok(workspace) = cloud.workspace(&self.who, &place()).await {
                    came += self.open(&workspace).await;
                }
                came
            }
        }
    }

    fn over(far: &Arc<Far>) -> Self {
        let fresh = Self::new();
        let client: Arc<dyn HttpClient> = far.clone();
        let cloud = Cloud::new(Transport::of(&client), fresh.cloud.clock(), false);
        let refresh_token = Sealed::new("canary-refresh".to_owned());
        cloud.adopt_user("alex@contoso.com".into(), "oid-1".into(), fresh.who.tenant.clone(), refresh_token);
        Self { cloud, ..fresh }
    }

    async fn workspaces(&self) -> Vec<Workspace> {
        let mut all = Vec::new();
        let _ = self.cloud.workspaces(&self.who, &mut |page| all.extend(page)).await;
        all
    }

    async fn endpoints(&self) -> usize {
        let Ok(list) = self.cloud.endpoints(&self.who, &place()).await else { return 0 };
        for endpoint in &list.endpoints {
            let _ = self.cloud.endpoint_keys(endpoint).await;
            let _ = self.cloud.endpoint_token(endpoint).await;
            let _ = self.cloud.regenerate_key(endpoint, WhichKey::Primary, true, &mut |_| {}).await;
        }
        list.endpoints.len() + list.missing.len()
    }

    /// Begins a sign-in; whoever is sent somewhere to type a code is sent to Microsoft.
    async fn by_code(&self, offered: &str) -> usize {
        const PLACES: [&str; 6] = [
            "microsoft.com",
            "www.microsoft.com",
            "login.microsoft.com",
            "login.microsoftonline.com",
            "aka.ms",
            "login.live.com",
        ];
        let mut shown = Vec::new();
        let way = SignIn::DeviceCode { tenant: None };
        let mut told = |told: amlock::cloud::Told| {
            shown.extend(told.code().map(|code| code.verification_uri.raw().to_owned()));
        };
        let _ = self.cloud.sign_in(way, &mut told).await;
        for address in &shown {
            assert_eq!(address, offered);
            let rest = address.get(..8).filter(|head| head.eq_ignore_ascii_case("https://")).map(|_| &address[8..]);
            let host = rest.map(|rest| rest[..rest.find(['/', '?', '#', ':']).unwrap_or(rest.len())].to_lowercase());
            assert!(host.is_some_and(|host| PLACES.contains(&host.as_str())), "{address:?} was shown");
        }
        1 + shown.len()
    }
}

fn secret() -> SecretName {
    SecretName::parse("db-password").expect("a name")
}

fn place() -> ResourceId {
    ResourceId::parse(PLACE).expect("an id")
}

fn new() -> NewSecret {
    NewSecret {
        name: secret(),
        value: Sealed::new("canary-value".to_owned()),
        content_type: None,
        tags: None,
        not_before: None,
        expires: None,
        enabled: None,
    }
}
