//! Patterns of PCRE2, compiled, and searches in a text that comes in pieces.
//!
//! Decides how much of the text has to be kept: what a match that has begun needs, never more than
//! [`WINDOW`]. Where a match may begin, and what it means, is decided by whoever searches.

use std::ffi::c_int;
use std::fmt;
use std::ptr::{self, NonNull};

use pcre2_sys as pcre2;

/// The longest match in bytes that is sure to be found across pieces.
pub const WINDOW: usize = 65_536;
/// Steps of one search, after which a pattern that cannot make up its mind has not matched.
const STEPS: u32 = 1_000_000;
/// Memory of one search in KiB, where it is not compiled to machine code.
const HEAP: u32 = 20_000;

/// The options of PCRE2 by their names in small letters, as far as a pattern may have them.
const OPTIONS: [(&str, u32); 24] = [
    ("allow_empty_class", pcre2::PCRE2_ALLOW_EMPTY_CLASS),
    ("alt_bsux", pcre2::PCRE2_ALT_BSUX),
    ("auto_callout", pcre2::PCRE2_AUTO_CALLOUT),
    ("caseless", pcre2::PCRE2_CASELESS),
    ("dollar_endonly", pcre2::PCRE2_DOLLAR_ENDONLY),
    ("dotall", pcre2::PCRE2_DOTALL),
    ("dupnames", pcre2::PCRE2_DUPNAMES),
    ("extended", pcre2::PCRE2_EXTENDED),
    ("firstline", pcre2::PCRE2_FIRSTLINE),
    ("match_unset_backref", pcre2::PCRE2_MATCH_UNSET_BACKREF),
    ("multiline", pcre2::PCRE2_MULTILINE),
    ("never_ucp", pcre2::PCRE2_NEVER_UCP),
    ("never_utf", pcre2::PCRE2_NEVER_UTF),
    ("no_auto_capture", pcre2::PCRE2_NO_AUTO_CAPTURE),
    ("no_auto_possess", pcre2::PCRE2_NO_AUTO_POSSESS),
    ("no_dotstar_anchor", pcre2::PCRE2_NO_DOTSTAR_ANCHOR),
    ("no_start_optimize", pcre2::PCRE2_NO_START_OPTIMIZE),
    ("ucp", pcre2::PCRE2_UCP),
    ("ungreedy", pcre2::PCRE2_UNGREEDY),
    ("utf", pcre2::PCRE2_UTF),
    ("never_backslash_c", pcre2::PCRE2_NEVER_BACKSLASH_C),
    ("alt_circumflex", pcre2::PCRE2_ALT_CIRCUMFLEX),
    ("alt_verbnames", pcre2::PCRE2_ALT_VERBNAMES),
    ("use_offset_limit", pcre2::PCRE2_USE_OFFSET_LIMIT),
];

/// A compiled pattern.
pub struct Compiled {
    code: NonNull<pcre2::pcre2_code_8>,
    /// How many bytes before the place where it looks on a search may look at.
    behind: usize,
    utf: bool,
    stack: Option<(usize, usize)>,
}

// SAFETY: nothing changes compiled code after `new`; PCRE2 says that threads may share it.
unsafe impl Send for Compiled {}
// SAFETY: as above.
unsafe impl Sync for Compiled {}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why} at offset {offset}")]
pub struct NoPattern {
    /// The words of PCRE2.
    pub why: String,
    /// Where in the text, in bytes.
    pub offset: usize,
}

