//! Endpoints: where models answer, and with which keys and tokens they are called.

use super::{Cell, Columns, Failure, Head, Moment, ResourceId, Sealed, Tags, Tone, Untrusted, Who};

/// What sort of endpoint it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndpointKind {
    /// Answers at once.
    Online,
    /// Starts jobs.
    Batch,
    /// A model hosted for everybody, paid by the call.
    Serverless,
}

impl EndpointKind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Batch => "batch",
            Self::Serverless => "serverless",
        }
    }

    /// The piece of its address in Azure Resource Manager.
    pub fn collection(self) -> &'static str {
        match self {
            Self::Online => "onlineEndpoints",
            Self::Batch => "batchEndpoints",
            Self::Serverless => "serverlessEndpoints",
        }
    }
}

/// How callers show who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthMode {
    /// With one of two keys.
    Key,
    /// With a token that Azure ML gives out.
    AmlToken,
    /// With a token of Microsoft Entra ID.
    Entra,
    /// With a key or an Entra token.
    KeyOrEntra,
    /// Something newer than amlock.
    Other(Untrusted),
}

impl AuthMode {
    /// Reads Azure's spelling.
    pub fn parse(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "key" => Self::Key,
            "amltoken" => Self::AmlToken,
            "aadtoken" | "aad" => Self::Entra,
            "keyandaad" => Self::KeyOrEntra,
            _ => Self::Other(Untrusted::from(text)),
        }
    }

    /// The word for it.
    pub fn word(&self) -> String {
        match self {
            Self::Key => "key".to_owned(),
            Self::AmlToken => "token".to_owned(),
            Self::Entra => "Entra".to_owned(),
            Self::KeyOrEntra => "key, Entra".to_owned(),
            Self::Other(text) => text.show().into_owned(),
        }
    }

    /// Whether it has keys.
    pub fn has_keys(&self) -> bool {
        matches!(self, Self::Key | Self::KeyOrEntra)
    }
}

/// What it is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndpointState {
    /// Answers.
    Ready,
    /// Being made.
    Creating,
    /// Being changed.
    Updating,
    /// Being deleted.
    Deleting,
    /// Its last change failed.
    Failed,
    /// Anything else, in Azure's word.
    Other(Untrusted),
}

impl EndpointState {
    /// Reads Azure's `provisioningState`.
    pub fn parse(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "succeeded" => Self::Ready,
            "creating" => Self::Creating,
            "updating" => Self::Updating,
            "deleting" => Self::Deleting,
            "failed" => Self::Failed,
            _ => Self::Other(Untrusted::from(text)),
        }
    }

    /// The word for it.
    pub fn word(&self) -> String {
        match self {
            Self::Ready => "ready".to_owned(),
            Self::Creating => "creating".to_owned(),
            Self::Updating => "updating".to_owned(),
            Self::Deleting => "deleting".to_owned(),
            Self::Failed => "failed".to_owned(),
            Self::Other(text) => text.show().into_owned(),
        }
    }

    fn tone(&self) -> Tone {
        match self {
            Self::Ready => Tone::Good,
            Self::Failed => Tone::Danger,
            _ => Tone::Warning,
        }
    }
}

/// An endpoint as a list shows it: never its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its ARM id.
    pub id: ResourceId,
    /// Its name.
    pub name: Untrusted,
    /// Its sort.
    pub kind: EndpointKind,
    /// How it is called.
    pub auth: AuthMode,
    /// What it is doing.
    pub state: EndpointState,
    /// Where it is called; none while it is being made.
    pub scoring_uri: Option<Untrusted>,
    /// Deployments and their share of the calls, in percent.
    pub traffic: Vec<(Untrusted, u8)>,
    /// The deployment a batch job goes to, or the model behind a serverless endpoint.
    pub target: Option<Untrusted>,
    /// What somebody wrote about it.
    pub description: Option<Untrusted>,
    /// Its region.
    pub location: Untrusted,
    /// Its tags.
    pub tags: Tags,
    /// When it was made.
    pub created: Option<Moment>,
    /// Whose token reaches it.
    pub who: Who,
}

/// The endpoints of a workspace, and which kinds of them could not be listed: a short list never passes for a whole one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointList {
    /// What could be listed, by name.
    pub endpoints: Vec<Endpoint>,
    /// Kinds that could not be listed, and why. A kind that the region does not know is not among them.
    pub missing: Vec<(EndpointKind, Failure)>,
}

impl Endpoint {
    /// Where the calls go: `blue 90, green 10`.
    pub fn traffic_words(&self) -> String {
        let shares = self.traffic.iter().map(|(name, share)| format!("{} {share}", name.show())).collect::<Vec<_>>();
        if shares.is_empty() {
            self.target.as_ref().map_or_else(String::new, |text| text.show().into_owned())
        } else {
            shares.join(", ")
        }
    }
}

/// The two keys of an endpoint; either opens it.
#[derive(Debug)]
pub struct EndpointKeys {
    /// The first.
    pub primary: Sealed,
    /// The second, for changing the first without a pause.
    pub secondary: Sealed,
}

impl EndpointKeys {
    /// One of them.
    pub fn get(&self, which: WhichKey) -> &Sealed {
        match which {
            WhichKey::Primary => &self.primary,
            WhichKey::Secondary => &self.secondary,
        }
    }
}

/// One of two keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WhichKey {
    /// The first.
    Primary,
    /// The second.
    Secondary,
}

impl WhichKey {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
        }
    }
}

/// What came of regenerating a key.
#[derive(Debug)]
pub struct Regenerated {
    /// Which key it was.
    pub which: WhichKey,
    /// The keys after it; none when nobody waited.
    pub keys: Option<EndpointKeys>,
    /// Whether the key is really another one than before; `None` where that could not be compared.
    pub changed: Option<bool>,
}

/// A token an endpoint takes for a while.
#[derive(Debug)]
pub struct EndpointToken {
    /// The token.
    pub token: Sealed,
    /// `Bearer`.
    pub token_type: Untrusted,
    /// When it ends.
    pub expires: Moment,
    /// From when on a new one should be asked for.
    pub refresh_after: Option<Moment>,
}

impl Columns for Endpoint {
    const HEADS: &'static [Head] = &[
        Head::grows("NAME"),
        Head::fixed("KIND", 10),
        Head::fixed("AUTH", 10),
        Head::fixed("STATE", 10),
        Head::fixed("TRAFFIC", 20),
    ];

    fn cells(&self, _now: Moment) -> Vec<Cell> {
        let traffic = self.traffic_words();
        vec![
            Cell::text(self.name.show().into_owned()),
            Cell::text(self.kind.word()),
            Cell::text(self.auth.word()),
            Cell::toned(self.state.word(), self.state.tone()),
            if traffic.is_empty() { Cell::none() } else { Cell::text(traffic) },
        ]
    }
}
