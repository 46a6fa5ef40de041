//! Before the first byte of an answer: no name, no listener, no handshake, and the limits of each.

use std::time::Duration;

use amlock::domain::Kind;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::aloud::{aloud, not_here};
use crate::server::{Found, Server, Step, http};
use crate::stage::{Stage, VAULT, listed, name, new, one_page, proven, told};

/// A port that nobody listens on.
async fn closed() -> std::net::SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("its address")
}

/// A listener that never answers a connection, as a host behind a firewall that drops: its queue is full.
struct Hole {
    at: std::net::SocketAddr,
    _listener: TcpListener,
    _queue: Vec<TcpStream>,
}

impl Hole {
    async fn at(address: &str) -> Self {
        let address: std::net::SocketAddr = address.parse().expect("an address");
        let socket = if address.is_ipv6() { TcpSocket::new_v6() } else { TcpSocket::new_v4() }.expect("a socket");
        socket.bind(address).expect("a port");
        let listener = socket.listen(0).expect("a listener");
        let at = listener.local_addr().expect("its address");
        let mut queue = Vec::new();
        while let Ok(Ok(stream)) = tokio::time::timeout(Duration::from_millis(100), TcpStream::connect(at)).await {
            queue.push(stream);
        }
        Self { at, _listener: listener, _queue: queue }
    }
}

#[tokio::test]
async fn a_closed_port_and_an_unknown_name_are_said_at_once() {
    for (place, words, hint) in [
        (Found::At(vec![closed().await]), "it refuses the connection", "HTTPS_PROXY"),
        (Found::Nowhere, "its name cannot be resolved", "check the name"),
    ] {
        let stage = Stage::before(Server::deaf().await, place).await;
        let (failure, took) = stage.failing().await;
        assert_eq!((&failure.kind, failure.exit_code()), (&Kind::Offline, 7));
        let told = told(&failure);
        assert!(
            told.contains(&format!("could not list the secrets of kv-demo: {VAULT} cannot be reached: {words}")),
            "{told}"
        );
        assert!(failure.hint.as_deref().is_some_and(|have| have.contains(hint)), "{told}");
        // Two seconds are asked for, and a second is usual; a busy machine has ten times that.
        assert!(took < Duration::from_secs(20), "{took:?}");
        aloud(&format!("the first error, {words}: {took:?}"));
        // A write that was never sent is known not to have happened; it is not tried again.
        let before = stage.asked_for(VAULT);
        let failure = stage.cloud.delete_secret(&stage.vault, &name("db-password")).await.expect_err("no");
        assert_eq!(failure.kind, Kind::Offline);
        assert_eq!(stage.asked_for(VAULT), before + 1);
    }
}

