//! How the words of a line are written so that the reader takes them for the same words
//! (compat 01 §3, §4). None of them holds a double quote: there is no way to write one.

/// The words of one line, in their order.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// A backslash has hidden a closing quote from whoever looks for comments, so that they take
    /// what is inside quotes for the outside.
    inverted: bool,
}

impl Words {
    /// The next word of the line.
    pub(super) fn next(&mut self, word: &str) -> String {
        if is_plain(word) || self.inverted && is_safe_inside(word) {
            return word.to_owned();
        }
        let text = if self.inverted { without_comments(word) } else { word.to_owned() };
        let backslashes = text.len() - text.trim_end_matches('\\').len();
        self.inverted ^= backslashes % 2 == 1;
        format!("\"{text}\"")
    }
}

/// It needs no quotes. A backslash alone would be moved to the word before.
fn is_plain(word: &str) -> bool {
    !matches!(word, "" | "\\") && !word.starts_with("include") && word.chars().all(is_ordinary)
}

/// It needs no quotes where nothing begins a comment.
fn is_safe_inside(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| is_ordinary(c) || "#!'$@~".contains(c))
}

fn is_ordinary(c: char) -> bool {
    c.is_alphanumeric() || "-_./:,+=%*<>()[]^&|;?\\".contains(c)
}

/// What would begin a comment gets the backslash that it loses again.
fn without_comments(word: &str) -> String {
    word.replace('#', "\\#").replace('!', "\\!")
}
