//! Every style there is, once: what a role looks like by the terminal's colours and ground. Nothing else names a colour.

use ratatui::style::{Color, Modifier, Style};

use crate::app::{Colours, Ground};
use crate::domain::Tone;

/// What a piece of text is for; [`Theme::style`] says how that looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Look {
    /// Body text: the terminal's own.
    #[default]
    Plain,
    /// Less important than its neighbours.
    Secondary,
    /// What the eye is to find: the details' title, a field that is typed into, the spinner.
    Accent,
    /// Titles, the mark and keys: the accent, bold.
    Title,
    /// The cursor's one cell: the accent as a ground, as one cell of coloured text is too little for the eye to find.
    Mark,
    /// As it should be.
    Good,
    /// Look at this soon.
    Warning,
    /// Look at this now.
    Danger,
    /// The header's word for production.
    Production,
    /// A dark and a light square of a QR code, for half blocks.
    Code,
}

impl From<Tone> for Look {
    fn from(tone: Tone) -> Self {
        match tone {
            Tone::Plain => Self::Plain,
            Tone::Secondary => Self::Secondary,
            Tone::Good => Self::Good,
            Tone::Warning => Self::Warning,
            Tone::Danger => Self::Danger,
        }
    }
}

/// The looks of all roles on one terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    accent: Style,
    good: Style,
    warning: Style,
    danger: Style,
    secondary: Style,
    code: Option<Style>,
}

impl Theme {
    /// The theme for a terminal with these colours that writes on this ground.
    pub fn of(colours: Colours, ground: Ground) -> Self {
        let plain = Style::new();
        if matches!(colours, Colours::Mono | Colours::Sixteen) {
            // Sixteen colours are the user's own palette: any of them may be unreadable on the ground, weight never is.
            let code = Style::new().fg(Color::Black).bg(Color::White);
            return Self {
                accent: plain.add_modifier(Modifier::BOLD),
                good: plain,
                warning: plain.add_modifier(Modifier::BOLD),
                danger: plain.add_modifier(Modifier::BOLD | Modifier::REVERSED),
                secondary: plain.add_modifier(Modifier::DIM),
                code: (colours == Colours::Sixteen).then_some(code),
            };
        }
        let shade = |unknown: u8, dark: (u8, u32), light: (u8, u32)| {
            let (index, exact) = match ground {
                Ground::Unknown => (unknown, None),
                Ground::Dark => (dark.0, Some(dark.1)),
                Ground::Light => (light.0, Some(light.1)),
            };
            let colour = match exact {
                Some(exact) if colours == Colours::True => Color::from_u32(exact),
                _ => Color::Indexed(index),
            };
            plain.fg(colour)
        };
        Self {
            accent: shade(30, (80, 0x005c_c4c4), (24, 0x000a_6b72)),
            good: shade(28, (114, 0x007f_c48a), (22, 0x001f_6f3a)),
            warning: shade(130, (179, 0x00e0_a458), (94, 0x0085_5000)),
            danger: shade(131, (210, 0x00f2_858a), (124, 0x00b3_262e)),
            secondary: shade(243, (248, 0x009a_a5b1), (241, 0x0059_626d)),
            // The cube's black and white: no palette of the user's changes these.
            code: Some(plain.fg(Color::Indexed(16)).bg(Color::Indexed(231))),
        }
    }

    /// How `look` looks here.
    pub(super) fn style(&self, look: Look) -> Style {
        match look {
            Look::Plain => Style::new(),
            Look::Secondary => self.secondary,
            Look::Accent => self.accent,
            Look::Title => self.accent.add_modifier(Modifier::BOLD),
            Look::Mark => self.accent.add_modifier(Modifier::BOLD | Modifier::REVERSED),
            Look::Good => self.good,
            Look::Warning => self.warning,
            Look::Danger => self.danger,
            Look::Production => self.danger.add_modifier(Modifier::BOLD | Modifier::REVERSED),
            Look::Code => self.code.unwrap_or_default(),
        }
    }

    /// Whether a ground may be painted, as a QR code needs.
    pub(super) fn paints(&self) -> bool {
        self.code.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colours_only_weight_speaks() {
        for colours in [Colours::Mono, Colours::Sixteen] {
            let theme = Theme::of(colours, Ground::Dark);
            for look in [Look::Accent, Look::Title, Look::Good, Look::Warning, Look::Danger, Look::Secondary] {
                let style = theme.style(look);
                assert_eq!((style.fg, style.bg), (None, None), "{look:?}");
            }
        }
    }

    #[test]
    fn the_ground_chooses_the_shade() {
        let accent = |colours, ground| Theme::of(colours, ground).style(Look::Accent).fg;
        assert_eq!(accent(Colours::Indexed, Ground::Unknown), Some(Color::Indexed(30)));
        assert_eq!(accent(Colours::Indexed, Ground::Dark), Some(Color::Indexed(80)));
        assert_eq!(accent(Colours::True, Ground::Light), Some(Color::Rgb(0x0a, 0x6b, 0x72)));
    }
}
