//! Addresses as somebody may write them who wants what is meant for Azure, made from a seed; and, written down by hand from
//! Azure's own documents, whose hosts are whose. Nothing here is the product's, so that it cannot share its mistakes.

/// Random numbers that come again with their seed (splitmix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, many: usize) -> usize {
        usize::try_from(self.next() % many as u64).expect("below a usize")
    }

    pub(crate) fn pick<'a>(&mut self, some: &[&'a str]) -> &'a str {
        some[self.below(some.len())]
    }
}

/// All there are.
pub(crate) const ALL: usize = 100_000;

/// The seed, and how many of all cases are run: AMLOCK_SEED and AMLOCK_CASES, or these.
pub(crate) fn wanted() -> (u64, usize) {
    let set = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
    (
        set("AMLOCK_SEED").unwrap_or(20_261_121),
        set("AMLOCK_CASES").map_or(ALL / 5, |n| usize::try_from(n).unwrap_or(ALL)),
    )
}

/// Hosts of Azure's public cloud, as they are written properly.
const GOOD: [&str; 10] = [
    "login.microsoftonline.com",
    "management.azure.com",
    "kv-demo.vault.azure.net",
    "kv-other.vault.azure.net",
    "graph.microsoft.com",
    "westeurope.api.azureml.ms",
    "0f1e2d3c-0000-1111-2222-333344445555.workspace.westeurope.api.azureml.ms",
    "churn.westeurope.inference.ml.azure.com",
    "login.windows.net",
    "sts.windows.net",
];

const EVIL: &str = "evil.example";

/// The host that a request went to, cut out of its address by hand; none where it is not https, or anything stands beside it.
pub(crate) fn reached(address: &str) -> Option<&str> {
    let rest = address.strip_prefix("https://")?;
    let host = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
    host.chars().all(plain).then_some(host)
}

/// Whether a host is the vault of somebody: one label of 3 to 24 letters, digits and dashes, no other beginning than a letter
/// and no dash at its end.
pub(crate) fn is_vault(host: &str) -> bool {
    let Some(name) = host.strip_suffix(".vault.azure.net") else { return false };
    let fits = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    fits && (3..=24).contains(&name.len()) && name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.ends_with('-')
}

/// An address: most are wrong in one to three ways, some are right. Most of them begin as that of one of the hosts `near`.
pub(crate) fn address(dice: &mut Dice, near: &[&str]) -> String {
    let scheme = match dice.below(4) {
        0 => dice.pick(&[
            "http://",
            "HTTPS://",
            "hTtPs://",
            "https:/",
            "https:",
            "https:\\\\",
            "https:/\\",
            "https:///",
            "https:////",
            "//",
            "/\\",
            "ftp://",
            "wss://",
            "ws://",
            " https://",
            "https:// ",
            "\thttps://",
            "ht\ntps://",
            "https:\r\n//",
            "https://\u{0}",
            "\u{feff}https://",
            "https%3A//",
            "http\u{455}://",
            "file://",
            "blob:https://",
            "",
            "javascript:",
        ]),
        _ => "https://",
    };
    let near = if near.is_empty() || dice.below(4) == 0 { &GOOD } else { near };
    let mut host = dice.pick(near).to_owned();
    for _ in 0..dice.below(4) {
        host = twisted(dice, &host);
    }
    let good = dice.pick(&GOOD);
    let user = match dice.below(5) {
        0 => match dice.below(9) {
            0 => format!("{good}@"),
            1 => format!("{good}:443@"),
            2 => format!("{EVIL}@"),
            3 => format!("{EVIL}\\@"),
            4 => format!("{EVIL}/@"),
            5 => format!("{good}%40"),
            6 => format!("{good}\u{ff20}"),
            _ => dice.pick(&["@", ":@", "user@", "user:pw@", "a@b@", "%00@", "#@", "?@"]).to_owned(),
        },
        _ => String::new(),
    };
    let port = match dice.below(5) {
        0 => dice.pick(&[
            ":443",
            ":0443",
            ":80",
            ":8443",
            ":",
            ":0",
            ":65536",
            ":443443",
            ":+443",
            ": 443",
            ":44\u{663}",
            ":443@evil.example",
            ":@evil.example",
            ":443\\@evil.example",
            ":443:443",
        ]),
        _ => "",
    };
    let path = dice.pick(&[
        "",
        "/",
        "/secrets",
        "/secrets?api-version=7.4&$skiptoken=2",
        "/subscriptions?x=1",
        "/tenants?$skiptoken=x",
        "/a/../b",
        "//evil.example",
        "/\\evil.example",
        "\\evil.example",
        "?x=@evil.example",
        "#@evil.example",
        "/@evil.example",
        "/%2e%2e/x",
        "/..//evil.example/",
        ";@evil.example",
        "/secrets\u{0}",
        "/se\ncrets",
        "/11111111-1111-1111-1111-111111111111",
        "%2f@evil.example",
    ]);
    format!("{scheme}{user}{host}{port}{path}")
}

