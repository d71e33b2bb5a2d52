//! Finds the marks in a golden: which keyword of which block each stands for.
//!
//! `# good`, `# boundary`, `# bad` or `# flag` ends the line of a keyword. On a line inside a block
//! of values the name of that block follows, or the word of the line that the mark is about. A
//! remark in parentheses may come last. The file is read line by line, with its braces only: what
//! the real reader makes of the line is compared in [`super`].

use std::fmt;

use conf::Block;

/// What a mark says about the value on its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// An ordinary value.
    Good,
    /// The least or the greatest value, or the oddest form.
    Boundary,
    /// A value that is refused.
    Bad,
    /// The keyword takes no value.
    Flag,
}

impl Kind {
    fn of(word: &str) -> Option<Self> {
        match word {
            "good" => Some(Self::Good),
            "boundary" => Some(Self::Boundary),
            "bad" => Some(Self::Bad),
            "flag" => Some(Self::Flag),
            _ => None,
        }
    }
}

/// A marked line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The line, from 1.
    pub(crate) line: usize,
    /// What the mark says.
    pub(crate) kind: Kind,
    /// The block around the keyword.
    pub(crate) block: &'static Block,
    /// The keyword.
    pub(crate) keyword: String,
    /// The line of the `}` of the block that the line opens: a whole block is judged there.
    pub(crate) closed: Option<usize>,
}

/// A mark that says nothing that can be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unclear {
    line: usize,
    why: String,
}

impl fmt::Display for Unclear {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "line {}: {}", self.line, self.why)
    }
}

/// What an open brace belongs to.
#[derive(Clone, Debug)]
enum Level {
    /// A block of keywords.
    Keywords(&'static Block),
    /// A block of values, with the block that its keyword stands in.
    Values(&'static Block, String),
}

/// The open blocks, each with its first line.
struct Levels {
    open: Vec<(Level, usize)>,
    /// The word that began the last line with one, and the line; empty behind a `}`.
    before: (String, usize),
}

/// Every mark of a file.
pub(crate) fn read(text: &str) -> Result<Vec<Mark>, Unclear> {
    let mut levels = Levels::new();
    let mut marks: Vec<Mark> = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let (code, comment) = split(text);
        let first = first_word(code);
        if let Some(mark) =
            mark(levels.here(), &first, comment).map_err(|why| Unclear { line, why })?
        {
            let (kind, block, keyword) = mark;
            marks.push(Mark { line, kind, block, keyword, closed: None });
        }
        if !first.is_empty() {
            levels.before = (first, line);
        }
        for opened in levels.follow(code) {
            let whole = marks.iter_mut().filter(|mark| mark.line == opened);
            whole.for_each(|mark| mark.closed = Some(line));
        }
    }
    Ok(marks)
}

/// A line without its comment, and the comment; marks stand behind the last `#`.
fn split(text: &str) -> (&str, &str) {
    let mut quoted = false;
    let comment = text.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        !quoted && matches!(c, '#' | '!')
    });
    // An unmatched quote hides the comment from a reader, but not from us.
    let at = comment.map(|(at, _)| at).or_else(|| text.rfind(" # ").map(|at| at + 1));
    at.map_or((text, ""), |at| {
        let mark = text.rfind('#').filter(|mark| *mark > at).unwrap_or(at);
        (text.get(..at).unwrap_or(text), text.get(mark + 1..).unwrap_or_default())
    })
}

fn first_word(code: &str) -> String {
    let word = code.trim().split(|c: char| c.is_whitespace() || "{}".contains(c)).next();
    word.unwrap_or_default().trim_matches('"').to_owned()
}

