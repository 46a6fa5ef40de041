//! The gate against addresses, tokens and answers that are not as they should be.

use std::sync::Arc;

use azure_core::http::headers::AUTHORIZATION;
use azure_core::http::{HttpClient, Method, Request};
use url::Url;

use super::*;
use crate::cloud::scripted::{Scripted, Step, answer, clock};

const HOUR: Duration = Duration::from_hours(1);

fn gate(audience: Audience, client: &Arc<Scripted>) -> Gate {
    Gate::new(audience, &PUBLIC, Arc::clone(client) as Arc<dyn HttpClient>, VALUE_CAP)
}

fn token(scope: &str) -> BearerToken {
    BearerToken {
        scope: scope.into(),
        value: Sealed::new("the-token".to_owned()),
        expires: clock().after(HOUR),
        identity: Identity::default(),
    }
}

fn get(url: &str) -> Request {
    Request::new(Url::parse(url).expect("an address"), Method::Get)
}

const GOOD: [(Audience, &str); 9] = [
    (Audience::Login, "login.microsoftonline.com"),
    (Audience::Arm, "management.azure.com"),
    (Audience::Vault, "kv-demo.vault.azure.net"),
    (Audience::Vault, "a24letternameforavault12.vault.azure.net"),
    (Audience::Ml, "westeurope.api.azureml.ms"),
    (Audience::Ml, "0f1e2d3c-0000-1111-2222-333344445555.workspace.westeurope.api.azureml.ms"),
    (Audience::Graph, "graph.microsoft.com"),
    (Audience::Run, "westeurope.api.azureml.ms"),
    (Audience::Run, "westeurope.experiments.azureml.net"),
];

/// What somebody who wants our token may make of a good host.
fn variants(host: &str) -> Vec<String> {
    vec![
        host.to_uppercase(),
        format!("{host}."),
        format!("{host}.evil.com"),
        format!("evil.com.{host}"),
        format!("x{host}"),
        format!("a.{host}"),
        format!("{host}%2eevil.com"),
        format!("{host}%00.evil.com"),
        host.replacen('a', "\u{430}", 1),  // a Cyrillic one
        host.replacen('a', "\u{ff41}", 1), // a wide one, which IDNA makes a plain one
        host.replacen('.', "\u{3002}", 1), // an ideographic dot
        host.replacen('.', "-", 1),
        host.replacen('.', "%2e", 1),
        host.replacen('-', "_", 1),
        format!("-{host}"),
        "xn--a.vault.azure.net".to_owned(),
        "ab.vault.azure.net".to_owned(),
        "1abc.vault.azure.net".to_owned(),
        "abc-.vault.azure.net".to_owned(),
        "vault.azure.net".to_owned(),
        "kv.a.vault.azure.net".to_owned(),
        "a25letternameforavault123.vault.azure.net".to_owned(),
        "kv-demo.managedhsm.azure.net".to_owned(),
        "api.azureml.ms".to_owned(),
        "127.0.0.1".to_owned(),
        "2130706433".to_owned(),
        "0x7f.1".to_owned(),
        "[::1]".to_owned(),
        "[::ffff:127.0.0.1]".to_owned(),
        "localhost".to_owned(),
        "evil.com".to_owned(),
        format!("evil.com/{host}"),
        format!("evil.com?{host}"),
        format!("evil.com#{host}"),
        format!("evil.com\\{host}"),
        format!("{host}\\evil.com"),
        format!("{host}\\.evil.com"),
    ]
}

