//! `--query`: JMESPath as az has it.

use jmespath::ast::Ast;
use jmespath::{Expression, JmespathError};
use serde_json::Value;

use crate::domain::Failure;

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
            Failure::misused("read --query", place).hint("it is JMESPath: https://jmespath.org")
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
        Ast::Subexpr { lhs, rhs, .. } | Ast::Projection { lhs, rhs, .. } => {
            column_order(if only_picks(rhs) { lhs } else { rhs })
        }
        Ast::Flatten { node, .. } => column_order(node),
        Ast::Condition { then, .. } => column_order(then),
        Ast::Function { name, args, .. } if matches!(name.as_str(), "sort_by" | "reverse" | "max_by" | "min_by") => {
            args.first().and_then(column_order)
        }
        _ => None,
    }
}

/// Whether it takes rows out without changing them: `[0]`, `[*]`, `[:5]`.
fn only_picks(ast: &Ast) -> bool {
    match ast {
        Ast::Identity { .. } | Ast::Index { .. } | Ast::Slice { .. } => true,
        Ast::Projection { lhs, rhs, .. } | Ast::Subexpr { lhs, rhs, .. } => only_picks(lhs) && only_picks(rhs),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::forms::tsv;
    use crate::cli::tables::{Look, any_table};

    #[test]
    fn a_query_keeps_its_columns_in_order() {
        let data = json!([{"name": "n", "id": "i", "z": 1}]);
        let picked = Query::parse("[?z==`1`].{Name:name, Id:id} | [*]").expect("valid").pick(&data).expect("runs");
        assert_eq!(tsv(&picked.value, picked.order.as_deref(), false), "n\ti\n");
        assert_eq!(any_table(&picked.value, picked.order.as_deref(), Look::default()), "NAME  ID\nn     i\n");
        assert_eq!(Query::parse("[?").expect_err("broken").exit_code(), 2);
    }
}
