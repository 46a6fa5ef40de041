//! Endpoints of a workspace, of all three kinds in one go; their keys and their tokens, each only when asked for.

use azure_core::http::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::domain::{
    AuthMode, Endpoint, EndpointKeys, EndpointKind, EndpointList, EndpointState, EndpointToken, Failure, Kind, Moment,
    ResourceId, Sealed, Tags, Untrusted, Who,
};

use super::Cloud;
use super::arm::{MACHINE_LEARNING, Place, shown};
use super::loose::{Listed, instant, object, seconds, tags, text, whole};
use super::problem::denied;

/// Whose tokens endpoints take that ask for Microsoft Entra ID.
const ENTRA: &str = "https://ml.azure.com";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: String,
    name: String,
    #[serde(default, deserialize_with = "text")]
    location: Option<Untrusted>,
    #[serde(default, deserialize_with = "tags")]
    tags: Tags,
    #[serde(default, deserialize_with = "object")]
    system_data: SystemData,
    #[serde(default, deserialize_with = "object")]
    properties: Properties,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SystemData {
    #[serde(default, deserialize_with = "instant")]
    created_at: Option<Moment>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    #[serde(default, deserialize_with = "text")]
    auth_mode: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    provisioning_state: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    endpoint_state: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    scoring_uri: Option<Untrusted>,
    #[serde(default, deserialize_with = "object")]
    inference_endpoint: Inference,
    #[serde(default, deserialize_with = "object")]
    traffic: Map<String, Value>,
    #[serde(default, deserialize_with = "object")]
    defaults: Defaults,
    #[serde(default, deserialize_with = "object")]
    model_settings: Model,
    #[serde(default, deserialize_with = "text")]
    description: Option<Untrusted>,
}

