//! What something on the way answers in a service's place: a gateway, a proxy, a hotel's network.

use super::http::{Ask, Reply};

/// What a gateway says when the service behind it did not get to answer.
pub(super) fn failure(status: u16) -> Reply {
    let (code, message) = match status {
        401 => ("Unauthorized", "The request was not authorized."),
        403 => ("Forbidden", "The request was refused."),
        404 => ("NotFound", "The resource was not found."),
        408 => ("RequestTimeout", "The request timed out."),
        409 => ("Conflict", "The request conflicts with another one."),
        429 => ("TooManyRequests", "The request is being throttled because there were too many of them."),
        503 => ("ServiceUnavailable", "The service is temporarily unavailable."),
        504 => ("GatewayTimeout", "The gateway did not receive a response in time."),
        _ => ("InternalServerError", "The server encountered an internal error. Please retry the request."),
    };
    let reply = Reply::error(status, code, message).header("x-ms-failure-cause", "gateway");
    if status == 429 || status == 503 { reply.header("retry-after", "1") } else { reply }
}

/// Too many requests, with a wait of so many seconds asked for.
pub(super) fn throttled(seconds: u32) -> Reply {
    Reply::error(429, "TooManyRequests", "The request is being throttled because there were too many of them.")
        .header("retry-after", seconds.to_string())
}

/// What a proxy says that repeats what it does not like.
pub(super) fn echo(ask: &Ask) -> Reply {
    let body = String::from_utf8_lossy(&ask.body);
    Reply::error(400, "BadParameter", &format!("The request is not valid: {} {} {body}", ask.method, ask.url))
}

pub(super) fn web_page() -> Reply {
    let page = "<!DOCTYPE html><html><head><title>Welcome</title></head><body>Please accept the terms of this network.</body></html>";
    Reply { status: 200, headers: vec![("content-type", "text/html".to_owned())], body: page.as_bytes().to_vec() }
}
