//! Through a proxy. Which one it is the environment says, so every case is asked by a process with an environment of its own.

use std::process::Command;
use std::sync::{Arc, Mutex};

use amlock::domain::Kind;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::aloud::aloud;
use crate::server::{Names, Server};
use crate::stage::{LOGIN, Stage, VAULT, authority, one_page, told};

/// What a process says that goes through the proxy at `address`.
async fn through(address: String) -> String {
    let this = std::env::current_exe().expect("this test");
    let child = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(this);
        command.args(["--exact", "proxy::the_process_behind_a_proxy", "--ignored", "--test-threads=1"]);
        for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"] {
            command.env_remove(name);
        }
        command.env("HTTPS_PROXY", address).env("AMLOCK_TEST_CA", authority().pem()).output()
    });
    let output = child.await.expect("no panic").expect("started");
    let words = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && words.contains("1 passed"), "{words}");
    words
}

#[tokio::test]
#[ignore = "a part of the tests here, which start it in processes of their own"]
async fn the_process_behind_a_proxy() {
    let ca = std::env::var("AMLOCK_TEST_CA").expect("set").into_bytes();
    let (cloud, _, vault) = crate::stage::signed_in(None::<&Names>, ca);
    let mut seen = 0;
    match cloud.secrets(&vault, &mut |page| seen += page.len()).await {
        Ok(()) => aloud(&format!("it said: {seen} secrets")),
        Err(failure) => {
            assert_eq!(failure.kind, Kind::Offline);
            aloud(&format!("it said: {} ({})", told(&failure), failure.hint.unwrap_or_default()));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_does_not_let_us_through_is_named_as_that() {
    let refusing = |answer: &str| Server::blunt(format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n").into_bytes());
    let (asks, denies, closes) = tokio::join!(
        refusing("407 Proxy Authentication Required"),
        refusing("403 Forbidden"),
        Server::blunt(Vec::new())
    );
    let nobody = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("its address");
    let at = |server: &Server| format!("http://user:{}@{}", crate::stage::CANARY, server.at);
    let cases = [
        (at(&asks), "proxy authorization required"),
        (at(&denies), "unsuccessful"),
        (at(&closes), "unexpected end of file"),
        (format!("http://{nobody}"), "Connection refused"),
        ("http://proxy.invalid:3128".to_owned(), "its name proxy.invalid cannot be resolved"),
    ];
    futures_util::future::join_all(cases.map(|(address, words)| async move {
        let said = through(address).await;
        assert!(said.contains(&format!("{LOGIN} cannot be reached: the proxy does not let us through (")), "{said}");
        assert!(said.contains(words) && said.contains("(check HTTPS_PROXY and NO_PROXY)"), "{said}");
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_lets_us_through_sees_names_and_nothing_else() {
    let stage = Stage::saying(one_page()).await;
    let places = [(format!("{LOGIN}:443"), stage.login.at), (format!("{VAULT}:443"), stage.server.at)];
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let proxy = format!("http://{}", listener.local_addr().expect("its address"));
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let lines = Arc::clone(&seen);
    let serving = tokio::spawn(async move {
        let mut tunnels = tokio::task::JoinSet::new();
        while let Ok((mut client, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(client.read_u8().await.expect("a whole head"));
            }
            let head = String::from_utf8(head).expect("text");
            let asked = head.split(' ').nth(1).unwrap_or_default();
            let at = places.iter().find(|(name, _)| name == asked).expect("a known place").1;
            lines.lock().expect("no panic").push(head);
            tunnels.spawn(async move {
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.expect("heard");
                let mut server = TcpStream::connect(at).await.expect("there");
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    let said = through(proxy).await;
    serving.abort();
    assert!(said.contains("it said: 1 secrets"), "{said}");
    let seen = seen.lock().expect("no panic").join("\n");
    assert!(seen.contains(&format!("CONNECT {LOGIN}:443")) && seen.contains(&format!("CONNECT {VAULT}:443")), "{seen}");
    assert!(!seen.contains("token") && !seen.contains("Bearer"), "{seen}");
}
