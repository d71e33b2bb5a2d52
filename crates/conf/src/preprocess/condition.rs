//! Conditional text: `@ID text` and `@^ID text` (compat 01 §5).
//!
//! It decides whether the text counts; where such a prefix may stand is decided in the parent.

/// How much of the text the prefix takes, with the blanks after it; `None` when the text does
/// not count. The text starts with `@`.
pub(super) fn admits(text: &str, config_id: &str) -> Option<usize> {
    let (prefix, rest) = text.split_once([' ', '\t'])?;
    let condition = prefix.strip_prefix('@').unwrap_or(prefix);
    let holds = match condition.strip_prefix('^') {
        Some(id) => id.is_empty() || id != config_id,
        None => !condition.is_empty() && condition == config_id,
    };
    holds.then(|| text.len() - rest.trim_start_matches([' ', '\t']).len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_a_whole_word() {
        // compat 01 §5, the table.
        assert_eq!(admits("@lb1 \tx y", "lb1"), Some(6));
        assert_eq!(admits("@^lb2 x", "lb1"), Some(6));
        for dropped in ["@lb2 x", "@lb x", "@LB1 x", "@^lb1 x", "@lb1", "@", "@ x", "@lb1{"] {
            assert_eq!(admits(dropped, "lb1"), None, "{dropped}");
        }
        assert_eq!(admits("@^ x", "lb1"), Some(3));
        assert_eq!(admits("@ x", ""), None);
        assert_eq!(admits("@^ x", ""), Some(3));
    }
}