/// Thousands of addresses, put together from the pieces such attacks are made of. What leaves went to a good host in a good
/// way, asked twice; what is good leaves.
#[tokio::test]
async fn nothing_leaves_but_to_the_audiences_own_hosts() {
    let schemes = ["https://", "http://", "HTTPS://", "https:/", "https:\\\\", "ftp://", "https:////", "wss://"];
    let users = ["", "user@", "user:pw@", "@", ":@", "evil.com\\@", "good%40"];
    let ports = ["", ":443", ":0443", ":80", ":8443", ":", ":65536"];
    let paths = ["", "/", "/a/../b", "//evil.com", "/\\evil.com", "?x=@evil.com"];
    let (mut tried, mut left, mut good) = (0, 0, 0);
    for (audience, host) in GOOD {
        let mut hosts = variants(host);
        hosts.push(host.to_owned());
        let client = Scripted::steps(vec![answer(200, "{}")]);
        let gate = gate(audience, &client);
        let scope = PUBLIC.scope(audience).map(token);
        for (at, path) in hosts.iter().flat_map(|host| paths.iter().map(move |path| (host, path))).enumerate() {
            for scheme in schemes {
                for user in users {
                    // Every port with every fourth of the rest: thousands are enough.
                    let port = ports[(at + user.len() + scheme.len()) % ports.len()];
                    let text = format!("{scheme}{user}{}{port}{}", path.0, path.1);
                    let plain = path.0 == host && matches!(scheme, "https://" | "HTTPS://") && user.is_empty();
                    let Ok(url) = Url::parse(&text) else { continue };
                    tried += 1;
                    for _ in 0..2 {
                        let sent =
                            gate.send(Request::new(url.clone(), Method::Get), scope.as_ref(), HOUR).await.is_ok();
                        left += usize::from(sent);
                        if plain && matches!(port, "" | ":443") {
                            assert!(sent, "{text}");
                            good += 1;
                        }
                    }
                    if let Ok(url) = address(&text) {
                        let written = text[8..].split(['/', '?', '#', ':']).next().unwrap_or_default();
                        assert_eq!(url.host_str(), Some(&*written.to_ascii_lowercase()), "{text}");
                    }
                }
            }
        }
        for heard in client.heard() {
            let rest = heard.url.strip_prefix("https://").expect("https only");
            let reached = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let same_kind = GOOD.iter().any(|(have, good)| *have == audience && *good == reached);
            let another = match audience {
                Audience::Vault => reached.strip_suffix(".vault.azure.net").is_some_and(vault_name),
                Audience::Ml | Audience::Run => ["xwesteurope.", "x0f1e2d3c-0000-1111-2222-333344445555."]
                    .iter()
                    .any(|head| reached.starts_with(head)),
                _ => false,
            };
            assert!(same_kind || another, "{}", heard.url);
        }
    }
    assert!(tried > 5_000 && left > 100 && good > 50, "{tried} {left} {good}");
}

#[tokio::test]
async fn a_token_goes_only_where_it_was_made_for() {
    let client = Scripted::steps(vec![answer(200, "{}")]);
    let arm = token("https://management.azure.com/.default");
    let url = "https://kv-demo.vault.azure.net/secrets";
    for _ in 0..2 {
        let halt = gate(Audience::Vault, &client).send(get(url), Some(&arm), HOUR).await.expect_err("another's token");
        assert!(matches!(halt, Halt::Barred { .. }), "{halt}");
        let login = gate(Audience::Login, &client);
        let halt =
            login.send(get("https://login.microsoftonline.com/t"), Some(&arm), HOUR).await.expect_err("no token");
        assert!(matches!(halt, Halt::Barred { .. }), "{halt}");
        let mut smuggled = get(url);
        smuggled.insert_header(AUTHORIZATION, "Bearer x");
        assert!(gate(Audience::Vault, &client).execute_request(&smuggled).await.is_err());
    }
    assert!(client.heard().is_empty());
    let vault = token("https://vault.azure.net/.default");
    assert!(gate(Audience::Vault, &client).send(get(url), Some(&vault), HOUR).await.is_ok());
    assert_eq!(client.heard()[0].authorization.as_deref(), Some("Bearer the-token"));
    assert!(!format!("{vault:?}").contains("the-token"));
    let mut request = get(url);
    request.insert_header(AUTHORIZATION, "Bearer the-token");
    assert!(!format!("{request:?}").contains("the-token"));
}

