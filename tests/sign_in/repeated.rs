//! Whatever answers a sign-in by repeating it brings nothing of what proves who asks to anybody's screen.

use amlock::cloud::SignIn;
use amlock::demo::Fault;
use amlock::domain::Failure;

use super::principal::{JOB, TokenFile, federated, pem, secret};
use super::{ARM, Stage, at_home};

const PROOFS: [&str; 6] =
    ["client_secret", "client_assertion", "refresh_token", "device_code", "code", "code_verifier"];

/// Nothing of what was sent as a proof is in any word of `failure`; how many proofs were sent.
fn hides(stage: &Stage, failure: &Failure) -> usize {
    let words = format!("{failure:?} {failure} {:?}", failure.azure.as_ref().map(|azure| azure.message.raw()));
    let sent = stage.sent("/token");
    let proofs = sent.iter().flat_map(|sent| PROOFS.iter().filter_map(|name| sent.field(name)));
    let mut seen = 0;
    for proof in proofs {
        let encoded: String = url::form_urlencoded::byte_serialize(proof.as_bytes()).collect();
        for form in [proof, &encoded] {
            let part = &form[form.len() / 2..];
            assert!(!words.contains(part), "{part} is in {words}");
        }
        seen += 1;
    }
    assert!(words.contains("BadParameter"), "the code is told: {words}");
    seen
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_whose_answer_repeats_it_shows_no_proof() {
    let stage = Stage::new("");
    let file = TokenFile::of(&stage.demo, JOB);
    let device = SignIn::DeviceCode { tenant: None };
    for way in [secret(&stage, "ml-auth"), pem(&stage), federated(&stage, &file), device] {
        let named = format!("{way:?}");
        stage.demo.fail_next("/oauth2/v2.0/token", Fault::Echo);
        let failure = stage.sign_in(way).await.expect_err("refused");
        assert!(hides(&stage, &failure) > 0, "{named}");
    }
    let alex = stage.alex();
    stage.demo.fail_next("/oauth2/v2.0/token", Fault::Echo);
    let failure = stage.cloud.token(&at_home(&alex), ARM).await.expect_err("refused");
    assert!(hides(&stage, &failure) > 4);
}
