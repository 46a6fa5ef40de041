//! The control: what a test turns and looks at, as JSON over plain http.
//!
//! | request | body | |
//! | --- | --- | --- |
//! | `GET /log` | | what was asked so far, oldest first |
//! | `DELETE /log` | | forgets it |
//! | `POST /fault` | `{"when": "PUT /secrets/", "fault": "cut"}` | once: `refuse`, `cut`, `truncate`, `html`, `hang`, `echo` or a status |
//! | `DELETE /faults` | | forgets those that still wait for their request |
//! | `POST /latency` | `{"milliseconds": 1500}` | how long every answer takes |
//! | `POST /jump` | `{"seconds": 3600}` | moves the world's time |
//! | `GET /machines` | | what each machine with an identity has in its environment, by its name |
//! | `GET /run/WORKSPACE` | | what a submitted run has in its environment |
//! | `GET /federated/SUBJECT` | | a token that the demo's cluster gives to its job |

use std::sync::Arc;
use std::time::Duration;

use amlock::demo::{DemoCloud, Fault, Logged, Machine};
use http_body_util::{BodyExt as _, Collected, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use serde_json::{Value, json};
use tokio::net::{TcpListener, UnixListener};

use super::serve;

pub(super) async fn tcp(listener: TcpListener, cloud: Arc<DemoCloud>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve::control(stream, Arc::clone(&cloud)));
    }
}

pub(super) async fn unix(listener: UnixListener, cloud: Arc<DemoCloud>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve::control(stream, Arc::clone(&cloud)));
    }
}

pub(super) async fn answer(request: Request<Incoming>, cloud: &DemoCloud) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let done = turn(cloud, head.method.as_str(), head.uri.path(), &body);
    let (status, body) = match done {
        Some(answer) => (200, answer),
        None => (400, json!({"error": "see tests/support/face/control.rs"})),
    };
    let mut response = Response::new(Full::from(body.to_string()));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    response
}

fn turn(cloud: &DemoCloud, method: &str, path: &str, body: &Value) -> Option<Value> {
    match (method, path) {
        ("GET", "/log") => return Some(cloud.log().iter().map(line).collect()),
        ("GET", "/machines") => {
            let one = |machine: Machine| (format!("{machine:?}"), variables(machine.environment()));
            return Some(Value::Object(Machine::ALL.map(one).into_iter().collect()));
        }
        ("GET", path) => {
            let (_, wanted) = path.trim_start_matches('/').split_once('/').filter(|(_, wanted)| !wanted.is_empty())?;
            return match path.trim_end_matches(wanted) {
                "/run/" => cloud.run(wanted).map(variables),
                "/federated/" => Some(json!({"token": cloud.federated_token(wanted)})),
                _ => None,
            };
        }
        ("DELETE", "/log") => cloud.forget_log(),
        ("DELETE", "/faults") => cloud.forget_faults(),
        ("POST", "/fault") => cloud.fail_next(body["when"].as_str()?, fault(&body["fault"])?),
        ("POST", "/latency") => cloud.latency(Duration::from_millis(body["milliseconds"].as_u64()?)),
        ("POST", "/jump") => cloud.jump(jiff::SignedDuration::from_secs(body["seconds"].as_i64()?)),
        _ => return None,
    }
    Some(json!({}))
}

fn variables(all: Vec<(&'static str, String)>) -> Value {
    Value::Object(all.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect())
}

fn fault(word: &Value) -> Option<Fault> {
    Some(match (word.as_str(), word.as_u64()) {
        (_, Some(status)) => Fault::Status(u16::try_from(status).ok()?),
        (Some("refuse"), _) => Fault::Refuse,
        (Some("cut"), _) => Fault::Cut,
        (Some("truncate"), _) => Fault::Truncate,
        (Some("html"), _) => Fault::Html,
        (Some("hang"), _) => Fault::Hang,
        (Some("echo"), _) => Fault::Echo,
        _ => return None,
    })
}

fn line(logged: &Logged) -> Value {
    json!({
        "method": logged.method,
        "url": logged.url,
        "status": logged.status,
        "audience": logged.authorized_audience,
        "body": logged.had_body
    })
}
