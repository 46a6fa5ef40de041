//! A company's own authority and its proxy: named by a flag, a variable or the config, and shown.

use crate::azure::{Azure, CLIENT, SECRET, TENANT};
use crate::home::Home;

fn principal() -> Vec<(&'static str, &'static str)> {
    vec![("AZURE_TENANT_ID", TENANT), ("AZURE_CLIENT_ID", CLIENT), ("AZURE_CLIENT_SECRET", SECRET)]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_authority_is_trusted_once_it_is_named_in_any_of_the_ways() {
    let (home, azure) = (Home::new(), Azure::new().await);
    let bundle = home.write("company.pem", azure.pem());
    let bundle = bundle.to_str().expect("UTF-8").to_owned();
    let other = home.write("other.pem", crate::authority::Authority::new().pem());
    let other = other.to_str().expect("UTF-8").to_owned();
    let proxy = [("HTTPS_PROXY", azure.proxy.as_str())];
    let show = ["account", "show", "--json"];
    let run = async |words: &[&str], set: &[(&str, &str)]| {
        home.alone(&[words, &show].concat(), &[&principal()[..], &proxy, set].concat()).await
    };
    let seen = run(&[], &[]).await.fails(7, "no authority that this machine trusts has signed its certificate");
    assert!(seen.err.contains("--ca-bundle FILE"), "{}", seen.err);
    let seen = run(&["--ca-bundle", &other], &[]).await;
    let seen = seen.fails(7, "no authority that this machine trusts or the CA bundle holds");
    assert!(seen.err.contains("is it the right CA bundle"), "{}", seen.err);

    for (words, set) in [
        (&["--ca-bundle", bundle.as_str()][..], &[][..]),
        (&[], &[("REQUESTS_CA_BUNDLE", bundle.as_str())]),
        (&[], &[("SSL_CERT_FILE", bundle.as_str())]),
        (&["--ca-bundle", bundle.as_str()], &[("REQUESTS_CA_BUNDLE", other.as_str())]),
    ] {
        let seen = run(words, set).await.done();
        assert_eq!(seen.json()["token"]["name"], "principal", "{words:?} {set:?}");
    }
    home.write("config/amlock/config.toml", format!("ca_bundle = \"{bundle}\"\n"));
    run(&[], &[]).await.done();
    run(&[], &[("REQUESTS_CA_BUNDLE", other.as_str())]).await.fails(7, "the CA bundle holds");

    let seen = home.alone(&["doctor"], &[&proxy[..], &[("NO_PROXY", "localhost,.contoso.com")]].concat()).await;
    let out = seen.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(out.contains("company.pem (ca_bundle in the config): 1 authority"), "{out}");
    assert!(out.contains("127.0.0.1:") && out.contains("but for localhost,.contoso.com (NO_PROXY)"), "{out}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bundle_that_cannot_be_read_stops_the_command_and_not_the_doctor() {
    let home = Home::new();
    let text = home.write("notes.txt", "no certificate");
    let text = text.to_str().expect("UTF-8").to_owned();
    let missing = home.at.join("none.pem").display().to_string();
    for (name, file, why) in
        [("REQUESTS_CA_BUNDLE", text.as_str(), "it is no PEM"), ("SSL_CERT_FILE", missing.as_str(), "no such file")]
    {
        let seen = home.alone(&["account", "show"], &[&principal()[..], &[(name, file)]].concat()).await;
        let seen = seen.fails(2, why);
        assert!(seen.err.contains(name) && seen.err.contains(file), "{}", seen.err);
        let seen = home.alone(&["doctor"], &[(name, file)]).await;
        assert_eq!(seen.code, 1, "{}", seen.err);
        assert!(seen.out.contains(why) && seen.out.contains("not dumpable"), "{}", seen.out);
    }
    home.alone(&["--demo", "--ca-bundle", &missing, "account", "list"], &[]).await.done();
}
