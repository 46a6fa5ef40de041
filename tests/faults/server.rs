//! A small server on loopback that does what its script says, byte for byte, and writes down what came.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::server::TlsStream;

/// What is done after a request has come in whole; one after the other. Then the connection waits for the next request.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Sends bytes.
    Send(Vec<u8>),
    /// Sends bytes so many times, with a pause after each.
    Repeat(Vec<u8>, usize, Duration),
    /// Does nothing for a while.
    Wait(Duration),
    /// Says goodbye and closes.
    Close,
    /// Closes without a goodbye: the far end gets a TCP reset.
    Reset,
    /// Does nothing, ever.
    Hang,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
    /// The whole head.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// On which of the server's connections, from 0.
    pub(crate) connection: usize,
}

impl Heard {
    pub(crate) fn token(&self) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix("authorization: Bearer "))
    }
}

type Script = Box<dyn Fn(usize, &Heard) -> Vec<Step> + Send + Sync>;

struct Inner {
    tls: Option<TlsAcceptor>,
    script: Mutex<Script>,
    heard: Mutex<Vec<Heard>>,
    opened: AtomicUsize,
}

/// A server. Dropping it ends it with all its connections.
pub(crate) struct Server {
    pub(crate) at: SocketAddr,
    inner: Arc<Inner>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Answers the n-th request, from 0, by `script`.
    pub(crate) async fn tls(
        config: Arc<ServerConfig>,
        script: impl Fn(usize, &Heard) -> Vec<Step> + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(TlsAcceptor::from(config)), Box::new(script)).await
    }

    /// Takes whatever comes and says nothing of what it is: `script` is not asked.
    pub(crate) async fn deaf() -> Self {
        Self::start(None, Box::new(|_, _| Vec::new())).await
    }

    /// Answers the first bytes of a connection, whatever they are, with `answer`.
    pub(crate) async fn blunt(answer: Vec<u8>) -> Self {
        Self::start(None, Box::new(move |_, _| vec![Step::Send(answer.clone()), Step::Close])).await
    }

    async fn start(tls: Option<TlsAcceptor>, script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("its address");
        let inner =
            Arc::new(Inner { tls, script: Mutex::new(script), heard: Mutex::default(), opened: AtomicUsize::new(0) });
        let serving = Arc::clone(&inner);
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let connection = serving.opened.fetch_add(1, Ordering::SeqCst);
                let inner = Arc::clone(&serving);
                connections.spawn(async move {
                    // Whoever leaves in the middle is no error of ours.
                    let _ = Box::pin(inner.serve(stream, connection)).await;
                });
            }
        });
        Self { at, inner, task }
    }

    /// From now on it does this, and it forgets what came.
    pub(crate) fn then(&self, script: impl Fn(usize, &Heard) -> Vec<Step> + Send + Sync + 'static) {
        *self.inner.script.lock().expect("no panic") = Box::new(script);
        self.inner.heard.lock().expect("no panic").clear();
        self.inner.opened.store(0, Ordering::SeqCst);
    }

    /// From now on it says this, whatever it is asked.
    pub(crate) fn say(&self, answer: Vec<u8>) {
        self.then(move |_, _| vec![Step::Send(answer.clone())]);
    }

    /// Everything that came, in order.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.inner.heard.lock().expect("no panic").clone()
    }

    /// `GET /secrets?…` and so on, without the queries.
    pub(crate) fn asked(&self) -> Vec<String> {
        let line = |one: &Heard| format!("{} {}", one.method, one.path.split('?').next().unwrap_or_default());
        self.heard().iter().map(line).collect()
    }

    /// How many connections there were, whether or not anything came over them.
    pub(crate) fn opened(&self) -> usize {
        self.inner.opened.load(Ordering::SeqCst)
    }
}