#[tokio::test(start_paused = true)]
async fn answers_have_limits() {
    let url = "https://kv-demo.vault.azure.net/secrets";
    let began = tokio::time::Instant::now();
    let send = async |step| gate(Audience::Vault, &Scripted::steps(vec![step])).send(get(url), None, FIRST_BYTE).await;
    let host = || "kv-demo.vault.azure.net".to_owned();
    assert_eq!(send(Step::Endless).await.expect_err("endless"), Halt::TooLarge { host: host(), cap: VALUE_CAP });
    assert_eq!(began.elapsed(), Duration::ZERO);
    let late = Halt::Lost { host: host(), why: Why::Timeout };
    assert_eq!(send(Step::Hangs).await.expect_err("hangs"), late);
    assert_eq!(began.elapsed().as_secs(), 10);
    assert_eq!(send(Step::Stalls).await.expect_err("stalls"), late);
    assert_eq!(began.elapsed().as_secs(), 20);
}

#[tokio::test]
async fn redirects_are_named_and_not_followed() {
    for (status, to, named) in [
        (301, "https://evil.com/steal", "evil.com"),
        (307, "http://management.azure.com/x", "management.azure.com"),
        (308, "/elsewhere", "management.azure.com"),
        (302, "//evil.com", "evil.com"),
    ] {
        let client = Scripted::steps(vec![Step::Answer(status, vec![("location", to.to_owned())], String::new())]);
        let gate = gate(Audience::Arm, &client);
        for heard in 1..3 {
            let halt = gate.send(get("https://management.azure.com/a"), None, HOUR).await.expect_err("a redirect");
            assert_eq!(halt, Halt::Redirect { host: "management.azure.com".to_owned(), to: named.to_owned() });
            assert_eq!(client.heard().len(), heard);
        }
    }
}

#[path = "../../../tests/support/addresses.rs"]
mod addresses;

/// Whether a host is one of an audience's, by Azure's own documents and not by the gate's table.
fn documented(audience: Audience, host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() < 64
            && !label.contains('.')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let labels = |text: &str, many: usize| text.split('.').count() == many && text.split('.').all(label);
    match audience {
        Audience::Login => matches!(
            host,
            "login.microsoftonline.com" | "login.windows.net" | "login.microsoft.com" | "sts.windows.net"
        ),
        Audience::Arm => host == "management.azure.com",
        Audience::Graph => host == "graph.microsoft.com",
        Audience::Vault => addresses::is_vault(host),
        Audience::Ml | Audience::Run => {
            let of = |suffix: &str, many| host.strip_suffix(suffix).is_some_and(|rest| labels(rest, many));
            let workspace = host.strip_suffix(".api.azureml.ms").and_then(|rest| rest.split_once(".workspace."));
            let own = if audience == Audience::Ml {
                of(".inference.ml.azure.com", 2)
            } else {
                of(".experiments.azureml.net", 1)
            };
            of(".api.azureml.ms", 1) || own || workspace.is_some_and(|(id, region)| label(id) && label(region))
        }
    }
}

/// Each address is tried at every gate, twice, with the token that the gate takes and a body.
#[tokio::test]
async fn generated_addresses_reach_nobody_but_the_audience_s_own() {
    let audiences = [Audience::Login, Audience::Arm, Audience::Vault, Audience::Ml, Audience::Graph, Audience::Run];
    // The rest goes through the methods of `Cloud` (tests/gate).
    let (seed, cases) = addresses::wanted();
    let cases = cases * 7 / 10;
    let mut dice = addresses::Dice::new(seed);
    let gates: Vec<_> = audiences
        .map(|audience| {
            let client = Scripted::steps(vec![answer(200, "{}")]);
            (audience, gate(audience, &client), PUBLIC.scope(audience).map(token), client)
        })
        .into();
    let (mut sent, mut known) = (0, 0);
    for case in 0..cases {
        let text = addresses::address(&mut dice, &[]);
        // As a browser reads it, and as it is written; the first is how a mistaken caller would.
        let urls = [Url::parse(&text).ok(), address(&text).ok()];
        if let Some(url) = &urls[1] {
            known += 1;
            let host = url.host_str().unwrap_or_default();
            let written = text.get(8..8 + host.len()).unwrap_or_default();
            let next = text[8 + host.len()..].chars().next();
            let ends = next.is_none_or(|next| matches!(next, '/' | '?' | '#' | ':'));
            assert!(
                written.eq_ignore_ascii_case(host) && ends,
                "case {case} of seed {seed}: {text:?} is read as {host}"
            );
        }
        for url in urls.into_iter().flatten() {
            for (audience, gate, token, client) in &gates {
                for _ in 0..2 {
                    let mut request = Request::new(url.clone(), Method::Put);
                    request.set_body("the-value");
                    let went = gate.send(request, token.as_ref(), HOUR).await.is_ok();
                    let arrived = client.forget();
                    assert_eq!(arrived.len(), usize::from(went));
                    for heard in arrived {
                        let host = addresses::reached(&heard.url);
                        let fine = host.is_some_and(|host| documented(*audience, host));
                        assert!(fine, "case {case} of seed {seed}: {text:?} reached {} from {audience:?}", heard.url);
                        sent += 1;
                    }
                }
            }
        }
    }
    // Not so strict that nothing is sent at all.
    assert!(sent > cases / 10 && known > cases / 20, "{sent} sent, {known} read");
}

