//! Answers that want us somewhere else: redirects, links to a next page, addresses of operations. Nobody goes, and what would
//! have gone there shows that: no name is looked up, no connection opened, no byte sent.

use amlock::domain::{Kind, WhichKey};

use crate::server::{Server, Step, http, ok};
use crate::stage::{ARM, EVIL, LOGIN, Stage, VAULT, listed, name, new, proven, told};

impl Stage {
    /// That nobody looked for the other host or spoke to it.
    fn stayed(&self) {
        assert_eq!((self.evil.opened(), self.evil.heard().len()), (0, 0));
        let known = [VAULT, LOGIN, ARM];
        assert!(self.names.asked().iter().all(|name| known.contains(&name.as_str())), "{:?}", self.names.asked());
    }
}

#[tokio::test]
async fn a_redirect_is_named_and_nobody_goes_there() {
    let stage = Stage::saying(Vec::new()).await;
    for status in [300, 301, 302, 303, 304, 305, 307, 308] {
        for (to, named) in [
            (format!("https://{EVIL}/secrets"), EVIL),
            (format!("//{EVIL}/secrets"), EVIL),
            (format!("http://{VAULT}/secrets"), VAULT),
            (format!("https://{VAULT}:8443/secrets"), VAULT),
            (format!("https://{VAULT}/secrets"), VAULT),
            ("/secrets?again".to_owned(), VAULT),
            (format!("https://{VAULT}@{EVIL}/"), EVIL),
            ("https://other-vault.vault.azure.net/".to_owned(), "other-vault.vault.azure.net"),
        ] {
            stage.server.say(http(status, &[("location", &to)], ""));
            let (failure, _) = stage.failing().await;
            let words = told(&failure);
            assert_eq!(failure.kind, Kind::Failed, "{status} {to}: {words}");
            assert!(
                words.contains(&format!("{VAULT} tried to send us to {named}; amlock did not go there")),
                "{words}"
            );
            assert_eq!(stage.server.heard().len(), 1, "a redirect is no reason to ask again");
            stage.stayed();
        }
    }
}

#[tokio::test]
async fn a_redirected_write_takes_its_value_nowhere() {
    let stage = Stage::saying(Vec::new()).await;
    for status in [301, 302, 307, 308] {
        let to = format!("https://{EVIL}/take");
        stage.server.then(move |_, heard| match heard.method.as_str() {
            "GET" => ok(listed(&[], None)),
            _ => vec![Step::Send(http(status, &[("location", &to)], ""))],
        });
        for call in 1..3 {
            let set = stage.cloud.set_secret(&stage.vault, new("the-value"), amlock::domain::Expect::Anything);
            let failure = set.await.expect_err("redirected");
            assert_eq!(failure.kind, Kind::Failed, "whoever redirects has done nothing: {failure:?}");
            let puts = stage.server.heard().into_iter().filter(|one| one.method == "PUT").collect::<Vec<_>>();
            assert_eq!(puts.len(), call);
            assert!(puts.iter().all(|put| String::from_utf8_lossy(&put.body).contains("the-value")));
        }
        assert!(stage.cloud.delete_secret(&stage.vault, &name("db-password")).await.is_err());
        stage.stayed();
    }
}

#[tokio::test]
async fn sign_in_that_is_redirected_takes_its_tokens_nowhere() {
    let login = Server::tls(proven(LOGIN), |_, _| {
        vec![Step::Send(http(307, &[("location", &format!("https://{EVIL}/token"))], ""))]
    });
    let stage = Stage::signing_in_at(login.await).await;
    for _ in 0..2 {
        let failure = stage.secrets().await.expect_err("nobody is signed in");
        assert!(told(&failure).contains(&format!("{LOGIN} tried to send us to {EVIL}")), "{failure:?}");
    }
    assert_eq!(stage.server.opened(), 0);
    stage.stayed();
}

#[tokio::test]
async fn a_link_to_the_next_page_leads_home_or_nowhere() {
    let stage = Stage::saying(Vec::new()).await;
    for link in [
        format!("https://{EVIL}/secrets"),
        format!("http://{VAULT}/secrets?p=2"),
        format!("https://{VAULT}:8443/secrets?p=2"),
        format!("https://{VAULT}@{EVIL}/secrets"),
        format!("https://{EVIL}\\@{VAULT}/secrets"),
        format!("https://{VAULT}\\@{EVIL}/secrets"),
        format!("//{EVIL}/secrets"),
        format!("https:/{EVIL}/secrets"),
        "https://kv-other.vault.azure.net/secrets".to_owned(),
        "/secrets?p=2".to_owned(),
    ] {
        let page = listed(&["db-password"], Some(&link));
        stage.server.then(move |_, _| ok(&page));
        for _ in 0..2 {
            let mut seen = 0;
            let failure = stage.cloud.secrets(&stage.vault, &mut |page| seen += page.len()).await.expect_err("not all");
            assert_eq!(
                (&failure.kind, seen),
                (&Kind::Failed, 1),
                "{link}: what came is shown, the rest is said to lack"
            );
            let words = told(&failure);
            assert!(words.contains("list the secrets of kv-demo") && words.contains("the server"), "{words}");
        }
        assert_eq!(stage.server.heard().len(), 2);
        stage.stayed();
    }
}

