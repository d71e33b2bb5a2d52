//! Takes the patterns of include lines apart: brace lists, escapes, brackets.
//!
//! It works on text alone; what there is of the names is found out in `pattern`.

/// Whether there is a wildcard without a backslash before it.
pub(super) fn is_wild(pattern: &str) -> bool {
    has(pattern, &['*', '?', '['])
}

/// Whether a brace list is begun.
pub(super) fn opens_list(pattern: &str) -> bool {
    has(pattern, &['{'])
}

/// Whether one of these is there without a backslash before it.
fn has(pattern: &str, marks: &[char]) -> bool {
    let mut escaped = false;
    pattern.chars().any(|character| {
        let counts = !escaped && marks.contains(&character);
        escaped = !escaped && character == '\\';
        counts
    })
}

/// The name that a pattern without wildcards means.
pub(super) fn unescaped(pattern: &str) -> String {
    let mut name = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => name.extend(characters.next()),
            other => name.push(other),
        }
    }
    name
}

/// The classes of characters that configurations use, as ranges.
const CLASSES: [(&str, &str); 5] = [
    ("[:digit:]", "0-9"),
    ("[:lower:]", "a-z"),
    ("[:upper:]", "A-Z"),
    ("[:alpha:]", "a-zA-Z"),
    ("[:alnum:]", "a-zA-Z0-9"),
];

/// The pattern in the notation of the crate: no escapes, `!` for what is excluded, and no `**`.
pub(super) fn translated(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        rest = match character {
            '*' => {
                out.push('*');
                after.trim_start_matches('*')
            }
            '\\' => {
                let escaped = after.chars().next();
                out.extend(escaped.map(|c| glob::Pattern::escape(&c.to_string())));
                &after[escaped.map_or(0, char::len_utf8)..]
            }
            '[' => bracket(after, &mut out),
            other => {
                out.push(other);
                after
            }
        };
    }
    out
}

/// Translates what follows a `[`, and returns what comes after its `]`.
fn bracket<'p>(inner: &'p str, out: &mut String) -> &'p str {
    let (sign, body) = match inner.strip_prefix(['!', '^']) {
        Some(body) => ("[!", body),
        None => ("[", inner),
    };
    out.push_str(sign);
    let mut rest = body;
    while let Some(character) = rest.chars().next() {
        if character == ']' && rest.len() < body.len() {
            break;
        }
        if let Some((name, range)) = CLASSES.iter().find(|(name, _)| rest.starts_with(name)) {
            out.push_str(range);
            rest = &rest[name.len()..];
            continue;
        }
        rest = &rest[character.len_utf8()..];
        let literal = if character == '\\' { rest.chars().next() } else { Some(character) };
        out.extend(literal);
        if character == '\\' {
            rest = &rest[literal.map_or(0, char::len_utf8)..];
        }
    }
    rest
}

/// The most alternatives that one pattern may have.
const ALTERNATIVES: usize = 1024;

/// Brace lists written out: `a{b,c}` is `ab` and `ac`; lists may be nested.
pub(super) fn braces(pattern: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut waiting = vec![pattern.to_owned()];
    while let Some(next) = waiting.pop() {
        match (first_list(&next), done.len() + waiting.len() < ALTERNATIVES) {
            (Some((start, end, parts)), true) => {
                let whole = |part: &String| format!("{}{part}{}", &next[..start], &next[end..]);
                waiting.extend(parts.iter().rev().map(whole));
            }
            _ => done.push(next),
        }
    }
    done
}

/// Where the first brace list lies, and its parts.
fn first_list(pattern: &str) -> Option<(usize, usize, Vec<String>)> {
    let (mut depth, mut start, mut parts, mut part) = (0_usize, 0, Vec::new(), String::new());
    let mut characters = pattern.char_indices();
    while let Some((at, character)) = characters.next() {
        match (character, depth) {
            ('\\', _) => {
                part.push(character);
                part.extend(characters.next().map(|(_, escaped)| escaped));
                continue;
            }
            ('{', 0) => {
                (depth, start) = (1, at);
                part.clear();
                continue;
            }
            ('}', 1) => {
                parts.push(part);
                return Some((start, at + 1, parts));
            }
            (',', 1) => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            ('{', 1..) => depth += 1,
            ('}', 2..) => depth -= 1,
            _ => {}
        }
        part.push(character);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brace_lists_are_written_out() {
        let rows: [(&str, &[&str]); 9] = [
            ("/e/{a,b{1,2}}.conf", &["/e/a.conf", "/e/b1.conf", "/e/b2.conf"]),
            ("/e/{a}.conf", &["/e/a.conf"]),
            ("/e/{a", &["/e/{a"]),
            ("a}", &["a}"]),
            ("{}", &[""]),
            ("x{a,}", &["xa", "x"]),
            ("x\\{1,2}", &["x\\{1,2}"]),
            ("{x\\,1,y}", &["x\\,1", "y"]),
            ("{a,b}{1,2}", &["a1", "a2", "b1", "b2"]),
        ];
        for (pattern, expected) in rows {
            assert_eq!(braces(pattern), expected, "{pattern}");
        }
        assert!(braces(&"{a,b}".repeat(100)).len() <= ALTERNATIVES + 1);
    }

    #[test]
    fn patterns_are_translated() {
        let rows = [
            ("**", "*"),
            ("a[^b]", "a[!b]"),
            ("a[!b]", "a[!b]"),
            ("x[]]", "x[]]"),
            ("x[[:digit:]_]", "x[0-9_]"),
            ("a\\*?", "a[*]?"),
            ("\\a*", "a*"),
            ("a[b", "a[b"),
            ("a[\\]b]", "a[]b]"),
            ("a\\", "a"),
        ];
        for (pattern, expected) in rows {
            assert_eq!(translated(pattern), expected, "{pattern}");
        }
        assert_eq!(unescaped("\\a\\\\b\\"), "a\\b");
        assert!(!is_wild("a\\*") && is_wild("a\\\\*"));
    }
}
