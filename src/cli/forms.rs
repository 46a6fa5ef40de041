//! Data as text: JSON and tab-separated values as az has them, lines for a shell, lines for a terminal. Nothing here prints.

use std::fmt::Write as _;

use serde_json::{Map, Value};
use unicode_width::UnicodeWidthChar as _;

use crate::domain::{Failure, SafeText, is_hostile};

/// Combining marks in a row that are written as they are.
const MARKS: usize = 4;

/// JSON as az prints it: two spaces deep, keys sorted. The strings stay exact, but what could command a terminal or hide
/// from a reader is written as `\u` escapes.
pub(crate) fn json(value: &Value) -> String {
    let mut text = String::new();
    write_json(value, 0, &mut text);
    text.push('\n');
    text
}

fn write_json(value: &Value, depth: usize, text: &mut String) {
    let line = |depth: usize, text: &mut String| {
        text.push('\n');
        text.extend(std::iter::repeat_n("  ", depth));
    };
    match value {
        Value::Array(items) if !items.is_empty() => {
            text.push('[');
            for (n, item) in items.iter().enumerate() {
                text.push_str(if n == 0 { "" } else { "," });
                line(depth + 1, text);
                write_json(item, depth + 1, text);
            }
            line(depth, text);
            text.push(']');
        }
        Value::Object(fields) if !fields.is_empty() => {
            text.push('{');
            for (n, (key, item)) in sorted(fields).into_iter().enumerate() {
                text.push_str(if n == 0 { "" } else { "," });
                line(depth + 1, text);
                write_string(key, text);
                text.push_str(": ");
                write_json(item, depth + 1, text);
            }
            line(depth, text);
            text.push('}');
        }
        Value::String(string) => write_string(string, text),
        Value::Array(_) => text.push_str("[]"),
        Value::Object(_) => text.push_str("{}"),
        plain => {
            let _ = write!(text, "{plain}");
        }
    }
}

fn sorted(fields: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut fields = fields.iter().collect::<Vec<_>>();
    fields.sort_by_key(|(key, _)| *key);
    fields
}

fn write_string(string: &str, text: &mut String) {
    text.push('"');
    let mut marks = 0;
    for c in string.chars() {
        marks = if c.width() == Some(0) { marks + 1 } else { 0 };
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            // A pile of marks would cover the lines around it.
            c if is_hostile(c) || marks > MARKS => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
            c => text.push(c),
        }
    }
    text.push('"');
}

/// A row's values in the order az would print them.
pub(crate) fn ordered<'a>(fields: &'a Map<String, Value>, order: Option<&[String]>) -> Vec<(&'a str, &'a Value)> {
    match order {
        Some(order) => order.iter().filter_map(|key| fields.get_key_value(key)).map(|(k, v)| (k.as_str(), v)).collect(),
        None => sorted(fields).into_iter().map(|(key, value)| (key.as_str(), value)).collect(),
    }
}

/// Tab-separated values by az's rules: a nested list is its length, a nested object nothing, `null` is `None`.
/// `exact` leaves strings as they are (values on a pipe); otherwise they are cleaned, so that a row stays a row.
pub(crate) fn tsv(value: &Value, order: Option<&[String]>, exact: bool) -> String {
    let rows = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut text = String::new();
    for row in rows {
        let cells = match row {
            Value::Object(fields) => {
                ordered(fields, order).into_iter().map(|(_, value)| tsv_cell(value, exact)).collect::<Vec<_>>()
            }
            Value::Array(items) => items.iter().map(|item| tsv_cell(item, exact)).collect(),
            Value::Bool(bool) => vec![bool.to_string()],
            plain => vec![tsv_cell(plain, exact)],
        };
        text.push_str(&cells.join("\t"));
        text.push('\n');
    }
    text
}

fn tsv_cell(value: &Value, exact: bool) -> String {
    match value {
        Value::Array(items) => items.len().to_string(),
        Value::Object(_) => String::new(),
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(string) if exact => string.clone(),
        Value::String(string) => SafeText::of(string).into_owned(),
    }
}

/// Text of several lines as a terminal may have it: lines and tabs stay, all else is cleaned.
pub(crate) fn on_terminal(text: &str) -> String {
    text.split('\n')
        .map(|line| line.split('\t').map(|part| SafeText::of(part).into_owned()).collect::<Vec<_>>().join("\t"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// `KEY='value'`, to be read by any POSIX shell. A value with a NUL cannot be had in a shell.
pub(crate) fn env_line(name: &str, value: &str) -> Result<String, Failure> {
    if value.contains('\0') {
        return Err(Failure::misused(
            format!("print {} for a shell", SafeText::of(name)),
            "it holds a NUL byte, which no environment variable can",
        )
        .hint("`-o json`, a pipe and --out keep it exactly"));
    }
    Ok(format!("{}='{}'\n", env_name(name), value.replace('\'', "'\\''")))
}

/// `db-password` -> `DB_PASSWORD`, `primaryKey` -> `PRIMARY_KEY`.
fn env_name(name: &str) -> String {
    let mut out = String::new();
    for (n, c) in name.chars().enumerate() {
        if n == 0 && c.is_ascii_digit() {
            out.push('_');
        }
        if n > 0 && c.is_ascii_uppercase() && name.chars().nth(n - 1).is_some_and(|before| before.is_ascii_lowercase())
        {
            out.push('_');
        }
        out.push(if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' });
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_reads_as_azs_and_is_harmless() {
        let text = json(
            &json!({"b": [], "a": {"x": "비전\u{1b}\u{202e}\u{e0041}\"\\\n", "n": null, "t": true, "i": 3}, "c": {}}),
        );
        assert_eq!(
            text,
            "{\n  \"a\": {\n    \"i\": 3,\n    \"n\": null,\n    \"t\": true,\n    \"x\": \"비전\\u001b\\u202e\\udb40\\udc41\\\"\\\\\\n\"\n  },\n  \"b\": [],\n  \"c\": {}\n}\n"
        );
    }

    #[test]
    fn json_reads_back_as_it_was() {
        let value = json!({"a": "\u{0}\u{7f}\u{9b}👩\u{200d}💻", "b": [1, 2.5, -3, "x"]});
        assert_eq!(serde_json::from_str::<Value>(&json(&value)).expect("valid"), value);
    }

    #[test]
    fn tsv_follows_az() {
        let rows = json!([{"b": "x", "a": null, "c": [1, 2], "d": {}, "e": true}, {"b": "y", "a": 1}]);
        assert_eq!(tsv(&rows, None, false), "None\tx\t2\t\tTrue\n1\ty\n");
        assert_eq!(tsv(&json!([true, "a"]), None, false), "true\na\n");
        assert_eq!(tsv(&json!("one\ntwo"), None, true), "one\ntwo\n");
        assert_eq!(tsv(&json!("one\ttwo"), None, false), "one␉two\n");
    }

    #[test]
    fn shells_get_their_quotes() {
        assert_eq!(env_line("db-password", "it's").expect("no NUL"), "DB_PASSWORD='it'\\''s'\n");
        assert_eq!(env_line("primaryKey", "a\nb").expect("no NUL"), "PRIMARY_KEY='a\nb'\n");
        assert_eq!(env_line("7-up", "").expect("no NUL"), "_7_UP=''\n");
        assert_eq!(env_line("x", "a\0b").expect_err("NUL").exit_code(), 2);
    }
}
