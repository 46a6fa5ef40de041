//! The endpoints of the workspaces: one of each kind in ws-vision, one in every state somewhere.

use crate::demo::{
    clock::{DAY, Moment},
    seed,
};

/// What sort of endpoint it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Online,
    Batch,
    Serverless,
}

/// An endpoint, its keys and what stands behind it.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// `Key`, `AMLToken`, `AADToken`.
    pub(crate) auth: String,
    /// `Succeeded`, `Creating`, `Failed`...
    pub(crate) state: String,
    pub(crate) description: String,
    pub(crate) region: String,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) traffic: Vec<(String, u32)>,
    pub(crate) deployments: Vec<Deployment>,
    /// Primary, secondary.
    pub(crate) keys: [String; 2],
    /// How often a key was made, so that each is new.
    pub(crate) turns: u64,
    pub(crate) created: Moment,
}

/// A model behind an endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Deployment {
    pub(crate) name: String,
    pub(crate) model: String,
    pub(crate) instances: u32,
}

impl Endpoint {
    fn new(name: &str, kind: Kind, auth: &str, created: Moment) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            auth: auth.to_owned(),
            state: "Succeeded".to_owned(),
            description: String::new(),
            region: String::new(),
            tags: Vec::new(),
            traffic: Vec::new(),
            deployments: Vec::new(),
            keys: [seed::fictional(&["primary", name]), seed::fictional(&["secondary", name])],
            turns: 0,
            created,
        }
    }

    fn deployed(mut self, name: &str, percent: u32) -> Self {
        self.traffic.push((name.to_owned(), percent));
        self.deployments.push(Deployment {
            name: name.to_owned(),
            model: self.name.clone(),
            instances: 1 + percent / 50,
        });
        self
    }

    fn state(mut self, state: &str) -> Self {
        state.clone_into(&mut self.state);
        self
    }

    fn described(mut self, description: &str) -> Self {
        description.clone_into(&mut self.description);
        self
    }

    /// Makes a new key, or takes the one that was asked for. azure-ai-ml asks for the one that stands and counts on another.
    pub(crate) fn renew(&mut self, which: usize, wanted: Option<String>) {
        self.turns += 1;
        let made = seed::fictional(&["renewed", &self.name, &which.to_string(), &self.turns.to_string()]);
        if let Some(key) = self.keys.get_mut(which) {
            *key = wanted.filter(|wanted| wanted != key).unwrap_or(made);
        }
    }

    /// The address it answers at; none while it is being made.
    pub(crate) fn scoring_uri(&self) -> Option<String> {
        let (name, region) = (&self.name, &self.region);
        match self.kind {
            _ if self.state == "Creating" => None,
            Kind::Online => Some(format!("https://{name}.{region}.inference.ml.azure.com/score")),
            Kind::Batch => Some(format!("https://{name}.{region}.inference.ml.azure.com/jobs")),
            Kind::Serverless => Some(format!("https://{name}.{region}.models.ai.azure.com")),
        }
    }
}

/// The endpoints of one workspace.
pub(crate) fn of_workspace(workspace: &str, region: &str, now: Moment) -> Vec<Endpoint> {
    let online = |name: &str, auth: &str| Endpoint::new(name, Kind::Online, auth, now - 90 * DAY);
    let batch = |name: &str| Endpoint::new(name, Kind::Batch, "AADToken", now - 60 * DAY).deployed("default", 100);
    let serverless = |name: &str| Endpoint::new(name, Kind::Serverless, "Key", now - 10 * DAY);
    let mut all = match workspace {
        "ws-vision" => vec![
            online("churn-online", "Key")
                .deployed("blue", 90)
                .deployed("green", 10)
                .described("Who will leave us, and when (이탈 예측)"),
            online("churn-token", "AMLToken").deployed("blue", 100),
            online("churn-new", "Key").state("Creating"),
            batch("churn-batch"),
            serverless("llama-chat").described("A language model by the token"),
        ],
        "ws-prod" => vec![
            online("recommend", "Key").deployed("v12", 100),
            online("recommend-entra", "AADToken").deployed("v12", 100),
            online("fraud-check", "AMLToken").deployed("blue", 50).deployed("green", 50),
            online("recommend-next", "Key").state("Failed"),
            batch("nightly-scores"),
        ],
        // One name, two endpoints: which is meant must be said.
        "ws-audio" => vec![online("nightly", "Key").deployed("blue", 100), batch("nightly")],
        "ws-readonly" => vec![online("statements", "Key").deployed("blue", 100), online("reports", "AMLToken")],
        "ws-slow" => vec![online("remote", "Key").deployed("blue", 100), batch("remote-batch")],
        "ws-throttled" => vec![online("transcribe", "Key").deployed("blue", 100).state("Updating")],
        "ws-nlp" => vec![
            online("sentiment", "Key").deployed("sv", 70).deployed("en", 30),
            online("summaries", "AADToken").deployed("blue", 100),
            serverless("phi-chat"),
        ],
        "proj-churn" => vec![online("churn-canary", "Key").deployed("canary", 100), serverless("mistral-chat")],
        "proj-forecast" | "ws-pricing" | "ws-fraud" | "ws-chat" => {
            vec![
                online(&format!("{}-api", workspace.rsplit('-').next().unwrap_or(workspace)), "Key")
                    .deployed("blue", 100),
            ]
        }
        _ => Vec::new(),
    };
    for one in &mut all {
        region.clone_into(&mut one.region);
        one.keys = [
            seed::fictional(&["primary", workspace, &one.name]),
            seed::fictional(&["secondary", workspace, &one.name]),
        ];
    }
    all
}
