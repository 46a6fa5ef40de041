//! A value that is nowhere else in the world, and every form it might leak in.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

/// The value.
pub(crate) struct Canary {
    pub(crate) text: String,
}

impl Canary {
    /// Random letters and digits, with the characters that encodings change in the middle; all of it on one line.
    pub(crate) fn new(bytes: usize) -> Self {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        const AWKWARD: &str = "\"\\%&+/";
        let random = || uuid::Uuid::new_v4().into_bytes();
        let mut text: String = std::iter::repeat_with(random)
            .flatten()
            .map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]))
            .take(bytes)
            .collect();
        let middle = (bytes - AWKWARD.len()) / 2;
        text.replace_range(middle..middle + AWKWARD.len(), AWKWARD);
        Self { text }
    }

    /// Its first letters, as they stand on the screen.
    pub(crate) fn begin(&self) -> &str {
        &self.text[..12]
    }

    /// The value in every encoding, with its name.
    pub(crate) fn forms(&self) -> Vec<(&'static str, Vec<u8>)> {
        let text = self.text.as_str();
        let json = serde_json::to_string(text).expect("text");
        let debug = format!("{text:?}");
        let url: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let hex = text.bytes().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let numbers = format!("{:?}", text.as_bytes());
        let mut forms = vec![
            ("raw", text.into()),
            ("JSON", json.trim_matches('"').into()),
            ("Debug", debug.trim_matches('"').into()),
            ("URL", url.into_bytes()),
            ("HEX", hex.to_uppercase().into_bytes()),
            ("hex", hex.into_bytes()),
            ("numbers", numbers.trim_matches(['[', ']']).into()),
            ("UTF-16 LE", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            ("UTF-32", text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect()),
            ("UTF-16 BE", text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ];
        // Behind zero, one or two bytes of something else; the first and the last letters then depend on those.
        for before in 0..3 {
            let shifted = [vec![0; before], text.into()].concat();
            for (name, engine) in
                [("base64", &BASE64_STANDARD_NO_PAD), ("base64 of addresses", &BASE64_URL_SAFE_NO_PAD)]
            {
                let encoded = engine.encode(&shifted).into_bytes();
                forms.push((name, encoded[4..encoded.len() - 4].to_vec()));
            }
        }
        forms
    }

    /// The forms in which any 16 bytes in a row of it are part of `bytes`.
    pub(crate) fn in_bytes(&self, bytes: &[u8]) -> Vec<&'static str> {
        use std::collections::HashSet;
        const WINDOW: usize = super::memory::WINDOW;
        let have: HashSet<&[u8]> = bytes.windows(WINDOW).collect();
        let is_in = |form: &Vec<u8>| form.windows(WINDOW).any(|window| have.contains(window));
        self.forms().iter().filter(|(_, form)| is_in(form)).map(|(name, _)| *name).collect()
    }
}
