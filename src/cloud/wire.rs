//! One request and its answer: the token, the retries, the limits, and an error turned into a [`Failure`].

mod discreet;
mod pages;
mod tries;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use azure_core::http::headers::HeaderName;
use azure_core::http::{Method, Request};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use url::Url;

use crate::domain::{Failure, Kind, TenantId, Who};

use super::accounts::Accounts;
use super::clock::Clock;
use super::gate::{Answer, Audience, BearerToken, Gate, Hosts, PAGE_CAP, VALUE_CAP};
use super::news::{Hearer, News};
use super::problem;
use super::transport::Transport;

use self::discreet::discreet;

pub(crate) use discreet::{form_discreet, proof_discreet};
pub(crate) use pages::Page;
pub(crate) use tries::Tries;

/// A request as a service describes it.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Whose token, and for which hosts. `None` asks without a token (service discovery).
    pub(crate) who: Option<Who>,
    /// Which service it is for; decides the token's audience and which hosts may be asked.
    pub(crate) audience: Audience,
    /// GET, PUT, ...
    pub(crate) method: Method,
    /// The whole address.
    pub(crate) url: Url,
    /// A JSON body. It may hold a value: it is never logged or shown, and freed memory is wiped.
    pub(crate) body: Option<Vec<u8>>,
    /// What is being done, for the failure: `list the secrets of kv-demo`.
    pub(crate) doing: Cow<'static, str>,
    /// Whether request or answer carries a value: then the connection is not kept (M4).
    pub(crate) carries_value: bool,
}

/// An answer with a status of success.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The status, 200 to 299.
    pub(crate) status: u16,
    /// The whole body, within the gate's limits.
    pub(crate) body: Bytes,
    /// The headers, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// What was being done.
    pub(crate) doing: Cow<'static, str>,
}

impl Reply {
    /// The body as `T`; a failure says where it is wrong, never what stood there.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let body = self.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.body);
        serde_json::from_slice(body).map_err(|error| {
            // serde_json's own message quotes what it found, which may be a value.
            let what = match error.classify() {
                serde_json::error::Category::Eof | serde_json::error::Category::Io => "the answer was cut short",
                serde_json::error::Category::Syntax => "the answer is no JSON",
                serde_json::error::Category::Data => "the answer has another shape than expected",
            };
            let place = format!("{what} (line {}, column {})", error.line(), error.column());
            Failure::new(Kind::Failed, self.doing.clone(), place)
        })
    }

    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }
}

/// Sends calls. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    pooled: Arc<dyn azure_core::http::HttpClient>,
    unpooled: Arc<dyn azure_core::http::HttpClient>,
    hosts: &'static Hosts,
    accounts: Accounts,
    clock: Clock,
    skew: problem::Skew,
    hearer: Hearer,
}

impl Wire {
    /// A wire over `transport`, with the tokens of `accounts`.
    pub(crate) fn new(transport: Transport, hosts: &'static Hosts, accounts: Accounts, clock: Clock) -> Self {
        Self {
            pooled: transport.pooled,
            unpooled: transport.unpooled,
            hosts,
            accounts,
            clock,
            skew: problem::Skew::default(),
            hearer: Hearer::default(),
        }
    }

    /// The same, and `hearer` is told what is known before an answer is here.
    pub(crate) fn heard_by(&self, hearer: Hearer) -> Self {
        Self { hearer, ..self.clone() }
    }

    /// How wrong this machine's clock is, as the newest answer told; nothing where none did.
    pub(crate) fn skew(&self) -> Option<Result<(), String>> {
        self.skew.told()
    }

    /// Tells what is known before an answer is here.
    pub(crate) fn tell(&self, news: News) {
        self.hearer.tell(news);
    }

    /// Waits for the next try; false at once where there is none.
    async fn again(&self, tries: &mut Tries, asked: Option<Duration>) -> bool {
        let Some(wait) = tries.next(asked) else { return false };
        if asked.is_some() {
            self.tell(News::Waits(self.clock.after(wait)));
        }
        tokio::time::sleep(wait).await;
        true
    }

