//! Data as text: JSON, tab-separated values and `--query` as az has them, tables and field lists for people.
//! Nothing here prints.

use std::fmt::Write as _;

use jmespath::ast::Ast;
use jmespath::{Expression, JmespathError};
use serde_json::{Map, Value};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use crate::domain::{Cell, Failure, SafeText, is_hostile};

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
    for c in string.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            c if is_hostile(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
            c => text.push(c),
        }
    }
    text.push('"');
}

/// `--query`, found to be one. Its compiled form belongs to one thread and is made where it runs.
#[derive(Debug)]
pub(crate) struct Query(String);

/// What a query picked.
#[derive(Debug)]
pub(crate) struct Picked {
    /// The data.
    pub(crate) value: Value,
    /// The columns in the order the query names them; az keeps it in tables and tab-separated values.
    pub(crate) order: Option<Vec<String>>,
}

impl Query {
    /// Checks it, before anything is asked of anybody.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        Self(text.to_owned()).compile().map(|_| Self(text.to_owned())).map_err(|wrong| {
            let place = format!("{} at character {}", first_line(&wrong.reason.to_string()), wrong.offset + 1);
            Failure::misused("read --query", place).hint("It is JMESPath: https://jmespath.org")
        })
    }

    fn compile(&self) -> Result<Expression<'static>, JmespathError> {
        jmespath::compile(&self.0)
    }

    /// Runs it.
    pub(crate) fn pick(&self, data: &Value) -> Result<Picked, Failure> {
        let wrong = |wrong: JmespathError| Failure::misused("run --query", first_line(&wrong.reason.to_string()));
        let expression = self.compile().map_err(wrong)?;
        let found = expression.search(data).map_err(wrong)?;
        let value = serde_json::to_value(&*found)
            .map_err(|_| Failure::misused("run --query", "it picks something that is no data"))?;
        Ok(Picked { value, order: column_order(expression.as_ast()) })
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// The keys of the hash a query ends in. The crate sorts what it builds, az does not.
fn column_order(ast: &Ast) -> Option<Vec<String>> {
    match ast {
        Ast::MultiHash { elements, .. } => Some(elements.iter().map(|pair| pair.key.clone()).collect()),
        Ast::Subexpr { rhs, .. } | Ast::Projection { rhs, .. } => column_order(rhs),
        Ast::Condition { then, .. } => column_order(then),
        Ast::Function { name, args, .. } if matches!(name.as_str(), "sort_by" | "reverse" | "max_by" | "min_by") => {
            args.first().and_then(column_order)
        }
        _ => None,
    }
}

/// A row's values in the order az would print them.
fn ordered<'a>(fields: &'a Map<String, Value>, order: Option<&[String]>) -> Vec<(&'a str, &'a Value)> {
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

/// Names are not cut shorter than this: then rather the row is too long.
const LEAST_NAME: usize = 16;

/// `text` in `width` cells, cut in the middle: both ends of a name tell it apart.
fn cut(text: &str, width: usize, ascii: bool) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let (mut head, mut used) = (String::new(), 0);
    for cluster in text.graphemes(true) {
        if used + cluster.width() > room.div_ceil(2) {
            break;
        }
        used += cluster.width();
        head.push_str(cluster);
    }
    let mut tail = Vec::new();
    for cluster in text.graphemes(true).rev() {
        if used + cluster.width() > room {
            break;
        }
        used += cluster.width();
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
        .map(|(n, head)| {
            rows.iter().filter_map(|row| row.get(n)).map(|cell| cell.width()).fold(head.width(), usize::max)
        })
        .collect::<Vec<_>>();
    let whole = widths.iter().map(|width| width + 2).sum::<usize>().saturating_sub(2);
    if let (Some(room), Some(first)) = (look.width, widths.first_mut()) {
        *first = first.saturating_sub(whole.saturating_sub(room)).max(LEAST_NAME.min(*first));
        for name in rows.iter_mut().filter_map(|row| row.first_mut()) {
            *name = cut(name, *first, look.ascii);
        }
    }
    let line = |cells: &[String]| {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width + 2 - cell.width()));
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

/// One thing as a list of its fields, a line each; empty ones are left out.
pub(crate) fn fields(value: &Value) -> String {
    let mut lines = Vec::new();
    flatten("", value, &mut lines);
    let width = lines.iter().map(|(label, _)| label.width()).max().unwrap_or(0);
    let mut text = String::new();
    for (label, words) in lines {
        let mut words = words.lines();
        let _ = writeln!(text, "{label}{}  {}", " ".repeat(width - label.width()), words.next().unwrap_or_default());
        for more in words {
            let _ = writeln!(text, "{}  {more}", " ".repeat(width));
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
        .hint("`-o json`, a pipe and --out keep it exactly."));
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
    fn a_query_keeps_its_columns_in_order() {
        let data = json!([{"name": "n", "id": "i", "z": 1}]);
        let picked = Query::parse("[?z==`1`].{Name:name, Id:id} | [*]").expect("valid").pick(&data).expect("runs");
        assert_eq!(tsv(&picked.value, picked.order.as_deref(), false), "n\ti\n");
        assert_eq!(any_table(&picked.value, picked.order.as_deref(), Look::default()), "NAME  ID\nn     i\n");
        assert_eq!(Query::parse("[?").expect_err("broken").exit_code(), 2);
    }

    #[test]
    fn shells_get_their_quotes() {
        assert_eq!(env_line("db-password", "it's").expect("no NUL"), "DB_PASSWORD='it'\\''s'\n");
        assert_eq!(env_line("primaryKey", "a\nb").expect("no NUL"), "PRIMARY_KEY='a\nb'\n");
        assert_eq!(env_line("7-up", "").expect("no NUL"), "_7_UP=''\n");
        assert_eq!(env_line("x", "a\0b").expect_err("NUL").exit_code(), 2);
    }

    #[test]
    fn long_names_are_cut_in_the_middle_on_a_terminal() {
        let look = Look { width: Some(24), ..Look::default() };
        let rows = vec![vec!["a-very-long-name-of-a-secret-1".to_owned(), "text".to_owned()]];
        let text = table(&["NAME".to_owned(), "TYPE".to_owned()], rows.into_iter(), look);
        assert_eq!(text, "NAME                TYPE\na-very-lo…ecret-1  text\n");
        assert!(cut("비전비전비전", 7, true).width() <= 7);
    }

    #[test]
    fn columns_stand_under_each_other_at_every_width() {
        let rows = vec![vec!["비전".to_owned(), "x".to_owned()], vec!["ab".to_owned(), String::new()]];
        let text = table(&["NAME".to_owned(), "T".to_owned()], rows.into_iter(), Look::default());
        assert_eq!(text, "NAME  T\n비전  x\nab\n");
    }
}