#[tokio::test]
async fn pages_that_go_round_are_left_at_the_second_visit() {
    let page = |n: usize| listed(&[&format!("s{n}")], Some(&format!("https://{VAULT}/secrets?$skiptoken={}", n % 3)));
    let stage = Stage::new(move |n, _| ok(page(n + 1))).await;
    let failure = stage.secrets().await.expect_err("a circle");
    assert!(told(&failure).contains("goes round in circles"), "{failure:?}");
    assert_eq!(stage.server.heard().len(), 4, "the first page and three of the circle");
    assert_eq!(stage.server.opened(), 1, "over one connection");
}

#[tokio::test]
async fn what_comes_twice_or_moves_between_pages_is_listed_once_and_in_place() {
    // Between the pages "b" was deleted, "a" moved back, and one came in another case: names differ in case only for the eye.
    let next = |n: usize| Some(format!("https://{VAULT}/secrets?$skiptoken={n}"));
    let pages = [
        listed(&["a", "b", "c"], next(1).as_deref()),
        listed(&["c", "a", "d"], next(2).as_deref()),
        listed(&[], next(3).as_deref()),
        listed(&["A", "e", "e", "d"], None),
    ];
    let stage = Stage::new(move |n, _| ok(&pages[n % 4])).await;
    for _ in 0..2 {
        let names: Vec<_> = stage.secrets().await.expect("a list").into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["a", "b", "c", "d", "e"].map(Into::into));
    }
}

#[tokio::test]
async fn tenants_and_subscriptions_over_pages_are_listed_once_too() {
    let id = |n: u8| format!("{n}{n}{n}{n}{n}{n}{n}{n}-0000-1111-2222-333344445555");
    let stage = Stage::managed(move |n, heard| {
        let of = |n| serde_json::json!({"tenantId": id(n), "subscriptionId": id(n)});
        let path = heard.path.split(['?', '&']).next().unwrap_or_default();
        let page = match n % 2 {
            0 => serde_json::json!({"value": [of(1), of(2)], "nextLink": format!("https://{ARM}{path}?p=2")}),
            _ => serde_json::json!({"value": [of(2), of(3), of(1)]}),
        };
        ok(page.to_string())
    })
    .await;
    assert_eq!(stage.cloud.tenants(&stage.who).await.expect("a list").len(), 3);
    assert_eq!(stage.cloud.subscriptions(&stage.who).await.expect("a list").len(), 3);
}

#[tokio::test]
async fn an_accepted_operation_is_followed_nowhere_else() {
    let place = "/subscriptions/00000000-0000-1111-2222-333344445555/resourceGroups/rg/providers/\
                 Microsoft.MachineLearningServices/workspaces/ws-vision";
    let stage = Stage::managed(|_, _| Vec::new()).await;
    for (header, address) in [
        ("azure-asyncoperation", format!("https://{EVIL}/op")),
        ("location", format!("https://{EVIL}/op")),
        ("azure-asyncoperation", format!("https://{VAULT}/op")),
        ("azure-asyncoperation", format!("https://{ARM}@{EVIL}/op")),
        ("location", format!("http://{ARM}/op")),
        ("azure-asyncoperation", format!("https://{ARM}:8443/op")),
        ("location", "/op".to_owned()),
    ] {
        stage.arm.then(move |_, heard| match heard.path.split('?').next().unwrap_or_default() {
            path if path.ends_with("/onlineEndpoints") => ok(serde_json::json!({"value": [
                {"id": format!("{place}/onlineEndpoints/churn"), "name": "churn", "properties": {"authMode": "Key"}},
            ]})
            .to_string()),
            path if path.ends_with("/listKeys") => ok(r#"{"primaryKey":"one","secondaryKey":"two"}"#),
            path if path.ends_with("/regenerateKeys") => vec![Step::Send(http(202, &[(header, &address)], ""))],
            _ => ok(r#"{"value":[]}"#),
        });
        let workspace = amlock::domain::ResourceId::parse(place).expect("an id");
        let list = stage.cloud.endpoints(&stage.who, &workspace).await.expect("a list");
        let regenerate = stage.cloud.regenerate_key(&list.endpoints[0], WhichKey::Primary, true, &mut |_| {}).await;
        let failure = regenerate.expect_err("its end was not seen");
        assert_eq!(failure.kind, Kind::Unknown, "{failure:?}");
        assert!(told(&failure).contains("its answer leads away from Azure; that was not followed"), "{failure:?}");
        assert!(stage.server.heard().is_empty(), "the vault is not Azure Resource Manager");
        stage.stayed();
    }
}