type Found = Option<(Kind, &'static Block, String)>;

fn mark(here: &Level, first: &str, comment: &str) -> Result<Found, String> {
    let (comment, _) = comment.split_once('(').unwrap_or((comment, ""));
    let mut words = comment.split_whitespace();
    let Some(word) = words.next().filter(|_| !first.is_empty()) else {
        return Ok(None);
    };
    let Some(kind) = Kind::of(word) else {
        let almost = Kind::of(word.trim_matches(|c: char| !c.is_ascii_alphabetic()));
        return almost.map_or(Ok(None), |_| Err(format!("`{word}` is not quite a mark")));
    };
    let name = words.next();
    if words.next().is_some() {
        return Err(format!("more words than a mark has: `{comment}`"));
    }
    match (here, name) {
        (Level::Keywords(block), None) => Ok(Some((kind, block, first.to_owned()))),
        (Level::Keywords(block), Some(name)) if name == first => {
            Ok(Some((kind, block, first.to_owned())))
        }
        (Level::Values(block, list), Some(name)) if name == list => {
            Ok(Some((kind, block, list.clone())))
        }
        (Level::Values(block, list), Some(name)) => match Block::opened(block.name, list) {
            Some(values) => Ok(Some((kind, values, name.to_owned()))),
            None => Err(format!("`{name}` is not `{list}`")),
        },
        (Level::Values(_, list), None) => Err(format!("the mark has to name `{list}`")),
        (Level::Keywords(_), Some(name)) => Err(format!("`{name}` is not the keyword here")),
    }
}

impl Levels {
    fn new() -> Self {
        let top = conf::BLOCKS.first().expect("the top of a file comes first");
        Self { open: vec![(Level::Keywords(top), 0)], before: (String::new(), 0) }
    }

    fn here(&self) -> &Level {
        &self.open.last().expect("the top is never left").0
    }

    /// Opens and closes levels by the braces of a line; returns the first lines of those it closes.
    fn follow(&mut self, code: &str) -> Vec<usize> {
        let (mut quoted, mut closed) = (false, Vec::new());
        if code.trim() == "}" && self.lacks_its_brace() {
            closed.push(self.before.1);
            self.before.0.clear();
            return closed;
        }
        for c in code.chars() {
            quoted ^= c == '"';
            match c {
                '{' if !quoted => self.open.push((self.inside(), self.before.1)),
                '}' if !quoted && self.open.len() > 1 => {
                    closed.extend(self.open.pop().map(|(_, opened)| opened));
                    self.before.0.clear();
                }
                _ => {}
            }
        }
        closed
    }

    /// The last word needs a `{` that never came: the reader reads its block nevertheless, and
    /// the next `}` ends that.
    fn lacks_its_brace(&self) -> bool {
        let Level::Keywords(block) = self.here() else { return false };
        let (word, line) = &self.before;
        let opened = self.open.last().is_some_and(|(_, opened)| opened == line);
        !opened && Block::opened(block.name, word).is_some_and(|block| !block.of_values)
    }

    /// What a brace opens behind the last word.
    fn inside(&self) -> Level {
        match self.here() {
            Level::Keywords(block) => Block::opened(block.name, &self.before.0)
                .filter(|block| !block.of_values)
                .map_or(Level::Values(block, self.before.0.clone()), Level::Keywords),
            values @ Level::Values(..) => values.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(text: &str) -> Vec<(usize, Kind, &'static str, String)> {
        let found = read(text).unwrap_or_else(|why| panic!("{why}"));
        found.into_iter().map(|m| (m.line, m.kind, m.block.name, m.keyword)).collect()
    }

    #[test]
    fn a_mark_is_about_the_keyword_of_its_line_and_block() {
        let text = "global_defs { # flag\n  router_id a # good (a remark)\n}\n\
                    vrrp_instance V\n{\n  priority 1 # boundary\n  authentication {\n\
                    auth_type X # bad\n  }\n  track_file { # flag\n   f weight 2 # good track_file\n}\n\
                    # a comment about good values\n nopreempt # the peer's\n}\nvrrp_track_file f { # good\n \
                    file \"/a#b\" # good\n}\nstatic_routes {\n 192.0.2.0/24 dev eth0 onlink # flag onlink\n}\n";
        let expected = [
            (1, Kind::Flag, "", "global_defs"),
            (2, Kind::Good, "global_defs", "router_id"),
            (6, Kind::Boundary, "vrrp_instance", "priority"),
            (8, Kind::Bad, "authentication", "auth_type"),
            (10, Kind::Flag, "vrrp_instance", "track_file"),
            (11, Kind::Good, "vrrp_instance", "track_file"),
            (16, Kind::Good, "", "vrrp_track_file"),
            (17, Kind::Good, "track_file", "file"),
            (20, Kind::Flag, "static_routes", "onlink"),
        ];
        assert_eq!(marks(text), expected.map(|(l, k, b, w)| (l, k, b, w.to_owned())));
    }

    #[test]
    fn a_whole_block_is_judged_at_its_end() {
        let text = "vrrp_instance V { # good\n authentication { # bad\n }\n authentication # bad\n \
                    }\n auth_hmac\n { # bad\n }\n priority 1 # good\n}\n";
        let found = read(text).unwrap_or_else(|why| panic!("{why}"));
        let closed: Vec<_> = found.into_iter().map(|mark| (mark.line, mark.closed)).collect();
        assert_eq!(closed, [(1, Some(10)), (2, Some(3)), (4, Some(5)), (9, None)]);
    }

    #[test]
    fn what_is_no_mark_is_said() {
        for text in
            ["linkbeat_interfaces {\n x # good\n}", "instance a # bad: no", "instance a # good x"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