impl Compiled {
    /// Compiles a pattern with the options of these names; others have no effect. The stack is the
    /// memory of machine code, in bytes, at first and at most.
    ///
    /// # Errors
    /// When the text is no pattern.
    pub fn new<'n>(
        text: &str,
        options: impl IntoIterator<Item = &'n str>,
        stack: Option<(usize, usize)>,
    ) -> Result<Self, NoPattern> {
        let bit = |name: &str| OPTIONS.iter().find(|(known, _)| *known == name).map_or(0, |o| o.1);
        let options = options.into_iter().fold(0, |bits, name| bits | bit(name));
        let utf = options & pcre2::PCRE2_UTF != 0;
        // A server may send anything.
        let options = if utf { options | pcre2::PCRE2_MATCH_INVALID_UTF } else { options };
        let (mut error, mut offset) = (0, 0);
        // SAFETY: the text is as long as it is said to be; the other pointers lead to variables.
        let code = unsafe {
            pcre2::pcre2_compile_8(
                text.as_ptr(),
                text.len(),
                options,
                &raw mut error,
                &raw mut offset,
                ptr::null_mut(),
            )
        };
        let Some(code) = NonNull::new(code) else {
            return Err(NoPattern { why: words(error), offset });
        };
        let mut compiled = Self { code, behind: 0, utf, stack };
        // Without machine code the search is slower, and the same.
        // SAFETY: the code was just made and nobody else knows it yet.
        let _ = unsafe {
            let ways = pcre2::PCRE2_JIT_COMPLETE | pcre2::PCRE2_JIT_PARTIAL_HARD;
            pcre2::pcre2_jit_compile_8(code.as_ptr(), ways)
        };
        compiled.behind = compiled.lookbehind();
        Ok(compiled)
    }

    /// At least a byte, so that the place where a search goes on is never taken for the start.
    fn lookbehind(&self) -> usize {
        const LONGEST_CHARACTER: usize = 4;
        let mut characters: u32 = 0;
        // SAFETY: the kind of information asked for is a `u32`.
        unsafe {
            pcre2::pcre2_pattern_info_8(
                self.code.as_ptr(),
                pcre2::PCRE2_INFO_MAXLOOKBEHIND,
                (&raw mut characters).cast(),
            );
        }
        let characters = usize::try_from(characters).unwrap_or(WINDOW).max(1);
        if self.utf { characters * LONGEST_CHARACTER } else { characters }
    }
}

impl Drop for Compiled {
    fn drop(&mut self) {
        // SAFETY: made by `pcre2_compile_8`, freed once, and searches borrow it.
        unsafe { pcre2::pcre2_code_free_8(self.code.as_ptr()) };
    }
}

impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compiled").field("behind", &self.behind).finish_non_exhaustive()
    }
}

/// What PCRE2 calls this error.
fn words(error: c_int) -> String {
    let mut text = [0_u8; 256];
    // SAFETY: the buffer is as long as it is said to be; what is written ends with a NUL.
    unsafe { pcre2::pcre2_get_error_message_8(error, text.as_mut_ptr(), text.len()) };
    let end = text.iter().position(|byte| *byte == 0).unwrap_or(0);
    String::from_utf8_lossy(&text[..end]).into_owned()
}

/// One search through a text that comes in pieces.
#[derive(Debug)]
pub struct Search<'p> {
    pattern: &'p Compiled,
    tools: Tools,
    /// Where in the whole text the window begins.
    base: u64,
    window: Vec<u8>,
    /// Where in the window the next match may begin.
    from: usize,
    /// Where in the whole text a match may begin at the latest.
    latest: Option<u64>,
    /// Nothing more can be found out.
    verdict: Option<bool>,
}

/// What one look at the window has shown.
enum Look {
    /// A match begins here.
    Match(usize),
    /// A match may have begun here: more of the text decides.
    Begun(usize),
    /// There is none.
    Nothing,
}

impl<'p> Search<'p> {
    /// Searches for a match that begins between these bytes of the text, both included; without
    /// a latest one anywhere behind the first.
    #[must_use]
    pub fn new(pattern: &'p Compiled, earliest: u64, latest: Option<u64>) -> Self {
        let from = usize::try_from(earliest).unwrap_or(usize::MAX);
        let (window, tools) = (Vec::new(), Tools::new(pattern));
        Self { pattern, tools, base: 0, window, from, latest, verdict: None }
    }

    /// Looks at more of the text.
    pub fn feed(&mut self, piece: &[u8]) {
        if self.verdict.is_some() {
            return;
        }
        self.window.extend_from_slice(piece);
        // The rest of a character that is cut may be in the next piece.
        let whole = self.window.len() - self.cut_character();
        let rest = self.window.split_off(whole);
        self.look(true);
        self.window.extend(rest);
    }

    /// The text is over. Returns whether there is a match.
    #[must_use]
    pub fn finish(mut self) -> bool {
        if self.verdict.is_none() {
            self.look(false);
        }
        self.verdict.unwrap_or(false)
    }

    fn look(&mut self, more: bool) {
        if self.from <= self.window.len() {
            match self.tools.search(self.pattern, &self.window, self.from, more) {
                Look::Match(at) => self.verdict = Some(self.is_early_enough(at)),
                Look::Begun(at) if self.window.len() - at < WINDOW => self.from = at,
                // It has begun long ago; whoever ends a text may find that it is a match.
                Look::Begun(_) => {
                    if let Look::Match(at) =
                        self.tools.search(self.pattern, &self.window, self.from, false)
                    {
                        self.verdict = Some(self.is_early_enough(at));
                    }
                    self.from = self.window.len();
                }
                Look::Nothing => self.from = self.window.len(),
            }
        }
        if !self.is_early_enough(self.from) {
            self.verdict.get_or_insert(false);
        }
        self.forget();
    }

