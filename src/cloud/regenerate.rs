//! Regenerating an endpoint's key: compare with the key before, send the key's name and never a value, follow the operation,
//! and look whether the key is another one.

use std::time::Duration;

use crate::domain::{
    AzureWords, Endpoint, EndpointKeys, EndpointKind, Failure, Kind, Regenerated, Untrusted, WhichKey,
};
use azure_core::http::Method;
use serde::Deserialize;
use serde_json::json;

use super::endpoints::{Keys, has_keys};
use super::loose::{object, text};
use super::wire::{Call, Reply};
use super::{Audience, Cloud, News, gate};

/// Between two looks at an operation that does not say when to come back.
const PAUSE: Duration = Duration::from_secs(3);

/// The longest pause an answer may ask for: nobody is kept waiting for an hour by a header.
const LONGEST: Duration = Duration::from_mins(1);

/// How long an operation is followed: what Azure ML gives it itself (`x-ms-async-operation-timeout`).
const PATIENCE: Duration = Duration::from_mins(30);

/// Looks in a row that may fail before following is given up.
const MISSES: usize = 3;

/// Looks at the keys, [`PAUSE`] apart, until one of them is another: lists may be a moment behind.
const LOOKS: usize = 3;

/// Such looks after a lost answer: the operation that nobody can follow takes its time.
const LONG_LOOKS: usize = 8;

/// What an operation says of itself; a status body may hold nothing else, and may be empty or `null`.
#[derive(Default, Deserialize)]
struct Operation {
    #[serde(default, deserialize_with = "text")]
    status: Option<Untrusted>,
    #[serde(default, deserialize_with = "object")]
    error: Trouble,
}

#[derive(Default, Deserialize)]
struct Trouble {
    #[serde(default, deserialize_with = "text")]
    code: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    message: Option<Untrusted>,
}

impl Cloud {
    /// Regenerates a key and follows the operation; `told` hears each state. Without `wait` it returns when Azure accepted it.
    pub async fn regenerate_key(
        &self,
        endpoint: &Endpoint,
        which: WhichKey,
        wait: bool,
        told: &mut (dyn FnMut(Untrusted) + Send),
    ) -> Result<Regenerated, Failure> {
        let doing = format!("regenerate the {} key of {}", which.word(), endpoint.name.show());
        if endpoint.kind == EndpointKind::Batch {
            let cause = "Azure ML offers no regeneration for batch endpoints";
            return Err(Failure::misused(doing, cause).hint("a batch endpoint is called with a token: get one for it"));
        }
        has_keys(endpoint, &doing)?;
        let before = match self.keys(endpoint, &doing).await {
            Ok(keys) => Some(keys),
            // Who may regenerate but not read still may; then nothing can be compared.
            Err(failure) if matches!(failure.kind, Kind::Forbidden(_)) => None,
            Err(failure) => return Err(failure),
        };
        let mut post = self.action_of(endpoint, "regenerateKeys", &doing)?;
        let name = if which == WhichKey::Primary { "Primary" } else { "Secondary" };
        // Never `keyValue`: it sets the key to that value, and sending the current one regenerates nothing (azure-rest.md 5.2).
        post.body = Some(json!({"keyType": name}).to_string().into_bytes());
        post.carries_value = true;
        let reply = match self.wire.write(post).await {
            Ok(reply) => reply,
            Err(failure) if failure.kind == Kind::Unknown => {
                self.wire.tell(News::Lost);
                return self.settle_key(endpoint, which, before, failure).await;
            }
            Err(failure) => return Err(self.at_endpoint(failure, endpoint)),
        };
        if reply.status == 202 {
            if !wait {
                return Ok(Regenerated { which, keys: None, changed: None });
            }
            self.follow(endpoint, &reply, told).await?;
        } else if let Ok(keys) = reply.json::<Keys>() {
            // A serverless endpoint answers with its keys at once.
            return Ok(compared(which, before.as_ref(), Some(keys.into())));
        }
        let after = self.changed_keys(endpoint, which, before.as_ref(), LOOKS, &doing).await;
        // The operation is done, whether or not its fruit may be seen.
        Ok(compared(which, before.as_ref(), after.ok()))
    }