#[derive(Default, Deserialize)]
struct Inference {
    #[serde(default, deserialize_with = "text")]
    uri: Option<Untrusted>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Defaults {
    #[serde(default, deserialize_with = "text")]
    deployment_name: Option<Untrusted>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Model {
    #[serde(default, deserialize_with = "text")]
    model_id: Option<Untrusted>,
}

/// An endpoint's keys as every kind of endpoint gives them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Keys {
    primary_key: Sealed,
    secondary_key: Sealed,
}

impl From<Keys> for EndpointKeys {
    fn from(keys: Keys) -> Self {
        Self { primary: keys.primary_key, secondary: keys.secondary_key }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Given {
    access_token: Sealed,
    #[serde(default, deserialize_with = "text")]
    token_type: Option<Untrusted>,
    #[serde(default, deserialize_with = "seconds")]
    expiry_time_utc: Option<Moment>,
    #[serde(default, deserialize_with = "whole")]
    refresh_after_time_utc: Option<i64>,
}

impl Item {
    /// None for a name that makes no address.
    fn endpoint(self, kind: EndpointKind, workspace: &ResourceId, who: &Who) -> Option<Endpoint> {
        // Below the workspace that was asked: an id from an answer leads nowhere else.
        let id = ResourceId::parse(&self.id).ok().filter(|id| is_below(id, workspace, kind));
        let own = || ResourceId::parse(&format!("{workspace}/{}/{}", kind.collection(), self.name)).ok();
        let id = id.or_else(own)?;
        let properties = self.properties;
        let percent = |share: &Value| {
            let text = share.as_str().map_or_else(|| share.to_string(), str::to_owned);
            text.parse::<u8>().ok().filter(|share| *share <= 100)
        };
        let shares = properties.traffic.iter();
        Some(Endpoint {
            id,
            name: Untrusted::new(self.name),
            kind,
            auth: AuthMode::parse(properties.auth_mode.as_ref().map_or("", Untrusted::raw)),
            state: state(properties.provisioning_state.as_ref(), properties.endpoint_state),
            scoring_uri: properties.scoring_uri.or(properties.inference_endpoint.uri),
            traffic: shares
                .filter_map(|(name, share)| Some((Untrusted::from(name.as_str()), percent(share)?)))
                .collect(),
            target: properties.defaults.deployment_name.or(properties.model_settings.model_id),
            description: properties.description,
            location: self.location.unwrap_or_default(),
            tags: self.tags,
            created: self.system_data.created_at,
            who: who.clone(),
        })
    }
}

fn is_below(id: &ResourceId, workspace: &ResourceId, kind: EndpointKind) -> bool {
    let place = format!("{workspace}/{}/{}", kind.collection(), id.name());
    ResourceId::parse(&place).is_ok_and(|place| place == *id)
}

/// A serverless endpoint is also `Online`, `Suspended`, ... beside being ready.
fn state(provisioning: Option<&Untrusted>, serving: Option<Untrusted>) -> EndpointState {
    let state = EndpointState::parse(provisioning.map_or("", Untrusted::raw));
    match serving {
        Some(word) if state == EndpointState::Ready && !word.raw().eq_ignore_ascii_case("online") => {
            EndpointState::Other(Untrusted::new(word.raw().to_lowercase()))
        }
        _ => state,
    }
}

/// Whether a failure says that there is no such kind of endpoint here, rather than that it could not be listed.
fn unknown_kind(failure: &Failure) -> bool {
    let code = failure.azure.as_ref().map_or("", |words| words.code.raw());
    failure.kind == Kind::NotFound
        || ["NoRegisteredProviderFound", "InvalidResourceType"].iter().any(|known| known.eq_ignore_ascii_case(code))
}

/// The first kind's failure, told as the failure of all.
fn of_all(failure: Failure, workspace: &ResourceId) -> Failure {
    let doing = format!("list the endpoints of {}", shown(workspace.name()));
    let failure = Failure { doing: doing.clone().into(), ..failure };
    denied(failure, |denied| denied.may_not = doing)
}

impl Cloud {
    /// Online, batch and serverless endpoints of a workspace, in one go, by name. A kind that could not be listed is named
    /// beside the others; the whole fails only when nothing could be listed.
    pub async fn endpoints(&self, who: &Who, workspace: &ResourceId) -> Result<EndpointList, Failure> {
        let (online, batch, serverless) = tokio::join!(
            self.endpoints_of(who, workspace, EndpointKind::Online),
            self.endpoints_of(who, workspace, EndpointKind::Batch),
            self.endpoints_of(who, workspace, EndpointKind::Serverless),
        );
        let (mut endpoints, mut missing, mut unknown) = (Vec::new(), Vec::new(), None);
        let mut listed = 0;
        let answers =
            [(EndpointKind::Online, online), (EndpointKind::Batch, batch), (EndpointKind::Serverless, serverless)];
        for (kind, answer) in answers {
            match answer {
                Ok(some) => {
                    endpoints.extend(some);
                    listed += 1;
                }
                Err(failure) if unknown_kind(&failure) => unknown = unknown.or(Some(failure)),
                Err(failure) => missing.push((kind, failure)),
            }
        }
        if listed == 0 {
            // All unknown: then it is the workspace that is not there.
            let first = missing.into_iter().next().map(|(_, failure)| failure).or(unknown);
            return first.map_or(Ok(EndpointList::default()), |failure| Err(of_all(failure, workspace)));
        }
        endpoints.sort_by_cached_key(|endpoint| (endpoint.name.raw().to_lowercase(), endpoint.kind.word()));
        Ok(EndpointList { endpoints, missing })
    }

    async fn endpoints_of(
        &self,
        who: &Who,
        workspace: &ResourceId,
        kind: EndpointKind,
    ) -> Result<Vec<Endpoint>, Failure> {
        let doing = format!("list the {} endpoints of {}", kind.word(), shown(workspace.name()));
        let call =
            self.arm(who, Method::Get, &format!("{workspace}/{}", kind.collection()), MACHINE_LEARNING, doing)?;
        let mut found: Vec<Endpoint> = Vec::new();
        let mut each = |page: Vec<Item>| {
            for endpoint in page.into_iter().filter_map(|item| item.endpoint(kind, workspace, who)) {
                if found.iter().all(|have| have.id != endpoint.id) {
                    found.push(endpoint);
                }
            }
        };
        let listed = self.wire.pages::<Listed<Item>>(call, &mut each).await;
        listed.map_err(|failure| self.placed(failure, &Place::of(who, workspace)))?;
        Ok(found)
    }

    /// An endpoint's keys.
    pub async fn endpoint_keys(&self, endpoint: &Endpoint) -> Result<EndpointKeys, Failure> {
        let doing = format!("read the keys of {}", endpoint.name.show());
        has_keys(endpoint, &doing)?;
        self.keys(endpoint, &doing).await
    }

    /// The keys, said to be for `doing`.
    pub(crate) async fn keys(&self, endpoint: &Endpoint, doing: &str) -> Result<EndpointKeys, Failure> {
        // The one address that is spelled differently for one kind.
        let action = if endpoint.kind == EndpointKind::Batch { "listkeys" } else { "listKeys" };
        let mut call = self.action_of(endpoint, action, doing)?;
        call.carries_value = true;
        let reply = self.wire.read(call).await.map_err(|failure| self.at_endpoint(failure, endpoint))?;
        reply.json::<Keys>().map(EndpointKeys::from)
    }

    /// An endpoint's token (Azure ML's, or Entra's for endpoints that take those).
    pub async fn endpoint_token(&self, endpoint: &Endpoint) -> Result<EndpointToken, Failure> {
        let doing = format!("get a token for {}", endpoint.name.show());
        // Only online endpoints give out tokens of their own.
        let entra =
            endpoint.kind != EndpointKind::Online || matches!(endpoint.auth, AuthMode::Entra | AuthMode::KeyOrEntra);
        if endpoint.auth == AuthMode::Key {
            return Err(Failure::misused(doing, "it is called with keys, not with tokens").hint("read its keys"));
        }
        if entra {
            let token =
                self.token(&endpoint.who, ENTRA).await.map_err(|failure| Failure { doing: doing.into(), ..failure })?;
            let token_type = Untrusted::from("Bearer");
            return Ok(EndpointToken { token: token.token, token_type, expires: token.expires, refresh_after: None });
        }
        let mut call = self.action_of(endpoint, "token", &doing)?;
        call.carries_value = true;
        let reply = self.wire.read(call).await.map_err(|failure| self.at_endpoint(failure, endpoint))?;
        let given: Given = reply.json()?;
        let no_end = || Failure::new(Kind::Failed, doing, "the answer does not tell when the token ends");
        Ok(EndpointToken {
            token: given.access_token,
            token_type: given.token_type.unwrap_or_else(|| Untrusted::from("Bearer")),
            expires: given.expiry_time_utc.ok_or_else(no_end)?,
            refresh_after: given
                .refresh_after_time_utc
                .filter(|at| *at > 0)
                .and_then(|at| Moment::from_second(at).ok()),
        })
    }

    /// A failure at an endpoint, with what is known of the place added to a refusal.
    pub(crate) fn at_endpoint(&self, failure: Failure, endpoint: &Endpoint) -> Failure {
        self.placed(failure, &Place::of(&endpoint.who, &endpoint.id))
    }
}

/// Refuses, without asking anybody, an endpoint that is called with tokens only.
pub(crate) fn has_keys(endpoint: &Endpoint, doing: &str) -> Result<(), Failure> {
    if matches!(endpoint.auth, AuthMode::AmlToken | AuthMode::Entra) {
        let cause = "it is called with tokens and has no keys";
        return Err(Failure::misused(doing.to_owned(), cause).hint("get a token for it"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serverless_endpoint_that_is_suspended_is_not_ready() {
        let word = |provisioning: &str, serving: &str| {
            state(Some(&Untrusted::from(provisioning)), Some(Untrusted::from(serving))).word()
        };
        assert_eq!(word("Succeeded", "Online"), "ready");
        assert_eq!(word("Succeeded", "Suspended"), "suspended");
        assert_eq!(word("Updating", "Online"), "updating");
    }
}
