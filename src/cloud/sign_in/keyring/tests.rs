//! A keyring in memory, the real one where this machine has one, and the lack of one.

use super::*;

fn login(id: &str, refresh_token: &str) -> Remembered {
    Remembered {
        id: id.to_owned(),
        name: "alex@contoso.com".into(),
        object_id: "o-1".into(),
        tenant: TenantId::parse("t-1").expect("a tenant"),
        cloud: "AzureCloud".to_owned(),
        refresh_token: Sealed::new(refresh_token.to_owned()),
    }
}

#[test]
fn without_a_keyring_nothing_is_remembered() {
    let keyring = Keyring::none();
    assert!(!keyring.works() && !keyring.remember(&login("a.t-1", "r")) && keyring.all().is_empty());
}

#[test]
fn a_login_is_remembered_until_it_is_forgotten() {
    let memory = Keyring::over(keyring_core::mock::Store::new().expect("a store"), "amlock-test");
    assert!(memory.works());
    remembers(&memory);
    let kernel = Keyring::kernel("amlock-test");
    if kernel.works() {
        remembers(&kernel); // containers often forbid it
    }
}

fn remembers(keyring: &Keyring) {
    let id = AccountId::parse("a.t-1").expect("an id");
    assert!(keyring.remember(&login("a.t-1", "first")));
    assert!(keyring.remember(&login("b.t-1", "other")));
    keyring.renew(&login("a.t-1", "second"));
    let all = keyring.all();
    assert_eq!(all.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["a.t-1", "b.t-1"]);
    assert!(all[0].refresh_token.same(&Sealed::new("second".to_owned())));
    assert!(keyring.forget(&id));
    assert!(!keyring.forget(&id));
    keyring.renew(&login("a.t-1", "third"));
    assert_eq!(keyring.all().len(), 1);
    assert!(keyring.forget(&AccountId::parse("b.t-1").expect("an id")));
    assert!(keyring.all().is_empty());
}
