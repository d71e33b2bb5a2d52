//! The place of conditions (`@`), definitions (`$`) and sequences (`~`) between lines and keywords.
//!
//! Nothing is expanded yet: it only recognises such lines, so that none is misread in silence
//! (compat 01 §5 to §7).

use crate::diagnostic::Diagnostic;
use crate::report::Report;
use crate::source::Span;

/// Whether a piece of a line goes on to the keywords.
pub(crate) fn admit(text: &str, span: Span, report: &mut Report) -> bool {
    let (what, dropped) = match text.as_bytes().first() {
        Some(b'@') => ("conditional lines (@)", true),
        Some(b'~') if text.starts_with("~SEQ") || text.starts_with("~LST") => {
            ("sequences (~SEQ, ~LST)", true)
        }
        Some(b'$') if is_definition(&text[1..]) => ("definitions ($NAME=...)", true),
        _ if has_reference(text) => ("predefined references ($_NAME)", false),
        _ => return true,
    };
    let finding = Diagnostic::general(format!("{what} are not supported yet"))
        .at(span)
        .hint("write the lines out; this is said once per file");
    report.once(what, span.file, finding);
    !dropped
}

fn name_length(text: &str) -> usize {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    if starts { end } else { 0 }
}

fn is_definition(text: &str) -> bool {
    let length = name_length(text);
    length > 0 && text[length..].starts_with('=')
}

/// Names that have a value without a definition (compat 01 §6.4); other unknown names are left
/// as they are, by keepalived too.
const PREDEFINED: [&str; 6] = ["_PWD", "_INSTANCE", "_RANDOM", "_ENV", "_HASH", "_BANG"];

fn has_reference(text: &str) -> bool {
    text.match_indices('$').any(|(at, _)| {
        let rest = &text[at + 1..];
        let (name, braced) = match rest.strip_prefix('{') {
            Some(inner) => (&inner[..name_length(inner)], true),
            None => (&rest[..name_length(rest)], false),
        };
        let after = rest.get(name.len()..).and_then(|rest| rest.chars().next());
        PREDEFINED.contains(&name)
            && (braced || matches!(after, None | Some(' ' | '\t' | ',' | ')')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_told_from_other_dollars() {
        assert!(has_reference("router_id $_INSTANCE"));
        assert!(has_reference("router_id x${_PWD}y"));
        assert!(!has_reference("auth_pass pa$$w0rd"));
        assert!(!has_reference("x $_PWD.x"));
        assert!(is_definition("A=1") && !is_definition("A = 1"));
    }
}
