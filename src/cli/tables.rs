//! Tables and lists of fields, for people.

use std::fmt::Write as _;
use std::os::fd::AsFd;

use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation as _;

use super::forms::ordered;
use crate::domain::{Cell, SafeText, alike, width};

/// Whatever a query picked as a table: a column for each key.
pub(crate) fn any_table(value: &Value, order: Option<&[String]>, look: Look) -> String {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut heads: Vec<String> = Vec::new();
    let mut rows = Vec::new();
    for item in items {
        let fields: Vec<(String, &Value)> = match item {
            Value::Object(fields) => {
                ordered(fields, order).into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            }
            Value::Array(items) => {
                items.iter().enumerate().map(|(n, value)| (format!("Column{}", n + 1), value)).collect()
            }
            plain => vec![("Result".to_owned(), plain)],
        };
        for (key, _) in &fields {
            if !heads.contains(key) {
                heads.push(key.clone());
            }
        }
        rows.push(fields);
    }
    let cells = rows.iter().map(|fields| {
        heads
            .iter()
            .map(|head| fields.iter().find(|(key, _)| key == head).map_or_else(String::new, |(_, value)| words(value)))
            .collect::<Vec<_>>()
    });
    table(&heads.iter().map(|head| SafeText::of(head).as_str().to_uppercase()).collect::<Vec<_>>(), cells, look)
}

/// How much a table may do.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Look {
    /// Bold heads.
    pub(crate) bold: bool,
    /// No sign beyond ASCII of our own.
    pub(crate) ascii: bool,
    /// Cells a row may take; a terminal's width.
    pub(crate) width: Option<usize>,
}

impl Look {
    /// What `output` can show.
    pub(crate) fn here(output: &impl AsFd, on_terminal: bool, ascii: bool) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
        Self {
            bold: on_terminal && able() && !plain,
            ascii: ascii || !utf8_locale(),
            width: on_terminal.then(|| terminal_width(output)).flatten(),
        }
    }
}

/// Whether a terminal here obeys more than plain text.
pub(crate) fn able() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term != "dumb")
}

fn terminal_width(output: &impl AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(output).ok()?;
    (size.ws_col > 0).then_some(size.ws_col.into())
}

fn utf8_locale() -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(std::env::var_os)
        .find(|set| !set.is_empty())
        .is_none_or(|set| set.to_string_lossy().to_ascii_lowercase().replace('-', "").contains("utf8"))
}

/// Names are not cut shorter than this: then rather the row is too long.
const LEAST_NAME: usize = 16;

/// `text` in `room` cells, cut in the middle: both ends of a name tell it apart.
pub(crate) fn cut(text: &str, room: usize, ascii: bool) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let room = room.saturating_sub(1);
    let (mut head, mut used) = (String::new(), 0);
    for cluster in text.graphemes(true) {
        if used + width(cluster) > room.div_ceil(2) {
            break;
        }
        used += width(cluster);
        head.push_str(cluster);
    }
    let mut tail = Vec::new();
    for cluster in text.graphemes(true).rev() {
        if used + width(cluster) > room {
            break;
        }
        used += width(cluster);
        tail.push(cluster);
    }
    head.push(if ascii { '~' } else { '…' });
    head.extend(tail.into_iter().rev());
    head
}

/// Our own cells as text.
pub(crate) fn plain(cells: Vec<Cell>, look: Look) -> Vec<String> {
    cells
        .into_iter()
        .map(|cell| if look.ascii { cell.text.replace('▲', "!").replace('–', "-") } else { cell.text })
        .collect()
}

