//! Whatever Azure, or somebody in its place, answers: no token and no value reaches a host that is not on the list. Generated
//! answers go through the public methods of `Cloud`, each client is called twice with each, and a far end of our own looks at
//! every request that would leave. A failure names the case and its seed; AMLOCK_SEED and AMLOCK_CASES choose others.

#[path = "../support/addresses.rs"]
mod addresses;
#[expect(dead_code, reason = "everything here can be tried anywhere")]
#[path = "../support/aloud.rs"]
mod aloud;
mod doors;
mod far;

use doors::Door;

async fn all(salt: u64, doors: &[Door]) {
    // Six kinds with a twentieth each; the rest is tried at the gate itself (src/cloud/gate/tests.rs).
    let (seed, cases) = addresses::wanted();
    let cases = cases / 20;
    let mut dice = addresses::Dice::new(seed.wrapping_add(salt << 32));
    let mut went = 0;
    let mut client = doors::Client::new();
    for case in 0..cases {
        // A client lives for some cases, so that what one of them left behind is there for the next; then a new one.
        if case % 50 == 0 {
            client = doors::Client::new();
        }
        let door = doors[case % doors.len()];
        let address = addresses::address(&mut dice, door.near());
        client.far.offer(door, &address);
        for call in 1..=2 {
            went += client.call(door, &address).await;
            let wrong = client.far.wrong();
            assert!(wrong.is_empty(), "case {case} of seed {seed}, {door:?}, call {call}, {address:?}: {wrong:?}");
        }
    }
    assert!(went > cases, "hardly anything was asked: {went}");
}

#[tokio::test(start_paused = true)]
async fn links_to_a_next_page_take_no_token_away() {
    all(
        1,
        &[
            Door::Secrets,
            Door::Deleted,
            Door::Versions,
            Door::Tenants,
            Door::Subscriptions,
            Door::Endpoints,
            Door::EachSubscription,
            Door::SkipToken,
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn redirects_take_no_token_and_no_value_away() {
    all(
        2,
        &[
            Door::RedirectedList,
            Door::RedirectedReveal,
            Door::RedirectedSet,
            Door::RedirectedDelete,
            Door::RedirectedArm,
            Door::RedirectedRegenerate,
            Door::RedirectedLogin,
            Door::RedirectedCode,
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn challenges_take_no_token_away() {
    all(3, &[Door::Challenged, Door::ChallengedSet, Door::ChallengedArm, Door::StrangersChallenge]).await;
}

#[tokio::test(start_paused = true)]
async fn addresses_in_azure_s_answers_take_no_token_away() {
    all(4, &[Door::GraphsVault, Door::ArmsVault, Door::VaultId, Door::Hub, Door::ScoringUri, Door::VaultByName]).await;
}

#[tokio::test(start_paused = true)]
async fn operations_are_followed_to_azure_only() {
    all(5, &[Door::Operation, Door::Location]).await;
}

#[test]
fn what_is_left_out_is_said() {
    let (_, cases) = addresses::wanted();
    let Some(left) = addresses::ALL.checked_sub(cases).filter(|left| *left > 0) else { return };
    let all = addresses::ALL;
    aloud::aloud(&format!("NOT RUN: {left} of {all} generated addresses; AMLOCK_CASES={all} runs them all (minutes)"));
}

#[tokio::test(start_paused = true)]
async fn a_code_is_shown_with_microsoft_s_own_addresses_only() {
    all(6, &[Door::DeviceCode]).await;
}
