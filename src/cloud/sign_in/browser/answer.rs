//! The browser's answer on the loopback: one request, as a form or a query, checked before anything of it is believed.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::cloud::problem;
use crate::domain::{Failure, Kind, SafeText, Sealed};

/// The largest answer: a code has some kilobytes.
const CAP: usize = 64 * 1024;
/// How long one connection may take; browsers open some that they never use.
const ONE: Duration = Duration::from_secs(5);
const HEADERS: usize = 64;

/// What a request says.
#[derive(Debug)]
enum Said {
    /// The code.
    Code(Sealed),
    /// Sign-in refused.
    Refused(Failure),
    /// Not meant for us: another page's picture, another question's answer, somebody trying.
    Other,
}

/// Waits for the answer to the question with `state`. Whatever else comes is sent away, and the wait goes on.
pub(super) async fn wait(listener: &TcpListener, state: &str) -> Result<Sealed, Failure> {
    loop {
        let Ok((mut stream, _)) = listener.accept().await else { continue };
        let Ok(Some(request)) = timeout(ONE, read(&mut stream)).await else { continue };
        let said = understand(&request, state);
        let _ = timeout(ONE, stream.write_all(page(&said).as_bytes())).await;
        let _ = timeout(ONE, stream.shutdown()).await;
        match said {
            Said::Code(code) => return Ok(code),
            Said::Refused(failure) => return Err(failure),
            Said::Other => {}
        }
    }
}

/// A whole request, or nothing.
async fn read(stream: &mut TcpStream) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(CAP)); // never moved, so that no copy of a code is left behind
    loop {
        if stream.read_buf(&mut *bytes).await.ok()? == 0 || bytes.len() >= CAP {
            return None;
        }
        if length(&bytes)?.is_some_and(|whole| bytes.len() >= whole) {
            return Some(bytes);
        }
    }
}

/// How long the request is, once its head is there; `None` in place of all where it is no request.
#[expect(clippy::option_option, reason = "no request, not yet, this long")]
fn length(bytes: &[u8]) -> Option<Option<usize>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(bytes).ok()? {
        httparse::Status::Partial => Some(None),
        httparse::Status::Complete(head) => {
            let body = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
            let body = body.map_or(Some(0), |header| std::str::from_utf8(header.value).ok()?.trim().parse().ok())?;
            Some(Some(head + body))
        }
    }
}

fn understand(bytes: &[u8], state: &str) -> Said {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let Ok(httparse::Status::Complete(head)) = request.parse(bytes) else { return Said::Other };
    let path = request.path.unwrap_or_default();
    let query = match request.method {
        Some("POST") => bytes[head..].to_vec(),
        Some("GET") => path.split_once('?').map(|(_, query)| query.as_bytes().to_vec()).unwrap_or_default(),
        _ => return Said::Other,
    };
    let query = Zeroizing::new(query);
    let field =
        |name: &str| form_urlencoded::parse(&query).find(|(have, _)| have == name).map(|(_, value)| value.into_owned());
    // Without our state it answers nobody's question, whatever it says.
    if path.split('?').next() != Some("/") || field("state").as_deref() != Some(state) {
        return Said::Other;
    }
    match (field("code").filter(|code| !code.is_empty()), field("error")) {
        (Some(code), None) => Said::Code(Sealed::new(code)),
        (_, Some(error)) => Said::Refused(refused(&error, &field("error_description").unwrap_or_default())),
        (None, None) => Said::Other,
    }
}

fn refused(error: &str, description: &str) -> Failure {
    let doing = "sign in";
    if let Some(failure) = problem::aadsts(description, doing) {
        return failure;
    }
    let words = match error {
        "access_denied" => "it was declined in the browser".to_owned(),
        _ => format!("sign-in refused it in the browser ({})", SafeText::of(error).as_str()),
    };
    Failure::new(Kind::SignedOut, doing, words).hint("sign in again")
}

/// What the browser shows at the end: words of ours only, nothing of what was asked, nothing from elsewhere.
fn page(said: &Said) -> String {
    let (status, words) = match said {
        Said::Code(_) => (
            "200 OK",
            "amlock has the answer, and goes on with it: see there whether you are signed in. You can close this window.",
        ),
        Said::Refused(_) => ("200 OK", "Not signed in. You can close this window; amlock says why."),
        Said::Other => ("404 Not Found", "There is nothing here."),
    };
    let body = format!("<!doctype html><meta charset=\"utf-8\"><title>amlock</title><p>{words}</p>");
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\
         Cache-Control: no-store\r\nContent-Security-Policy: default-src 'none'\r\nReferrer-Policy: no-referrer\r\n\r\n{body}",
        body.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(request: &str) -> String {
        match understand(request.as_bytes(), "s-1") {
            Said::Code(code) => format!("code {}", code.unseal()),
            Said::Refused(failure) => failure.sentence(),
            Said::Other => "other".to_owned(),
        }
    }

    #[test]
    fn a_code_comes_as_a_form_or_a_query_and_only_with_our_state() {
        let post =
            |form: &str| format!("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{form}", form.len());
        let get = |query: &str| format!("GET /?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert_eq!(said(&post("code=1.A%2Bb&state=s-1")), "code 1.A+b");
        assert_eq!(said(&get("code=c&state=s-1&session_state=x")), "code c");
        for other in [post("code=c&state=s-2"), post("code=c"), get("code=&state=s-1"), get("state=s-1")] {
            assert_eq!(said(&other), "other", "{other}");
        }
        assert_eq!(said("GET /favicon.ico HTTP/1.1\r\n\r\n"), "other");
        assert_eq!(said("PUT /?code=c&state=s-1 HTTP/1.1\r\n\r\n"), "other");
        assert_eq!(said("\x16\x03\x01"), "other");
    }

    #[test]
    fn the_page_promises_nothing_that_is_not_known_yet() {
        let page = page(&Said::Code(crate::domain::Sealed::new("1.A".to_owned())));
        assert!(page.contains("amlock has the answer") && !page.contains("Signed in"), "{page}");
    }

    #[test]
    fn a_refusal_is_told_in_words_and_never_in_the_page_s_own() {
        let get = |query: &str| said(&format!("GET /?{query} HTTP/1.1\r\n\r\n"));
        assert!(get("error=access_denied&state=s-1").contains("declined"));
        let denied = get("error=access_denied&error_description=AADSTS65001%3A+no+consent&state=s-1");
        assert!(denied.contains("consented"), "{denied}");
        let odd = get("error=%1b%5d52%3bx&state=s-1");
        assert!(!odd.contains('\x1b'), "{odd:?}");
    }

    #[test]
    fn a_request_is_read_to_its_end_and_no_further() {
        assert_eq!(length(b"GET / HTTP/1.1\r\n"), Some(None));
        assert_eq!(length(b"GET / HTTP/1.1\r\n\r\n"), Some(Some(18)));
        assert_eq!(length(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n"), Some(Some(43)));
        assert_eq!(length(b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n"), None);
        assert_eq!(length(b"\x16\x03\x01\x02"), None);
    }
}
