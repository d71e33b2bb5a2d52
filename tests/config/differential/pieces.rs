//! Takes a generated file apart as a reader of the language does: statements and braces by line.
//!
//! It knows of the preprocessor what `generate::mutate` makes: conditions of a line, and `$V`.

/// A statement, or a brace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Open,
    Close,
    /// Its first word; empty when only a broken quote is left of it.
    Statement(String),
}

/// The pieces of a file with the numbers of their lines.
pub(super) fn pieces(text: &str) -> Vec<(usize, Piece)> {
    let (mut pieces, mut value) = (Vec::new(), None);
    for (number, line) in (1..).zip(text.split('\n')) {
        let line = without_comment(line);
        let Some(line) = condition(line.trim_matches(BLANKS)) else { continue };
        if let Some(definition) = line.strip_prefix("$V=") {
            value = Some(definition.trim_start_matches(BLANKS).to_owned());
            continue;
        }
        let line = match &value {
            Some(value) => without_comment(&substitute(line, value)),
            None => line.to_owned(),
        };
        pieces.extend(cut(&line).into_iter().map(|piece| (number, piece)));
    }
    pieces
}

const BLANKS: [char; 3] = [' ', '\t', '\r'];

/// `#` and `!` begin a comment unless they are quoted or escaped.
fn without_comment(line: &str) -> String {
    let (mut kept, mut quoted) = (String::new(), false);
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '#' | '!' if !quoted => break,
            '"' => quoted = !quoted,
            '\\' => {
                let next = characters.next();
                let comment = next.is_some_and(|next| matches!(next, '#' | '!')) && !quoted;
                kept.extend((!comment).then_some('\\').into_iter().chain(next));
                continue;
            }
            _ => {}
        }
        kept.push(c);
    }
    kept
}

/// What is left of a line for the machine `lb1`.
pub(super) fn condition(line: &str) -> Option<&str> {
    let Some(condition) = line.strip_prefix('@') else { return Some(line) };
    let (id, rest) = condition.split_once(BLANKS)?;
    let holds = id.strip_prefix('^').map_or(id == "lb1", |other| other != "lb1");
    holds.then(|| rest.trim_start_matches(BLANKS))
}

fn substitute(line: &str, value: &str) -> String {
    let line = line.replace("${V}", value);
    match line.strip_suffix("$V") {
        Some(before) => format!("{before}{value}"),
        None => line.replace("$V ", &format!("{value} ")),
    }
}

/// Cuts a line at its braces.
fn cut(line: &str) -> Vec<Piece> {
    let (mut pieces, mut quoted, mut from) = (Vec::new(), false, 0);
    for (at, c) in line.char_indices() {
        quoted ^= c == '"';
        let brace = match c {
            '{' if !quoted => Piece::Open,
            '}' if !quoted => Piece::Close,
            _ => continue,
        };
        pieces.extend(statement(&line[from..at]));
        pieces.push(brace);
        from = at + 1;
    }
    pieces.extend(statement(&line[from..]));
    pieces
}

fn statement(text: &str) -> Option<Piece> {
    let text = text.trim_matches(BLANKS);
    let end = text.find(|c: char| c == '"' || c.is_whitespace()).unwrap_or(text.len());
    (!text.is_empty()).then(|| Piece::Statement(text[..end].to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_taken_apart() {
        let word = |word: &str| Piece::Statement(word.to_owned());
        let text = "$V=eth0\n@lb1 a x {\n@other }\n b \"}\" ${V} # }\n\n} c}\n\"d";
        let wanted = [
            (2, word("a")),
            (2, Piece::Open),
            (4, word("b")),
            (6, Piece::Close),
            (6, word("c")),
            (6, Piece::Close),
            (7, word("")),
        ];
        assert_eq!(pieces(text), wanted);
    }
}