/// Machines, by number, in every way to write one.
const MACHINES: [&str; 22] = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.1",
    "0x7f000001",
    "0177.0.0.1",
    "\u{ff11}27.0.0.1",
    "127.0.0.1.",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[fe80::1%25eth0]",
    "[::1",
    "::1",
    "169.254.169.254",
    "0xa9fea9fe",
    "localhost",
    "evil",
    "0",
    "256.256.256.256",
    "1.2.3.4.5",
];

/// What may be made of a host so that a reader, or a parser, takes it for another one.
fn twisted(dice: &mut Dice, host: &str) -> String {
    let places: Vec<usize> = host.char_indices().map(|(at, _)| at).collect();
    let at = places.get(dice.below(places.len().max(1))).copied().unwrap_or(0);
    let put = |what: &str| format!("{}{what}{}", &host[..at], &host[at..]);
    let swap = |from: char, to: &str| host.replacen(from, to, 1);
    // Every other one begins or ends as it should.
    let way = if dice.below(2) == 0 { [2, 3, 18, 21][dice.below(4)] } else { dice.below(24) };
    match way {
        0 => host.to_uppercase(),
        1 => host.char_indices().map(|(n, c)| if n % 3 == at % 3 { c.to_ascii_uppercase() } else { c }).collect(),
        2 => format!(
            "{host}{}",
            dice.pick(&[
                ".",
                "..",
                ".evil.example",
                "evil.example",
                "-evil.example",
                ".com",
                "%2eevil.example",
                "%00.evil.example"
            ])
        ),
        3 => format!(
            "{}{host}",
            dice.pick(&[
                "evil.example.",
                "x",
                "a.",
                "-",
                ".",
                "evil.example/",
                "evil.example?",
                "evil.example#",
                "evil.example\\",
                "xn--"
            ])
        ),
        // Letters that look like ours, ...
        4 => swap('a', "\u{430}"),
        5 => swap('e', "\u{435}"),
        6 => swap('o', "\u{3bf}"),
        7 => swap('i', dice.pick(&["\u{131}", "\u{456}", "l", "1", "\u{130}"])),
        8 => swap('m', "rn"),
        9 => swap('l', dice.pick(&["1", "I", "\u{4cf}"])),
        // ... and letters that IDNA makes ours.
        10 => swap('a', dice.pick(&["\u{ff41}", "\u{24d0}", "\u{1d41a}"])),
        11 => swap('k', "\u{212a}"),
        12 => swap('s', dice.pick(&["\u{17f}", "\u{ff53}", "\u{df}"])),
        13 => put(dice.pick(&["\u{ad}", "\u{200b}", "\u{200d}", "\u{2060}", "\u{301}", "\u{fe0f}", "\u{202e}"])),
        14 => swap(
            '.',
            dice.pick(&["\u{3002}", "\u{ff0e}", "\u{ff61}", "\u{2024}", "-", "%2e", "%2E", "..", ",", "/", "\u{2215}"]),
        ),
        15 => swap('-', dice.pick(&["_", "\u{2010}", "\u{2013}", "--", ""])),
        16 => put(dice.pick(&["%6d", "%2f", "%5c", "%40", "%3a", "%23", "%00", "%0d%0a", "%", "%zz", "%u0061"])),
        17 => put(dice.pick(&[
            "\\", "/", "@", "#", "?", ":", "\t", "\n", "\r", " ", "\u{0}", "\u{7f}", "|", "^", "[", "]", "\\@",
        ])),
        18 => swap('.', &format!(".{EVIL}.")),
        19 => host[..at].to_owned(),
        20 => host[at..].to_owned(),
        21 => format!(
            "{}.vault.azure.net",
            dice.pick(&[
                "ab",
                "1abc",
                "abc-",
                "kv.a",
                "kv-demo.a",
                "",
                "a25letternameforavault123",
                "xn--kv-x",
                "kv_demo",
                "*"
            ])
        ),
        22 => EVIL.to_owned(),
        _ => dice.pick(&MACHINES).to_owned(),
    }
}