/// azure-rest.md 8: each cloud's own hosts and the resources its tokens are for.
#[test]
fn each_cloud_s_gate_knows_its_own_hosts_and_no_other_s() {
    use AzureCloud::{China, Public, UsGov};
    let hosts = |cloud| match cloud {
        Public => [
            (Audience::Login, "login.microsoftonline.com"),
            (Audience::Arm, "management.azure.com"),
            (Audience::Vault, "kv-demo.vault.azure.net"),
            (Audience::Ml, "westeurope.api.azureml.ms"),
            (Audience::Graph, "graph.microsoft.com"),
            (Audience::Run, "westeurope.api.azureml.ms"),
        ],
        UsGov => [
            (Audience::Login, "login.microsoftonline.us"),
            (Audience::Arm, "management.usgovcloudapi.net"),
            (Audience::Vault, "kv-demo.vault.usgovcloudapi.net"),
            (Audience::Ml, "usgovvirginia.api.ml.azure.us"),
            (Audience::Graph, "graph.microsoft.us"),
            (Audience::Run, "usgovvirginia.api.ml.azure.us"),
        ],
        China => [
            (Audience::Login, "login.chinacloudapi.cn"),
            (Audience::Arm, "management.chinacloudapi.cn"),
            (Audience::Vault, "kv-demo.vault.azure.cn"),
            (Audience::Ml, "chinanorth2.api.ml.azure.cn"),
            (Audience::Graph, "microsoftgraph.chinacloudapi.cn"),
            (Audience::Run, "chinanorth2.api.ml.azure.cn"),
        ],
    };
    let names = [(Public, "AzureCloud"), (UsGov, "AzureUSGovernment"), (China, "AzureChinaCloud")];
    for (cloud, name) in names {
        assert_eq!((cloud.name(), AzureCloud::named(&name.to_lowercase())), (name, Some(cloud)));
        for (other, _) in names {
            for (audience, host) in hosts(other) {
                let url = Url::parse(&format!("https://{host}/")).expect("an address");
                assert_eq!(cloud.hosts().check(audience, &url).is_ok(), cloud == other, "{host} in {name}");
            }
        }
        let own = |audience| hosts(cloud).iter().find(|(have, _)| *have == audience).map(|(_, host)| *host);
        assert_eq!(Some(cloud.hosts().login()), own(Audience::Login));
        assert_eq!(AzureCloud::signing_in_at(&format!("https://{}/", cloud.hosts().login())), Some(cloud));
        // A token's resource is a service's own host; of a vault's it is the suffix.
        let scope = |audience| cloud.hosts().scope(audience).map(|scope| scope.replace("https://", ""));
        for audience in [Audience::Arm, Audience::Graph] {
            assert_eq!(scope(audience), own(audience).map(|host| format!("{host}/.default")), "{name}");
        }
        let vault = own(Audience::Vault).map(|host| host.replace("kv-demo.", "") + "/.default");
        assert_eq!(scope(Audience::Vault), vault, "{name}");
        assert_eq!(cloud.hosts().scope(Audience::Login), None);
    }
}