    fn is_early_enough(&self, at: usize) -> bool {
        self.latest.is_none_or(|latest| self.base.saturating_add(at as u64) <= latest)
    }

    /// Keeps no more of the text than later looks need.
    fn forget(&mut self) {
        let mut start = self.from.min(self.window.len()).saturating_sub(self.pattern.behind);
        if self.pattern.utf {
            // Characters stay whole.
            let inside = |byte: &u8| byte & 0b1100_0000 == 0b1000_0000;
            start += self.window[start..self.from.min(self.window.len())]
                .iter()
                .take_while(|byte| inside(byte))
                .count();
        }
        self.window.drain(..start);
        self.base += start as u64;
        self.from -= start;
    }

    /// How many bytes at the end are the beginning of a character.
    fn cut_character(&self) -> usize {
        if !self.pattern.utf {
            return 0;
        }
        let end = self.window.len();
        let last = &self.window[end.saturating_sub(3)..];
        let cut = last.iter().rev().zip(1_usize..).find_map(|(byte, length)| match byte {
            0b1100_0000..=0b1101_1111 => Some((length, 2)),
            0b1110_0000..=0b1110_1111 => Some((length, 3)),
            0b1111_0000..=0b1111_0111 => Some((length, 4)),
            0b1000_0000..=0b1011_1111 => None,
            _ => Some((0, 0)),
        });
        cut.filter(|(length, needed)| length < needed).map_or(0, |(length, _)| length)
    }
}

/// The memory of one search.
#[derive(Debug)]
struct Tools {
    context: NonNull<pcre2::pcre2_match_context_8>,
    data: NonNull<pcre2::pcre2_match_data_8>,
    stack: Option<NonNull<pcre2::pcre2_jit_stack_8>>,
}

// SAFETY: whoever has the value is the only one who has the memory, on any thread.
unsafe impl Send for Tools {}

impl Tools {
    fn new(pattern: &Compiled) -> Self {
        const NO_MEMORY: &str = "memory for a search";
        // SAFETY: without a general context the C library's allocator is used.
        let context = unsafe { pcre2::pcre2_match_context_create_8(ptr::null_mut()) };
        let context = NonNull::new(context).expect(NO_MEMORY);
        // SAFETY: the code is alive.
        let data = unsafe {
            pcre2::pcre2_match_data_create_from_pattern_8(pattern.code.as_ptr(), ptr::null_mut())
        };
        let data = NonNull::new(data).expect(NO_MEMORY);
        // SAFETY: the context is ours; a stack that is not there is a null pointer, and then the
        // machine's own is used.
        let stack = unsafe {
            pcre2::pcre2_set_match_limit_8(context.as_ptr(), STEPS);
            pcre2::pcre2_set_heap_limit_8(context.as_ptr(), HEAP);
            let stack = pattern.stack.map_or(ptr::null_mut(), |(start, most)| {
                pcre2::pcre2_jit_stack_create_8(start, most, ptr::null_mut())
            });
            pcre2::pcre2_jit_stack_assign_8(context.as_ptr(), None, stack.cast());
            stack
        };
        Self { context, data, stack: NonNull::new(stack) }
    }

    fn search(&mut self, pattern: &Compiled, text: &[u8], from: usize, more: bool) -> Look {
        let options = if more { pcre2::PCRE2_PARTIAL_HARD } else { 0 };
        // SAFETY: the text is as long as it is said to be, and `from` is not behind its end.
        let found = unsafe {
            pcre2::pcre2_match_8(
                pattern.code.as_ptr(),
                text.as_ptr(),
                text.len(),
                from,
                options,
                self.data.as_ptr(),
                self.context.as_ptr(),
            )
        };
        // SAFETY: there is room for at least one pair, which is set in the cases that look at it.
        let start = || unsafe { *pcre2::pcre2_get_ovector_pointer_8(self.data.as_ptr()) };
        match found {
            0.. => Look::Match(start()),
            pcre2::PCRE2_ERROR_PARTIAL => Look::Begun(start().clamp(from, text.len())),
            // No match, or none within the limits.
            _ => Look::Nothing,
        }
    }
}

impl Drop for Tools {
    fn drop(&mut self) {
        // SAFETY: made by the functions that belong to these, and freed once.
        unsafe {
            pcre2::pcre2_match_data_free_8(self.data.as_ptr());
            pcre2::pcre2_match_context_free_8(self.context.as_ptr());
            if let Some(stack) = self.stack {
                pcre2::pcre2_jit_stack_free_8(stack.as_ptr());
            }
        }
    }
}

#[cfg(test)]
mod tests;
