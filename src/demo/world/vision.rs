//! The vault of ws-vision, the one that pictures show: 148 secrets, of which exactly four have a d before a b, so that
//! the filter `db` leaves four; and one of every oddity that a vault can hold.

use super::super::{
    clock::{DAY, HOUR, MINUTE, Moment, SECOND},
    seed,
};
use super::secrets::Draft;
use super::store::Vault;

/// What the plain names are put together from. No b in any of them.
const FIELDS: [&str; 12] = [
    "camera",
    "churn",
    "factory",
    "harvest",
    "lidar",
    "medical",
    "ocr",
    "parking",
    "retail",
    "satellite",
    "traffic",
    "vision",
];
const THINGS: [&str; 12] = [
    "account-name",
    "api-key",
    "client-secret",
    "endpoint-url",
    "license",
    "registry-token",
    "sas-token",
    "service-account",
    "signing-key",
    "ssh-key",
    "storage-key",
    "wiki-token",
];

/// As many plain names as make 148 with the others.
const PLAIN: usize = 148 - 4 - 10;

/// Five lines, 241 bytes, a newline at the end; the words inside say what it is worth.
fn pem() -> String {
    let (long, short) = ("DEMOONLY".repeat(8), "DEMOONLY".repeat(7));
    format!("-----BEGIN PRIVATE KEY-----\n{long}\n{long}\n{short}\n-----END PRIVATE KEY-----\n")
}

pub(crate) fn fill(vault: &mut Vault, now: Moment) {
    databases(vault, now);
    oddities(vault, now);
    gone(vault, now);
    let names = FIELDS.iter().flat_map(|field| THINGS.iter().map(move |thing| format!("{field}-{thing}")));
    for (number, name) in names.take(PLAIN).enumerate() {
        plain(vault, number, &name, now);
    }
}

/// The four in the picture.
fn databases(vault: &mut Vault, now: Moment) {
    // Two versions made within one second: their order cannot be told from their dates.
    let twice = now - 200 * DAY;
    Draft::new("db-password", "Correct-Horse-Demo-Only-42", now - 21 * DAY - 4 * HOUR - 47 * MINUTE)
        .kind("text/plain")
        .tag("team", "비전")
        .expires(now + 12 * DAY + 45 * SECOND)
        .older(&[now - 380 * DAY, twice, twice])
        .put_into(vault);
    Draft::new(
        "db-legacy",
        r#"{"host":"db.example.invalid","port":5432,"user":"demo","password":"demo-only"}"#,
        now - 2 * DAY - HOUR,
    )
    .kind("json")
    .expires(now - 3 * DAY - HOUR)
    .put_into(vault);
    Draft::new("db-replica-url", "postgres://demo:demo-only@replica.example.invalid/churn", now - 380 * DAY)
        .off()
        .put_into(vault);
    Draft::new("db-user", "demo_reader", now - 380 * DAY).put_into(vault);
}

fn oddities(vault: &mut Vault, now: Moment) {
    let longest = format!("the-longest-name-that-azure-takes-{}", "x".repeat(93));
    Draft::new(longest, seed::fictional(&["longest"]), now - 30 * DAY).put_into(vault);
    Draft::new("UPPER-and-Lower", seed::fictional(&["case"]), now - 31 * DAY).put_into(vault);
    Draft::new("cert-gateway", seed::base64url("demo-only, not a certificate ".repeat(40)), now - 60 * DAY)
        .kind("application/x-pkcs12")
        .expires(now + 305 * DAY)
        .not_before(now - 60 * DAY)
        .older(&[now - 425 * DAY])
        .managed()
        .put_into(vault);
    let certificate = pem().replace("PRIVATE KEY", "CERTIFICATE");
    Draft::new("cert-scoring", format!("{}{certificate}", pem()), now - 20 * DAY)
        .kind("application/x-pem-file")
        .expires(now + 5 * DAY + HOUR)
        .not_before(now - 20 * DAY)
        .managed()
        .put_into(vault);
    Draft::new("private-key", pem(), now - 9 * DAY)
        .kind("application/x-pem-file")
        .older(&[now - 300 * DAY])
        .put_into(vault);
    Draft::new(
        "training-config",
        "{\n  \"project\": \"churn\",\n  \"token\": \"demo-only\",\n  \"라벨\": [\"이탈\", \"유지\"],\n  \"epochs\": 40\n}\n",
        now - 5 * DAY,
    )
    .kind("application/json")
    .tag("used-by", "train.py")
    .put_into(vault);
    Draft::new("key-for-next-month", seed::fictional(&["next month"]), now - DAY)
        .not_before(now + 30 * DAY)
        .expires(now + 60 * DAY)
        .put_into(vault);
    Draft::new("korean-prompt", "당신은 친절한 도우미입니다. (demo only)", now - 12 * DAY)
        .tag("언어", "한국어")
        .put_into(vault);
    Draft::new("right-to-left-prompt", "أنت مساعد مفيد ولست سرًا حقيقيًا", now - 13 * DAY)
        .tag("لغة", "العربية")
        .put_into(vault);
    Draft::new("emoji-tokens", "👩‍🔬🇰🇷 e\u{301}  two spaces\tand a tab, demo only ", now - 14 * DAY)
        .tag("mood", "👩‍🔬🧪")
        .tag("日本語", "タグ")
        .tag("русский", "метка")
        .put_into(vault);
}

/// Two that were deleted and can still come back.
fn gone(vault: &mut Vault, now: Moment) {
    for (name, days) in [("retired-token", 86), ("wrong-vault", 1)] {
        let made = now - (days + 200) * DAY;
        Draft::new(name, seed::fictional(&["gone", name]), made).older(&[made - 90 * DAY]).put_into(vault);
        if let Some(secret) = vault.get(name) {
            vault.delete(secret, now - days * DAY, 0);
        }
    }
}

fn plain(vault: &mut Vault, number: usize, name: &str, now: Moment) {
    let age = i64::try_from(seed::below(700, &["vision", name])).unwrap_or_default();
    let updated = now - age * DAY - 5 * HOUR;
    let mut draft = Draft::new(name, seed::fictional(&["vision", name]), updated);
    if number.is_multiple_of(4) {
        draft = draft.kind("text/plain");
    }
    if number % 9 == 4 {
        draft = draft.off();
    }
    if number % 6 == 1 {
        draft = draft.expires(updated + 365 * DAY).tag("rotate", "yearly");
    }
    if number % 10 == 3 {
        draft = draft.older(&[updated - 200 * DAY, updated - 100 * DAY]);
    }
    draft.put_into(vault);
}
