//! A pattern that an answer must match, or must not (`regex` and the keywords beside it).
//!
//! Whether the pattern is one is found out by who compiles it.

/// A pattern with its options.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// `regex`, in the language of PCRE2.
    pub text: String,
    /// `regex_options`.
    pub options: PatternOptions,
    /// `regex_no_match`: the answer must not match.
    pub unwanted: bool,
    /// `regex_min_offset`: in bytes, where a match may begin at the earliest.
    pub min_offset: u64,
    /// `regex_max_offset`: in bytes, where a match may begin at the latest; not before the
    /// earliest place.
    pub max_offset: Option<u64>,
    /// `regex_stack`: in bytes, how large the stack of matching is at first and at most.
    pub stack: Option<(u64, u64)>,
}

/// A set of options of PCRE2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PatternOptions(u32);

impl PatternOptions {
    /// Their names: those of PCRE2 in small letters, without `PCRE2_`.
    pub const NAMES: [&str; 24] = [
        "allow_empty_class",
        "alt_bsux",
        "auto_callout",
        "caseless",
        "dollar_endonly",
        "dotall",
        "dupnames",
        "extended",
        "firstline",
        "match_unset_backref",
        "multiline",
        "never_ucp",
        "never_utf",
        "no_auto_capture",
        "no_auto_possess",
        "no_dotstar_anchor",
        "no_start_optimize",
        "ucp",
        "ungreedy",
        "utf",
        "never_backslash_c",
        "alt_circumflex",
        "alt_verbnames",
        "use_offset_limit",
    ];

    /// With the option of that name too; `None` when there is no such option.
    #[must_use]
    pub fn with(self, name: &str) -> Option<Self> {
        let place = Self::NAMES.iter().position(|known| *known == name)?;
        Some(Self(self.0 | 1 << place))
    }

    /// The names of those that are set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let set = move |place: &usize| self.0 & 1 << place != 0;
        (0..Self::NAMES.len()).filter(set).filter_map(|place| Self::NAMES.get(place).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_known_by_name() {
        let set = PatternOptions::default().with("utf").and_then(|set| set.with("caseless"));
        let names: Vec<_> = set.into_iter().flat_map(PatternOptions::names).collect();
        assert_eq!(names, ["caseless", "utf"]);
        assert_eq!(PatternOptions::default().with("perl"), None);
    }
}