    /// Asks something that changes nothing: up to 3 tries within 10 s (settled: reads).
    pub(crate) async fn read(&self, call: Call) -> Result<Reply, Failure> {
        Box::pin(self.ask(call, Tries::reading())).await
    }

    /// Changes something: one try; a lost answer is [`Kind::Unknown`].
    pub(crate) async fn write(&self, call: Call) -> Result<Reply, Failure> {
        Box::pin(self.ask(call, Tries::writing())).await
    }

    async fn ask(&self, call: Call, mut tries: Tries) -> Result<Reply, Failure> {
        let gate = self.gate(&call);
        let body = call.body.map(Bytes::from);
        let writing = tries.writes();
        let mut token = match &call.who {
            Some(who) => Some(self.token(who, call.audience, &call.doing).await?),
            None => None,
        };
        let mut renewed = false;
        loop {
            let request = request(call.method, &call.url, body.clone());
            let context =
                problem::Context { doing: &call.doing, audience: call.audience, writing, now: self.clock.now() };
            let answer = match gate.send(request, token.as_deref(), tries.limit()).await {
                Ok(answer) => answer,
                Err(halt) if halt.passing() && self.again(&mut tries, None).await => continue,
                Err(halt) => return Err(problem::unanswered(&context, &halt)),
            };
            self.skew.hear(&answer, self.clock.now());
            let success =
                matches!(answer.status, 200..=299) && problem::stranger(&call.doing, &answer, writing).is_none();
            let answer = if success {
                answer
            } else {
                let answer = if call.carries_value { discreet(answer, body.as_ref()) } else { answer };
                token.iter().fold(answer, |answer, token| token.kept_out_of(answer))
            };
            let context = problem::Context { now: self.clock.now(), ..context };
            match answer.status {
                200..=299 => {
                    return match problem::stranger(&call.doing, &answer, writing) {
                        Some(failure) => Err(failure),
                        None => Ok(Reply {
                            status: answer.status,
                            body: answer.body,
                            headers: answer.headers,
                            doing: call.doing,
                        }),
                    };
                }
                401 => {
                    let (Some(who), Some(old)) = (&call.who, &token) else {
                        return Err(problem::failure(&context, &answer));
                    };
                    self.same_tenant(&answer, who, old, &context)?;
                    if renewed {
                        return Err(self.refused(&context, &answer, who));
                    }
                    // A 401 means that nothing was done, so a write may go once more, too.
                    renewed = true;
                    token = Some(self.renew(who, call.audience, old, &answer, &call.doing).await?);
                }
                408 | 429 | 500 | 502 | 503 | 504
                    if self.again(&mut tries, problem::wait(&answer, context.now)).await => {}
                _ => {
                    return Err(match &call.who {
                        Some(who) => self.refused(&context, &answer, who),
                        None => problem::failure(&context, &answer),
                    });
                }
            }
        }
    }

    fn refused(&self, context: &problem::Context<'_>, answer: &Answer, who: &Who) -> Failure {
        problem::denied(problem::failure(context, answer), |denied| {
            if let Some(account) = self.accounts.get(&who.account) {
                denied.who = Some(account.name);
                denied.object_id = denied.object_id.take().or(account.object_id);
            }
        })
    }

    fn gate(&self, call: &Call) -> Gate {
        let client = if call.carries_value { &self.unpooled } else { &self.pooled };
        // A backup holds every version of a secret and is as large as they are together.
        let small = call.carries_value && !call.url.path().ends_with("/backup");
        Gate::new(call.audience, self.hosts, Arc::clone(client), if small { VALUE_CAP } else { PAGE_CAP })
    }

    async fn token(&self, who: &Who, audience: Audience, doing: &str) -> Result<Arc<BearerToken>, Failure> {
        let scope = self.hosts.scope(audience).unwrap_or_default();
        let az = self.accounts.asks_az(who, scope);
        if az {
            self.tell(News::AsksAz(true));
        }
        let token = self.accounts.token(who, scope).await;
        if az {
            self.tell(News::AsksAz(false));
        }
        token.map_err(|failure| self.unproven(who, doing, failure))
    }