/// Each of them takes as long as it takes, so they are waited for together.
#[tokio::test]
async fn every_stage_of_a_request_has_its_limit() {
    let hole = Hole::at("127.0.0.1:0").await;
    let slow = |stage: Stage, words: &'static str, least: u64| {
        // To the second it is tested where the clock stands still (src/cloud/wire/tests.rs).
        let within = Duration::from_secs(least)..Duration::from_secs(25);
        async move {
            stage.ready().await;
            let (failure, took) = stage.failing().await;
            let told = told(&failure);
            assert!(failure.kind == Kind::Offline && told.contains(VAULT) && told.contains(words), "{told}");
            assert!(within.contains(&took), "{words}: {took:?}");
            stage
        }
    };
    let head = "HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n";
    let dns = Stage::before(Server::deaf().await, Found::Late(Duration::from_secs(30))).await;
    let syn = Stage::before(Server::deaf().await, Found::At(vec![hole.at])).await;
    let mute = Server::deaf().await;
    let place = Found::At(vec![mute.at]);
    let handshake = Stage::before(mute, place).await;
    let first = Stage::new(|_, _| vec![Step::Hang]).await;
    let stalls =
        Stage::new(move |_, _| vec![Step::Send(head.into()), Step::Send(b"{\"value\":".to_vec()), Step::Hang]).await;
    let drips = Stage::new(move |_, _| {
        vec![Step::Send(head.into()), Step::Repeat(b" ".to_vec(), 100, Duration::from_millis(900))]
    })
    .await;
    let late = Stage::new(|_, _| vec![Step::Wait(Duration::from_secs(8)), Step::Send(one_page())]).await;
    let unsent = Stage::before(Server::deaf().await, Found::At(vec![hole.at])).await;
    let write = async {
        unsent.ready().await;
        let began = std::time::Instant::now();
        let secret = name("db-password");
        let failure = unsent.cloud.delete_secret(&unsent.vault, &secret).await.expect_err("nobody there");
        assert_eq!(failure.kind, Kind::Offline, "never sent: {failure:?}");
        assert!((3..25).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
        assert_eq!(unsent.asked_for(VAULT), 1, "one try, of 3 s");
    };
    let ((), dns, _, handshake, first, stalls, drips, ()) = tokio::join!(
        write,
        slow(dns, "cannot be reached: its name cannot be resolved", 5),
        slow(syn, "cannot be reached: it does not answer in time", 6),
        slow(handshake, "cannot be reached: it does not answer in time", 6),
        slow(first, "it does not answer in time", 9),
        slow(stalls, "it does not answer in time", 9),
        slow(drips, "it does not answer in time", 9),
        async {
            late.ready().await;
            let began = std::time::Instant::now();
            assert_eq!(late.secrets().await.expect("late, and good").len(), 1);
            assert!(began.elapsed() >= Duration::from_secs(8));
        },
    );
    // As many tries as fit with a whole wait for a connection each.
    assert!((2..=3).contains(&dns.asked_for(VAULT)));
    assert!((2..=3).contains(&handshake.server.opened()));
    for stage in [first, stalls, drips] {
        assert_eq!(stage.server.heard().len(), 1, "the one try took all the time there is");
    }
}

#[tokio::test]
async fn a_dead_ipv6_address_costs_a_third_of_a_second() {
    if tokio::net::TcpListener::bind("[::1]:0").await.is_err() {
        not_here("a_dead_ipv6_address_costs_a_third_of_a_second: this machine has no IPv6");
        return;
    }
    let hole = Hole::at("[::1]:0").await;
    let server = Server::tls(proven(VAULT), |_, _| vec![Step::Send(one_page())]).await;
    let place = Found::At(vec![hole.at, server.at]);
    let stage = Stage::before(server, place).await;
    stage.ready().await;
    let began = std::time::Instant::now();
    assert_eq!(stage.secrets().await.expect("by the other address").len(), 1);
    // 300 ms; ten times that is the 3 s after which the dead one alone would have been given up.
    assert!(began.elapsed() < Duration::from_millis(2_900), "{:?}", began.elapsed());
    aloud(&format!("a dead IPv6 address first: {:?}", began.elapsed()));
}

#[tokio::test]
async fn a_server_that_closes_at_once_is_asked_again_only_for_what_changes_nothing() {
    // Closed before TLS: never sent, tried three times. Closed after the request: lost, and a write is not repeated.
    let abrupt = Server::blunt(Vec::new()).await;
    let place = Found::At(vec![abrupt.at]);
    let stage = Stage::before(abrupt, place).await;
    let (failure, took) = stage.failing().await;
    let words = told(&failure);
    assert!(words.contains("it closes the connection") && took < Duration::from_secs(20), "{words} {took:?}");
    assert!((2..=3).contains(&stage.server.opened()));
    let stage = Stage::new(|_, heard| match heard.method.as_str() {
        "GET" => vec![Step::Send(http(200, &[], listed(&[], None)))],
        _ => vec![Step::Close],
    })
    .await;
    let failure = stage.cloud.set_secret(&stage.vault, new("v"), amlock::domain::Expect::Anything).await.expect_err("");
    assert!(failure.cause.contains("nothing was set"), "{failure:?}");
    assert_eq!(stage.server.asked().iter().filter(|line| line.starts_with("PUT")).count(), 1);
}