    /// The keys, once the one in question is another than before, or as they are after some looks.
    async fn changed_keys(
        &self,
        endpoint: &Endpoint,
        which: WhichKey,
        before: Option<&EndpointKeys>,
        looks: usize,
        doing: &str,
    ) -> Result<EndpointKeys, Failure> {
        let mut look = 1;
        loop {
            let keys = self.keys(endpoint, doing).await;
            let still = |keys: &EndpointKeys| before.is_some_and(|before| before.get(which).same(keys.get(which)));
            if look >= looks || keys.as_ref().is_ok_and(|keys| !still(keys)) {
                return keys;
            }
            look += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// After a lost answer: done where the key is another one; else nobody knows, since the operation may only be slow.
    async fn settle_key(
        &self,
        endpoint: &Endpoint,
        which: WhichKey,
        before: Option<EndpointKeys>,
        lost: Failure,
    ) -> Result<Regenerated, Failure> {
        let hint = match self.changed_keys(endpoint, which, before.as_ref(), LONG_LOOKS, &lost.doing).await {
            Ok(keys) if before.is_some() => {
                let done = compared(which, before.as_ref(), Some(keys));
                if done.changed == Some(true) {
                    return Ok(done);
                }
                "the key is still the same; read the keys in a minute before regenerating it again"
            }
            _ => "read the keys, and compare, before regenerating it again",
        };
        Err(lost.hint(hint))
    }

    /// Follows an accepted operation to its end.
    async fn follow(
        &self,
        endpoint: &Endpoint,
        accepted: &Reply,
        told: &mut (dyn FnMut(Untrusted) + Send),
    ) -> Result<(), Failure> {
        let unknown =
            |cause: &str| Failure::new(Kind::Unknown, accepted.doing.clone(), cause).hint("read the keys in a minute");
        let operation = accepted.header("azure-asyncoperation");
        let Some(address) = operation.or_else(|| accepted.header("location")) else {
            return Ok(()); // nothing to follow: the keys will tell
        };
        // Signed and long, so taken as it is; but nowhere else than Azure Resource Manager's own host.
        let url = gate::address(address).ok().filter(|url| self.is_arm(url));
        let url = url
            .ok_or_else(|| unknown("Azure accepted it, but its answer leads away from Azure; that was not followed"))?;
        let started = self.clock().now();
        let mut pause = self.pause(accepted);
        let mut misses = 0;
        loop {
            let waited = self.clock().now().duration_since(started);
            if waited.unsigned_abs() >= PATIENCE {
                return Err(unknown("Azure accepted it and has not finished it in 30 minutes"));
            }
            tokio::time::sleep(pause).await;
            let call = Call {
                who: Some(endpoint.who.clone()),
                audience: Audience::Arm,
                method: Method::Get,
                url: url.clone(),
                body: None,
                doing: accepted.doing.clone(),
                carries_value: operation.is_none(), // the answer at `Location` is the operation's result
            };
            let reply = match self.wire.read(call).await {
                Ok(reply) => reply,
                // Operations are forgotten some time after their end, and not everybody may read them: the keys will tell.
                Err(failure) if matches!(failure.kind, Kind::NotFound | Kind::Forbidden(_)) => return Ok(()),
                Err(failure) if misses >= MISSES => {
                    let cause = format!("Azure accepted it, but its end was not seen: {}", failure.cause);
                    return Err(unknown(&cause));
                }
                Err(_) => {
                    misses += 1;
                    continue;
                }
            };
            misses = 0;
            pause = self.pause(&reply);
            let state = reply.json::<Option<Operation>>().ok().flatten().unwrap_or_default();
            let word = state.status.as_ref().map_or("", Untrusted::raw).to_ascii_lowercase();
            if let Some(status) = &state.status {
                told(status.clone());
            }
            match word.as_str() {
                "succeeded" => return Ok(()),
                "failed" | "canceled" | "cancelled" => return Err(ended(accepted, &reply, &word, state.error)),
                // Location has no word for its end: it stops answering 202.
                "" if operation.is_none() && reply.status != 202 => return Ok(()),
                _ => {}
            }
        }
    }

    /// When to look again.
    fn pause(&self, reply: &Reply) -> Duration {
        let Some(text) = reply.header("retry-after") else { return PAUSE };
        let pause = match text.trim().parse::<u64>() {
            Ok(seconds) => Duration::from_secs(seconds),
            Err(_) => jiff::fmt::rfc2822::parse(text.trim())
                .ok()
                .and_then(|at| Duration::try_from(at.timestamp().duration_since(self.clock().now())).ok())
                .unwrap_or(PAUSE),
        };
        pause.clamp(Duration::from_secs(1), LONGEST)
    }
}

fn ended(accepted: &Reply, reply: &Reply, word: &str, trouble: Trouble) -> Failure {
    let code = trouble.code.unwrap_or_default();
    let message = trouble.message.unwrap_or_default();
    let cause = if message.is_empty() {
        format!("the operation ended as {word}")
    } else {
        format!("the operation ended as {word}: {}", message.show())
    };
    let request_id = reply.header("x-ms-request-id").map(Untrusted::from);
    Failure::new(Kind::Failed, accepted.doing.clone(), cause)
        .hint("the keys are as they were unless they are read to be others")
        .azure(AzureWords { status: reply.status, code, message, request_id })
}

/// What came of it.
fn compared(which: WhichKey, before: Option<&EndpointKeys>, keys: Option<EndpointKeys>) -> Regenerated {
    let changed = match (before, &keys) {
        (Some(before), Some(keys)) => Some(!before.get(which).same(keys.get(which))),
        _ => None,
    };
    Regenerated { which, keys, changed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Sealed;

    fn keys(primary: &str) -> EndpointKeys {
        EndpointKeys { primary: Sealed::new(primary.to_owned()), secondary: Sealed::new("s".to_owned()) }
    }

    #[test]
    fn a_key_that_stayed_is_told() {
        let changed = |before: Option<EndpointKeys>, after: Option<EndpointKeys>| {
            compared(WhichKey::Primary, before.as_ref(), after).changed
        };
        assert_eq!(changed(Some(keys("a")), Some(keys("b"))), Some(true));
        assert_eq!(changed(Some(keys("a")), Some(keys("a"))), Some(false));
        assert_eq!(changed(None, Some(keys("b"))), None);
        assert_eq!(changed(Some(keys("a")), None), None);
    }

    #[test]
    fn an_operation_may_say_nothing() {
        let status = |json: &str| {
            let state: Option<Operation> = serde_json::from_str(json).expect("lenient");
            state.and_then(|state| state.status).map(|status| status.raw().to_owned())
        };
        assert_eq!(status("null"), None);
        assert_eq!(status("{}"), None);
        assert_eq!(status(r#"{"status":"Updating","percentComplete":0.0,"error":null}"#).as_deref(), Some("Updating"));
    }
}
