//! Microsoft Entra ID's endpoints: forms in, tokens out.

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::http::headers::HeaderName;
use azure_core::http::{Method, Request};
use serde::{Deserialize, Deserializer};
use url::{Url, form_urlencoded};

use crate::domain::{Failure, Kind, Sealed};

use crate::cloud::clock::Clock;
use crate::cloud::gate::{Answer, Audience, Gate, Hosts, VALUE_CAP};
use crate::cloud::problem;
use crate::cloud::wire::{Tries, form_discreet};

/// Sign-in, behind its gate.
#[derive(Clone, Debug)]
pub(crate) struct Entra {
    gate: Gate,
    hosts: &'static Hosts,
    clock: Clock,
    skew: problem::Skew,
}

/// What a token request brings.
#[derive(Debug, Deserialize)]
pub(crate) struct Grant {
    /// The token.
    pub(crate) access_token: Sealed,
    /// Its life in seconds; the older endpoint writes it as text.
    #[serde(default = "hour", deserialize_with = "number")]
    pub(crate) expires_in: i64,
    /// What the next token is asked with.
    #[serde(default)]
    pub(crate) refresh_token: Option<Sealed>,
    /// Who signed in.
    #[serde(default)]
    pub(crate) id_token: Option<String>,
    /// Who signed in, by home tenant.
    #[serde(default)]
    pub(crate) client_info: Option<String>,
}

fn hour() -> i64 {
    3600
}

/// A number, or text with one in it.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(i64),
        Text(String),
    }
    match Either::deserialize(deserializer)? {
        Either::Number(number) => Ok(number),
        Either::Text(text) => text.trim().parse().map_err(|_| serde::de::Error::custom("expected a number")),
    }
}

/// Sign-in's answer to `form`; one that brings nothing keeps to itself what the form proved.
pub(super) fn heard(answer: Answer, form: &[u8]) -> Answer {
    let brings = (200..300).contains(&answer.status) && problem::stranger("sign in", &answer, false).is_none();
    if brings { answer } else { form_discreet(answer, form) }
}

impl Entra {
    /// Sign-in behind `client`. Its answers carry tokens, so they are not pooled by whoever makes it.
    pub(crate) fn new(
        client: std::sync::Arc<dyn azure_core::http::HttpClient>,
        hosts: &'static Hosts,
        clock: Clock,
    ) -> Self {
        Self {
            gate: Gate::new(Audience::Login, hosts, client, VALUE_CAP),
            hosts,
            clock,
            skew: problem::Skew::default(),
        }
    }

    /// The gate, for azure_identity's own requests.
    pub(crate) fn gate(&self) -> &Gate {
        &self.gate
    }

    /// How wrong this machine's clock is, as sign-in's newest answer told; nothing where none did.
    pub(crate) fn skew(&self) -> Option<Result<(), String>> {
        self.skew.told()
    }

    /// What time it is.
    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }

    /// The address of an endpoint: `https://LOGIN/TENANT/oauth2/v2.0/WHAT`.
    fn url(&self, tenant: &str, what: &str) -> Result<Url, Failure> {
        Url::parse(&self.address(tenant, what))
            .map_err(|_| Failure::misused("sign in", "this is neither a tenant id nor a domain"))
    }

    /// Which cloud it is, in azure_core's words.
    pub(crate) fn azure(&self) -> CloudConfiguration {
        let mut custom = CustomConfiguration::default();
        custom.authority_host = format!("https://{}", self.hosts.login());
        CloudConfiguration::Custom(custom)
    }

    /// The address of an endpoint, as an assertion has to name it and a browser opens it.
    pub(crate) fn address(&self, tenant: &str, what: &str) -> String {
        format!("https://{}/{tenant}/oauth2/v2.0/{what}", self.hosts.login())
    }

    /// Posts a form, with a read's tries: asking for a token again does no harm. Any answer of Entra's is an answer.
    pub(crate) async fn post(
        &self,
        tenant: &str,
        what: &str,
        form: &[(&str, &str)],
        doing: &str,
    ) -> Result<Answer, Failure> {
        let url = self.url(tenant, what)?;
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let body = bytes::Bytes::from(form);
        let mut tries = Tries::reading();
        loop {
            let mut request = Request::new(url.clone(), Method::Post);
            request.insert_header(HeaderName::from_static("content-type"), "application/x-www-form-urlencoded");
            request.insert_header(HeaderName::from_static("accept"), "application/json");
            request.insert_header(HeaderName::from_static("user-agent"), concat!("amlock/", env!("CARGO_PKG_VERSION")));
            request.set_body(body.clone());
            match self.gate.send(request, None, tries.limit()).await {
                Ok(answer) => {
                    self.skew.hear(&answer, self.clock.now());
                    let passing = matches!(answer.status, 408 | 429 | 500 | 502 | 503 | 504);
                    if !passing || !tries.again(problem::wait(&answer, self.clock.now())).await {
                        return Ok(heard(answer, &body));
                    }
                }
                Err(halt) if halt.passing() && tries.again(None).await => {}
                Err(halt) => return Err(problem::halted(&halt, doing, false)),
            }
        }
    }

    /// The failure an answer tells of.
    pub(crate) fn failure(&self, answer: &Answer, doing: &str) -> Failure {
        let context = problem::Context { doing, audience: Audience::Login, writing: false, now: self.clock.now() };
        problem::failure(&context, answer)
    }

    /// The shape of a good answer, or what a bad one tells.
    pub(crate) fn read<T: serde::de::DeserializeOwned>(&self, answer: &Answer, doing: &str) -> Result<T, Failure> {
        if !(200..300).contains(&answer.status) {
            return Err(self.failure(answer, doing));
        }
        if let Some(failure) = problem::stranger(doing, answer, false) {
            return Err(failure);
        }
        serde_json::from_slice(&answer.body).map_err(|_| {
            Failure::new(Kind::Failed, doing.to_owned(), "the answer of sign-in has another shape than expected")
        })
    }
}