impl Inner {
    async fn serve(&self, stream: TcpStream, connection: usize) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let Some(acceptor) = &self.tls else { return self.blunt(stream).await };
        let mut stream = acceptor.accept(stream).await?;
        while let Some(heard) = read(&mut stream, connection).await? {
            let steps = {
                let mut all = self.heard.lock().expect("no panic");
                all.push(heard.clone());
                let script = self.script.lock().expect("no panic");
                script(all.len() - 1, &heard)
            };
            for step in steps {
                match step {
                    Step::Send(bytes) => send(&mut stream, &bytes).await?,
                    Step::Repeat(bytes, times, pause) => {
                        for _ in 0..times {
                            send(&mut stream, &bytes).await?;
                            if !pause.is_zero() {
                                tokio::time::sleep(pause).await;
                            }
                        }
                    }
                    Step::Wait(time) => tokio::time::sleep(time).await,
                    Step::Close => return stream.shutdown().await,
                    Step::Reset => return stream.get_ref().0.set_zero_linger(),
                    Step::Hang => std::future::pending().await,
                }
            }
        }
        Ok(())
    }

    async fn blunt(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut first = vec![0; 16 * 1024];
        let n = stream.read(&mut first).await?;
        let nothing = Heard {
            method: String::new(),
            path: String::new(),
            head: String::new(),
            body: first[..n].to_vec(),
            connection: 0,
        };
        let steps = (self.script.lock().expect("no panic"))(0, &nothing);
        if steps.is_empty() {
            std::future::pending::<()>().await;
        }
        for step in steps {
            if let Step::Send(bytes) = step {
                stream.write_all(&bytes).await?;
            }
        }
        stream.shutdown().await?;
        // Until the other side has read it and gone: closing with bytes unread would be a reset.
        while stream.read(&mut first).await? > 0 {}
        Ok(())
    }
}

async fn send(stream: &mut TlsStream<TcpStream>, bytes: &[u8]) -> std::io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

/// One request; none where the other side has gone.
async fn read(stream: &mut TlsStream<TcpStream>, connection: usize) -> std::io::Result<Option<Heard>> {
    let mut bytes = Vec::new();
    let mut piece = vec![0; 16 * 1024];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        match stream.read(&mut piece).await? {
            0 => return Ok(None),
            n => bytes.extend_from_slice(&piece[..n]),
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length.unwrap_or(0) {
        match stream.read(&mut piece).await? {
            0 => return Ok(None),
            n => body.extend_from_slice(&piece[..n]),
        }
    }
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
    Ok(Some(Heard { method, path, head, body, connection }))
}

/// An answer as bytes, with its length.
pub(crate) fn http(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len()).into_bytes();
    if headers.iter().all(|(name, _)| *name != "content-type") {
        bytes.extend_from_slice(b"content-type: application/json\r\n");
    }
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

/// A good answer.
pub(crate) fn ok(body: impl AsRef<[u8]>) -> Vec<Step> {
    vec![Step::Send(http(200, &[], body))]
}

/// Where a name leads.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    At(Vec<SocketAddr>),
    Nowhere,
    /// Not before so long.
    Late(Duration),
}

/// The names of one test; every other one leads nowhere. It writes down what it was asked.
#[derive(Clone, Default)]
pub(crate) struct Names {
    known: Arc<HashMap<String, Found>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Names {
    pub(crate) fn new<const N: usize>(known: [(&str, Found); N]) -> Self {
        let known = known.into_iter().map(|(name, found)| (name.to_owned(), found)).collect();
        Self { known: Arc::new(known), asked: Arc::default() }
    }

    /// The names somebody looked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        self.asked.lock().expect("no panic").push(name.as_str().to_owned());
        let found = self.known.get(name.as_str()).cloned().unwrap_or(Found::Nowhere);
        Box::pin(async move {
            match found {
                Found::At(places) => Ok(Box::new(places.into_iter()) as Addrs),
                Found::Nowhere => Err("no such name".into()),
                Found::Late(time) => {
                    tokio::time::sleep(time).await;
                    Err("too late".into())
                }
            }
        })
    }
}
