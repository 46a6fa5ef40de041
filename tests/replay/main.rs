//! Recorded answers of Azure's own services, and the examples of its specification, replayed through `Cloud` and compared
//! with a table written by hand; and a mutated copy of each must fail that table, or the table would prove nothing.

mod ask;
mod table;
mod tape;

use std::path::Path;
use std::sync::Arc;

use amlock::cloud::{Clock, Cloud, Transport};
use amlock::domain::{Sealed, TenantId, Who};
use azure_core::http::HttpClient;
use serde_json::Value;

use table::{Case, Change, rows};
use tape::{TENANT, Tape};

/// A recording, its placeholders made into what they stand for.
fn recording(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/truth").join(file);
    let text = std::fs::read_to_string(&path).expect("the fixture is there");
    // An underscore cannot be in a host's name.
    serde_json::from_str(&text.replace("keyvault_name", "kv-recorded")).expect("the fixture is JSON")
}

/// The object or list that a pointer's last piece is in, and that piece.
fn inside<'a>(value: &'a mut Value, pointer: &str) -> (&'a mut Value, String) {
    let (parent, last) = pointer.rsplit_once('/').expect("a pointer");
    let place = value.pointer_mut(parent);
    (place.unwrap_or_else(|| panic!("the fixture has no {parent}")), last.to_owned())
}

fn apply(value: &mut Value, change: &Change) {
    match *change {
        Change::Rename(pointer, to) => {
            let (parent, last) = inside(value, pointer);
            let fields = parent.as_object_mut().expect("an object");
            let moved = fields.remove(&last).unwrap_or_else(|| panic!("the fixture has no {pointer}"));
            fields.insert(to.to_owned(), moved);
        }
        Change::Remove(pointer) => {
            let (parent, last) = inside(value, pointer);
            let gone = parent.as_object_mut().expect("an object").remove(&last);
            assert!(gone.is_some(), "the fixture has no {pointer}");
        }
        Change::Put(pointer, json) => {
            let place = value.pointer_mut(pointer).unwrap_or_else(|| panic!("the fixture has no {pointer}"));
            let new = serde_json::from_str(json).expect("JSON");
            assert_ne!(*place, new, "{pointer} is that already");
            *place = new;
        }
    }
}

/// What `Cloud` makes of a case's recordings, and what it asked for.
async fn play(case: &Case, mutated: bool) -> (Vec<String>, Vec<String>) {
    let mut recordings: Vec<Value> = case.files.iter().map(|file| recording(file)).collect();
    for (which, change) in case.first {
        apply(&mut recordings[*which], change);
    }
    if mutated {
        apply(&mut recordings[0], &case.mutation);
    }
    let tape = Tape::new(&recordings);
    let client: Arc<dyn HttpClient> = tape.clone();
    let now = "2026-11-21T05:02:00Z".parse().expect("a moment");
    let cloud = Cloud::new(Transport::of(&client), Clock::starting_at(now), false);
    let tenant = TenantId::parse(TENANT).expect("a tenant");
    let account = cloud.adopt_user("recorder".into(), "oid".into(), tenant.clone(), Sealed::new("refresh".to_owned()));
    let who = Who { account: account.id, tenant };
    (ask::ask(&cloud, &who, case.ask).await, tape.asked())
}

#[tokio::test(start_paused = true)]
async fn recorded_answers_read_as_the_table_says() {
    let mut wrong = Vec::new();
    for case in rows() {
        let (lines, _) = play(case, false).await;
        if lines != case.expect {
            wrong.push(format!("{:?} {:?}\n{lines:#?}\nwanted {:#?}", case.files, case.ask, case.expect));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[tokio::test(start_paused = true)]
async fn a_mutated_copy_fails_the_table() {
    for case in rows() {
        let (lines, _) = play(case, true).await;
        assert_ne!(lines, case.expect, "{:?}: nobody noticed {:?}", case.files, case.mutation);
    }
}

#[test]
fn every_fixture_has_a_row() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/truth");
    for folder in [root.clone(), root.join("spec")] {
        for entry in folder.read_dir().expect("the fixtures are there").flatten() {
            let path = entry.path();
            let name = path.strip_prefix(&root).expect("below it").display().to_string();
            let used = rows().any(|case| case.files.contains(&name.as_str()));
            assert!(used || path.extension().is_none_or(|kind| kind != "json"), "{name} is in no row of the table");
        }
    }
}

#[test]
fn every_fixture_names_its_source_and_licence() {
    for file in rows().flat_map(|case| case.files) {
        let fixture = recording(file);
        assert!(["source", "commit", "licence"].iter().all(|field| fixture[field].is_string()), "{file}");
    }
}

#[tokio::test(start_paused = true)]
async fn pages_of_the_resource_graph_are_asked_for_by_their_token() {
    let case = rows().find(|case| case.files.contains(&"spec/rg_next_page_query.json")).expect("the two pages");
    let (_, asked) = play(case, false).await;
    assert!(asked[0].contains(r#""$top":1000"#) && !asked[0].contains("skipToken"), "{}", asked[0]);
    assert!(asked[1].contains("eyAibm8iOiAibHVjayIsICJidXQiOiAibmljZSIsICJ0cnkiOiAiISIgfQ=="), "{}", asked[1]);
}

#[tokio::test(start_paused = true)]
async fn a_regeneration_sends_no_key() {
    for case in rows().filter(|case| matches!(case.ask, ask::Ask::Regenerate(..))) {
        let (_, asked) = play(case, false).await;
        let posts: Vec<_> = asked.iter().filter(|line| line.contains("regenerateKeys")).collect();
        assert_eq!(posts.len(), 1, "{asked:?}");
        assert!(posts[0].ends_with(r#"{"keyType":"Primary"}"#), "{posts:?}");
    }
}
