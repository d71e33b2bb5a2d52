//! `~LST`: one line for each set of values (compat 01 §7.2).
//!
//! It reads the names and the sets; that the line is handed out for each is done in `generated`.

use std::collections::VecDeque;

/// Sets of values still to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct List {
    sets: VecDeque<Vec<String>>,
}

/// What keepalived calls a broken list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Invalid {
    Specification,
    TooMany,
}

impl Invalid {
    pub(super) fn message(self, text: &str) -> String {
        match self {
            Self::Specification => format!("Invalid ~LST specification '{text}'"),
            Self::TooMany => format!("~LST specification has too many values '{text}'"),
        }
    }

    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::Specification => {
                "it is ~LST(NAME, VALUE, ...) or ~LST({NAME, NAME}, {VALUE, VALUE}, ...); values \
                 have no blanks"
            }
            Self::TooMany => "a set has at most as many values as there are names",
        }
    }
}

/// What the head of a list line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) names: Vec<String>,
    pub(super) list: List,
    /// Where the line begins that is to be repeated.
    pub(super) end: usize,
}

/// Takes the head of a line apart; the line starts with `~LST`.
pub(super) fn head(text: &str) -> Result<Head, Invalid> {
    let mut cursor = Cursor { text, at: "~LST".len() };
    cursor.expect('(')?;
    let names = cursor.set()?;
    let mut sets = VecDeque::new();
    cursor.expect(',')?;
    loop {
        let mut set = cursor.set()?;
        if set.len() > names.len() {
            return Err(Invalid::TooMany);
        }
        set.resize(names.len(), String::new());
        sets.push_back(set);
        if cursor.take(')') {
            return Ok(Head { names, list: List { sets }, end: cursor.at });
        }
        cursor.expect(',')?;
    }
}

struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl Cursor<'_> {
    /// Passes over blanks and this character.
    fn take(&mut self, wanted: char) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let rest = rest.trim_start_matches([' ', '\t']);
        self.at = self.text.len() - rest.len();
        let found = rest.starts_with(wanted);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, wanted: char) -> Result<(), Invalid> {
        if self.take(wanted) { Ok(()) } else { Err(Invalid::Specification) }
    }

    /// Words in braces, or a bare one.
    fn set(&mut self) -> Result<Vec<String>, Invalid> {
        if !self.take('{') {
            return Ok(vec![self.word()]);
        }
        let mut words = Vec::new();
        loop {
            // Of blanks before it nothing belongs to the word.
            let closed = self.take('}');
            words.push(if closed { String::new() } else { self.word() });
            if closed || self.take('}') {
                return Ok(words);
            }
            self.expect(',')?;
        }
    }

    fn word(&mut self) -> String {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.find([' ', '\t', ',', '}', ')']).unwrap_or(rest.len());
        self.at += length;
        rest[..length].to_owned()
    }
}

impl List {
    /// The next set, with a value for each name.
    pub(super) fn next(&mut self) -> Option<Vec<String>> {
        self.sets.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets(inner: &str) -> Result<String, Invalid> {
        let head = head(&format!("~LST({inner}) text"))?;
        Ok(head.list.sets.iter().map(|set| set.join("-")).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn lists_are_read_as_the_original_does() {
        let rows = [
            ("A,1,2", "1 2"),
            ("A,", ""),
            ("A,1,,2", "1  2"),
            ("A, 1 , 2 ", "1 2"),
            ("A,{a},{b}", "a b"),
            ("{A},x,y", "x y"),
            ("{A,B},{1,2},{3}", "1-2 3-"),
            ("{A,B},1,2", "1- 2-"),
            ("{ A , B } , { 1 , 2 } , {3,4}", "1-2 3-4"),
            ("{A,B},{,2}", "-2"),
            ("{A,B},{}", "-"),
            ("A,x=y", "x=y"),
            ("A,$X", "$X"),
        ];
        for (inner, expected) in rows {
            assert_eq!(sets(inner).as_deref(), Ok(expected), "{inner}");
        }
    }

    #[test]
    fn broken_lists_are_refused() {
        let broken = ["A", "", "A,a b", "{A,B}", "{A", "A,\"x y\"", "A,{a", "A,a}", "A B,1"];
        for inner in broken.into_iter().chain(["{A,B},{1,2} {3,4}", "A,${X}"]) {
            assert_eq!(sets(inner), Err(Invalid::Specification), "{inner}");
        }
        for inner in ["A,{a,b}", "{A,B},{1,2,3}"] {
            assert_eq!(sets(inner), Err(Invalid::TooMany), "{inner}");
        }
        assert_eq!(head("~LST(A,1"), Err(Invalid::Specification));
        assert_eq!(head("~LST").map(|_| ()), Err(Invalid::Specification));
        assert_eq!(head("~LST (A,1)text").map(|head| head.end), Ok(10));
    }
}