/// Columns as wide as what stands in them, two cells apart. Everything in it must be clean already.
pub(crate) fn table(heads: &[String], rows: impl Iterator<Item = Vec<String>>, look: Look) -> String {
    let mut rows = rows.collect::<Vec<_>>();
    let mut widths = heads
        .iter()
        .enumerate()
        .map(|(n, head)| rows.iter().filter_map(|row| row.get(n)).map(|cell| width(cell)).fold(width(head), usize::max))
        .collect::<Vec<_>>();
    let whole = widths.iter().map(|wide| wide + 2).sum::<usize>().saturating_sub(2);
    if let (Some(room), Some(first)) = (look.width, widths.first_mut()) {
        *first = first.saturating_sub(whole.saturating_sub(room)).max(LEAST_NAME.min(*first));
        for name in rows.iter_mut().filter_map(|row| row.first_mut()) {
            *name = cut(name, *first, look.ascii);
        }
    }
    let line = |cells: &[String]| {
        let mut line = String::new();
        for (cell, wide) in cells.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', wide + 2 - width(cell)));
        }
        line.truncate(line.trim_end().len());
        line
    };
    let mut text = String::new();
    let head = line(heads);
    let _ = if look.bold { writeln!(text, "\x1b[1m{head}\x1b[0m") } else { writeln!(text, "{head}") };
    for row in &rows {
        let _ = writeln!(text, "{}", line(row));
    }
    text
}

/// A remark on the names (the first cells) that look alike, if there are any.
pub(crate) fn twins(rows: &[Vec<String>]) -> Option<String> {
    const SHOWN: usize = 6;
    let mut found =
        alike(rows.iter().filter_map(|row| row.first()).map(String::as_str)).into_iter().collect::<Vec<_>>();
    found.sort_unstable();
    let more = found.len().saturating_sub(SHOWN);
    found.truncate(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!found.is_empty()).then(|| format!("These names look like others, look twice: {}{more}", found.join(", ")))
}

/// One thing as a list of its fields, a line each; empty ones are left out.
pub(crate) fn fields(value: &Value) -> String {
    let mut lines = Vec::new();
    flatten("", value, &mut lines);
    let wide = lines.iter().map(|(label, _)| width(label)).max().unwrap_or(0);
    let mut text = String::new();
    for (label, words) in lines {
        let mut words = words.lines();
        let _ = writeln!(text, "{label}{}  {}", " ".repeat(wide - width(&label)), words.next().unwrap_or_default());
        for more in words {
            let _ = writeln!(text, "{}  {more}", " ".repeat(wide));
        }
    }
    text
}

fn flatten(label: &str, value: &Value, lines: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) if label.is_empty() || matches!(label, "attributes" | "properties") => {
            for (key, value) in fields {
                flatten(SafeText::of(key).as_str(), value, lines);
            }
        }
        Value::Null => {}
        Value::String(string) if string.is_empty() => {}
        Value::Object(fields) if fields.is_empty() => {}
        Value::Array(items) if items.is_empty() => {}
        other => lines.push((label.to_owned(), words(other))),
    }
}

/// A value in a word or line; lines of a text stay lines only in a list of fields.
fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(bool) => bool.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(string) => SafeText::of(string).into_owned(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| format!("{}={}", SafeText::of(key), words(value)))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_in_the_middle_on_a_terminal() {
        let look = Look { width: Some(24), ..Look::default() };
        let rows = vec![vec!["a-very-long-name-of-a-secret-1".to_owned(), "text".to_owned()]];
        let text = table(&["NAME".to_owned(), "TYPE".to_owned()], rows.into_iter(), look);
        assert_eq!(text, "NAME                TYPE\na-very-lo…secret-1  text\n");
        assert!(width(&cut("비전비전비전", 7, true)) <= 7);
    }

    #[test]
    fn names_that_look_alike_are_told_below_a_table() {
        let rows = |names: &[&str]| names.iter().map(|name| vec![(*name).to_owned()]).collect::<Vec<_>>();
        assert_eq!(twins(&rows(&["db", "web", "key-2"])), None);
        let words = twins(&rows(&["key-l", "db", "key-1"])).expect("twins");
        assert_eq!(words, "These names look like others, look twice: key-1, key-l");
    }

    #[test]
    fn columns_stand_under_each_other_at_every_width() {
        let rows = vec![vec!["비전".to_owned(), "x".to_owned()], vec!["ab".to_owned(), String::new()]];
        let text = table(&["NAME".to_owned(), "T".to_owned()], rows.into_iter(), Look::default());
        assert_eq!(text, "NAME  T\n비전  x\nab\n");
    }
}
