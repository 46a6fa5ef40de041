//! The nouns of Azure Machine Learning's keyring, and what can be said of them: no I/O, no async, no screen.

mod account;
mod alike;
mod columns;
mod endpoint;
mod failure;
mod ids;
mod sealed;
mod secret;
mod text;
mod vault;
mod when;
mod workspace;

pub use account::{
    AccessToken, Account, AccountKind, DeviceCode, Kept, Polling, Stranger, Subscription, Tenant, TokenClaims, TokenOf,
    Who,
};
pub use alike::{alike, mixes};
pub use columns::{Cell, Columns, Head, Tone};
pub use endpoint::{
    AuthMode, Endpoint, EndpointKeys, EndpointKind, EndpointList, EndpointState, EndpointToken, Regenerated, WhichKey,
};
pub use failure::{AzureWords, Denied, Failure, Guard, Kind, RoleAdvice};
pub use ids::{AccountId, BadId, ClientId, ResourceId, SubscriptionId, TenantId};
pub use sealed::Sealed;
pub use secret::{
    Attributes, BadSecretName, Changes, DeletedSecret, Expect, NewSecret, Overtaken, Secret, SecretName, SecretValue,
    SecretVersion, SetDone, Tags, VALUE_LIMIT,
};
pub use text::{SafeText, Untrusted, is_hostile, width};
pub use vault::Vault;
pub use when::{Moment, Zone, ago, count_down, date, until};
pub use workspace::{Workspace, WorkspaceKind, name_fits};
