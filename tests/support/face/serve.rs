//! Connections: what comes in over a socket goes to the demo cloud, and its answer or its fault goes back over the socket.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use amlock::demo::DemoCloud;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::headers::{HeaderName, HeaderValue};
use azure_core::http::{HttpClient as _, Method, Request, Url};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, HOST};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use super::faulty::{Faulty, Line};

/// How long a client may take to say what it wants.
const HEAD: Duration = Duration::from_secs(30);

/// Serves https for every name the certificate has.
pub(super) async fn https(listener: TcpListener, tls: Arc<ServerConfig>, cloud: Arc<DemoCloud>) {
    let acceptor = TlsAcceptor::from(tls);
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, cloud) = (acceptor.clone(), Arc::clone(&cloud));
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let line = Line::of(&stream);
            // A client that does not trust us goes away here.
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(stream, line, "https", cloud).await;
            }
        });
    }
}

/// Serves a machine's own service.
pub(super) async fn metadata(listener: TcpListener, cloud: Arc<DemoCloud>) {
    while let Ok((stream, _)) = listener.accept().await {
        let cloud = Arc::clone(&cloud);
        tokio::spawn(async move {
            let line = Line::of(&stream);
            serve::<TcpStream>(stream, line, "http", cloud).await;
        });
    }
}

async fn serve<S>(stream: S, line: Line, scheme: &'static str, cloud: Arc<DemoCloud>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(|request| answer(request, scheme, &cloud, &line));
    // What breaks a connection was the client's wish or ours.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// One request, carried out by the demo cloud. An error ends the connection without an answer.
async fn answer(
    request: hyper::Request<Incoming>,
    scheme: &str,
    cloud: &DemoCloud,
    line: &Line,
) -> Result<Response<Faulty>, Error> {
    let (head, body) = request.into_parts();
    let host = head.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let Ok(url) = Url::parse(&format!("{scheme}://{host}{path}")) else { return Ok(plain(StatusCode::BAD_REQUEST)) };
    let Some(method) = method(&head.method) else { return Ok(plain(StatusCode::METHOD_NOT_ALLOWED)) };
    let mut asked = Request::new(url, method);
    for (name, value) in &head.headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        asked.headers_mut().insert(HeaderName::from(name.as_str().to_owned()), HeaderValue::from(value));
    }
    let Ok(body) = body.collect().await else { return Ok(plain(StatusCode::BAD_REQUEST)) };
    asked.set_body(body.to_bytes());
    let done = match cloud.execute_request(&asked).await {
        Ok(answer) => answer.try_into_raw_response().await?,
        Err(error) => {
            // Cut while the answer was under way; anything else is a line that just ends.
            if *error.kind() == ErrorKind::Io {
                line.will_break();
            }
            return Err(error);
        }
    };
    let (status, headers, body) = done.deconstruct();
    let mut response = Response::builder().status(u16::from(status));
    for (name, value) in headers.iter() {
        response = response.header(name.as_str(), value.as_str());
    }
    let body: bytes::Bytes = body.into();
    let promised = headers.iter().find(|(name, _)| name.as_str().eq_ignore_ascii_case(CONTENT_LENGTH.as_str()));
    let promised = promised.and_then(|(_, value)| value.as_str().parse().ok());
    let body = Faulty::new(body, promised);
    Ok(response.body(body).unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR)))
}

fn method(method: &hyper::Method) -> Option<Method> {
    Some(match method.as_str() {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        _ => return None,
    })
}

fn plain(status: StatusCode) -> Response<Faulty> {
    let mut response = Response::new(Faulty::new(bytes::Bytes::new(), None));
    *response.status_mut() = status;
    response
}

/// Serves one connection of the control.
pub(super) async fn control<S>(stream: S, cloud: Arc<DemoCloud>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(|request| async { Ok::<_, Infallible>(super::control::answer(request, &cloud).await) });
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}
