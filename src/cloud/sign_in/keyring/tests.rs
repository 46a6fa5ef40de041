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

#[expect(clippy::unnecessary_wraps, reason = "the shape of a candidate")]
fn mock() -> Option<Store> {
    Some(keyring_core::mock::Store::new().expect("a store"))
}

/// A keyring that is nowhere but here.
pub(crate) fn in_memory() -> Keyring {
    Keyring::of(vec![(Kept::Keyring, mock)], "amlock-test")
}

/// One that was emptied meanwhile and may not be written any more.
pub(crate) fn forgetful() -> Keyring {
    Keyring::of(vec![(Kept::Keyring, || None)], "amlock-test")
}

#[test]
fn the_first_keyring_that_keeps_something_is_the_one() {
    fn forbidden() -> Option<Store> {
        let store = mock()?;
        // As where the calls are there and forbidden: the first one made fails.
        let entry = store.build("amlock-test", &format!("probe-{}", std::process::id()), None).ok()?;
        let mock = entry.as_any().downcast_ref::<keyring_core::mock::Cred>()?;
        mock.set_error(keyring_core::Error::NoStorageAccess("forbidden".into()));
        Some(store)
    }
    let kept = |candidates: Vec<Candidate>| Keyring::of(candidates, "amlock-test").kept();
    assert_eq!(kept(vec![(Kept::Keyring, mock), (Kept::Desktop, mock)]), Some(Kept::Keyring));
    assert_eq!(kept(vec![(Kept::Keyring, || None), (Kept::Desktop, mock)]), Some(Kept::Desktop));
    assert_eq!(kept(vec![(Kept::Keyring, forbidden), (Kept::Desktop, mock)]), Some(Kept::Desktop));
    assert_eq!(kept(vec![(Kept::Keyring, forbidden)]), None);
}

#[test]
fn without_a_keyring_nothing_is_remembered() {
    let keyring = Keyring::none();
    assert!(!keyring.works() && !keyring.remember(&login("a.t-1", "r")) && keyring.all().is_empty());
}

#[test]
fn a_login_is_remembered_until_it_is_forgotten() {
    let memory = in_memory();
    assert!(memory.works());
    remembers(&memory);
    let kernel = Keyring::of_system("amlock-test");
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

#[test]
fn to_look_for_logins_nothing_is_written() {
    fn only_read() -> Option<Store> {
        let store = mock()?;
        // The first that is written to it fails, so it would be passed over.
        let entry = store.build("amlock-test", &format!("probe-{}", std::process::id()), None).ok()?;
        let mock = entry.as_any().downcast_ref::<keyring_core::mock::Cred>()?;
        mock.set_error(keyring_core::Error::NoStorageAccess("locked".into()));
        Some(store)
    }
    let keyring = Keyring::of(vec![(Kept::Desktop, only_read)], "amlock-test");
    assert!(keyring.all().is_empty() && !keyring.forget(&AccountId::parse("a.t-1").expect("an id")));
    let inner = keyring.0.as_ref().expect("one");
    assert!(inner.opened().is_some() && inner.found.get().is_none(), "nobody asked whether it keeps anything");
}

#[cfg(target_os = "linux")]
#[test]
fn to_ask_the_kernel_leaves_no_key_with_it() {
    let (asked, probe) =
        (format!("asked-{}:", std::process::id()), format!("probe-{}@amlock-asked", std::process::id()));
    let left = || {
        let keys = std::fs::read_to_string("/proc/keys").unwrap_or_default();
        keys.lines().any(|line| line.contains(&asked) || line.contains(&probe))
    };
    let keyring = Keyring::of_system("amlock-asked");
    keyring.all();
    keyring.kept();
    // The kernel sweeps up in its own time.
    let swept = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        !left()
    });
    assert!(swept);
}
