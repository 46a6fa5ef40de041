//! The key input: where a read is cut does not matter, a paste is one event whatever is in it, nothing gets stuck, and no
//! key is a control character.

use amlock::tui::input::{Machine, PASTE_LIMIT, TermEvent};
use crossterm::event::{KeyCode, KeyModifiers};

pub(crate) fn holds(data: &[u8]) {
    let Some((&cut, bytes)) = data.split_first() else { return };
    let whole = told(&mut Machine::default(), &[bytes]);
    let pieces: Vec<&[u8]> = bytes.chunks(usize::from(cut % 16) + 1).collect();
    assert_eq!(told(&mut Machine::default(), &pieces), whole, "cut into pieces of {}", cut % 16 + 1);

    // After silence every key is heard again.
    let (mut machine, mut out) = (Machine::default(), Vec::new());
    machine.feed(bytes, &mut out);
    for _ in 0..2 {
        machine.idle(&mut out);
    }
    assert!(machine.patience().is_none() && !machine.is_amid());
    assert_eq!(told(&mut machine, &[b"j"]), [format!("{:?} {:?}", KeyCode::Char('j'), KeyModifiers::NONE)]);

    // Whatever is pasted, none of it is a key: up to its end mark it is one event.
    let end = bytes.windows(6).position(|window| window == b"\x1b[201~").unwrap_or(bytes.len());
    let pasted = &bytes[..end];
    let paste = [b"\x1b[200~", pasted, b"\x1b[201~"].concat();
    let told = told(&mut Machine::default(), &[&paste]);
    assert_eq!(told.len(), 1, "{told:?}");
    let expected = if pasted.len() > PASTE_LIMIT { "PasteRefused" } else { "paste" };
    assert!(told[0].starts_with(expected), "{told:?}");
}

fn told(machine: &mut Machine, pieces: &[&[u8]]) -> Vec<String> {
    let mut out = Vec::new();
    for piece in pieces {
        machine.feed(piece, &mut out);
    }
    out.iter().map(tell).collect()
}

fn tell(event: &TermEvent) -> String {
    match event {
        TermEvent::Key(key) => {
            assert!(!matches!(key.code, KeyCode::Char(c) if c.is_control()), "{key:?}");
            format!("{:?} {:?}", key.code, key.modifiers)
        }
        TermEvent::Paste(text) => format!("paste {:?}", text.unseal()),
        other => format!("{other:?}"),
    }
}
