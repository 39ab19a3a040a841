//! Lists of values in statements that are written by hand.

use sea_orm::Value;

/// Binds all of these values behind those that are bound already, and gives their placeholders: `$2, $3, $4`. Neither database takes
/// an empty list.
pub fn bind_all<T: Into<Value>>(values: &mut Vec<Value>, more: impl IntoIterator<Item = T>) -> String {
    let before = values.len();
    values.extend(more.into_iter().map(Into::into));
    let placeholders: Vec<String> = (before + 1..=values.len()).map(|at| format!("${at}")).collect();
    placeholders.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_follow_each_other() {
        let mut values = vec![Value::from(7)];
        assert_eq!(bind_all(&mut values, ["a", "b"]), "$2, $3");
        assert_eq!(bind_all(&mut values, [1_i64]), "$4");
        assert_eq!(bind_all(&mut values, Vec::<i64>::new()), "");
        assert_eq!(values, [7.into(), "a".into(), "b".into(), Value::from(1_i64)]);
    }
}