    /// A failure of sign-in, as that of what was being done. Where it is somebody else's token that came, that is told first.
    fn unproven(&self, who: &Who, doing: &str, failure: Failure) -> Failure {
        if let Some(stranger) = self.accounts.stranger(&who.account) {
            self.tell(News::Stranger(stranger));
        }
        Failure { doing: doing.to_owned().into(), ..failure }
    }

    async fn renew(
        &self,
        who: &Who,
        audience: Audience,
        old: &Arc<BearerToken>,
        answer: &Answer,
        doing: &str,
    ) -> Result<Arc<BearerToken>, Failure> {
        let scope = self.hosts.scope(audience).unwrap_or_default();
        let claims = answer.header("www-authenticate").and_then(super::sign_in::challenge::claims);
        let renewed = self.accounts.renew(who, scope, old, claims).await;
        renewed.map_err(|failure| self.unproven(who, doing, failure))
    }

    /// A vault's challenge names its tenant. It is believed in one thing only: that our tenant is the wrong one (M30).
    fn same_tenant(
        &self,
        answer: &Answer,
        who: &Who,
        token: &BearerToken,
        context: &problem::Context<'_>,
    ) -> Result<(), Failure> {
        let Some(tenant) = answer.header("www-authenticate").and_then(|text| self.challenged(text)) else {
            return Ok(());
        };
        let ours = token.identity.tid.as_deref().unwrap_or(who.tenant.as_str());
        let comparable = uuid::Uuid::try_parse(ours).is_ok() && uuid::Uuid::try_parse(tenant.as_str()).is_ok();
        if !comparable || ours.eq_ignore_ascii_case(tenant.as_str()) {
            return Ok(());
        }
        let cause = format!("it belongs to tenant {tenant}, and the token is of tenant {ours}");
        let hint = format!("choose tenant {tenant}");
        Err(Failure::new(Kind::SignedOut, context.doing.to_owned(), cause).hint(hint))
    }

    /// The tenant a challenge names, if it names a host of sign-in.
    fn challenged(&self, header: &str) -> Option<TenantId> {
        let url = super::sign_in::challenge::authority(header)?;
        self.hosts.check(Audience::Login, &url).ok()?;
        TenantId::parse(url.path_segments()?.next()?).ok()
    }

    /// Which tenant a vault belongs to, asked without a token as Key Vault's own clients do.
    pub(crate) async fn tenant_of(&self, vault: &Url, doing: Cow<'static, str>) -> Result<Option<TenantId>, Failure> {
        let gate = Gate::new(Audience::Vault, self.hosts, Arc::clone(&self.pooled), VALUE_CAP);
        let mut url = vault.clone();
        url.set_path("/secrets");
        url.set_query(Some("api-version=7.4&maxresults=1"));
        let mut tries = Tries::reading();
        loop {
            match gate.send(request(Method::Get, &url, None), None, tries.limit()).await {
                Ok(answer) => return Ok(answer.header("www-authenticate").and_then(|text| self.challenged(text))),
                Err(halt) if halt.passing() && self.again(&mut tries, None).await => {}
                Err(halt) => {
                    let now = self.clock.now();
                    let context = problem::Context { doing: &doing, audience: Audience::Vault, writing: false, now };
                    return Err(problem::unanswered(&context, &halt));
                }
            }
        }
    }
}

fn request(method: Method, url: &Url, body: Option<Bytes>) -> Request {
    let mut request = Request::new(url.clone(), method);
    request.insert_header(HeaderName::from_static("accept"), "application/json");
    request.insert_header(HeaderName::from_static("user-agent"), concat!("amlock/", env!("CARGO_PKG_VERSION")));
    request.insert_header(
        HeaderName::from_static("x-ms-client-request-id"),
        uuid::Uuid::new_v4().hyphenated().to_string(),
    );
    if let Some(body) = body {
        request.insert_header(HeaderName::from_static("content-type"), "application/json");
        request.set_body(body);
    }
    request
}

#[cfg(test)]
mod tests;
