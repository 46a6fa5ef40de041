//! Commands under an input method: the latin key on which a Korean jamo or a full-width letter was typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// The key as a latin keyboard would have sent it, for everything but text fields: the 33 jamo of the two-set layout and
/// full-width characters; any other key is unchanged.
pub(super) fn latin(key: KeyEvent) -> KeyEvent {
    let KeyCode::Char(typed) = key.code else { return key };
    let Some(plain) = latin_char(typed) else { return key };
    let shift = if plain.is_ascii_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    KeyEvent { code: KeyCode::Char(plain), modifiers: key.modifiers | shift, ..key }
}

fn latin_char(typed: char) -> Option<char> {
    const JAMO: &str = "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ";
    const KEYS: &str = "qwertyuiopasdfghjklzxcvbnmQWERTOP";
    match typed {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(typed) - 0xfee0),
        '\u{3000}' => Some(' '),
        _ => JAMO.chars().zip(KEYS.chars()).find(|(jamo, _)| *jamo == typed).map(|(_, key)| key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(c: char) -> KeyEvent {
        KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)
    }

    #[test]
    fn every_letter_has_its_jamo() {
        let jamo = "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ";
        let keys: String = jamo.chars().filter_map(|c| latin(key(c)).code.as_char()).collect();
        assert_eq!(keys, "qwertyuiopasdfghjklzxcvbnmQWERTOP");
    }

    #[test]
    fn full_width_is_the_plain_key_and_capitals_are_shifted() {
        assert_eq!(latin(key('ｊ')).code, KeyCode::Char('j'));
        assert_eq!(latin(key('？')).code, KeyCode::Char('?'));
        assert_eq!(latin(key('Ｇ')), KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT));
    }

    #[test]
    fn other_keys_stay() {
        for other in ['j', '한', 'é', '1'] {
            assert_eq!(latin(key(other)), key(other));
        }
    }
}
