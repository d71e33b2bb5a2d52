//! Judges an answer, piece by piece as it comes, without knowing where it comes from.
//!
//! The rules are keepalived's (compat 21 §7), which are not those of HTTP: a header may be
//! anything that ends with an empty line, and a body is whatever follows until the connection
//! ends. That is why no HTTP parser is used: it would refuse answers that pass here (`ICY 200`,
//! `HTTP/2 200`, header lines without a colon) and take some that must not (lines that end with
//! a bare line feed), so its word would have to be overruled wherever it matters.
//!
//! Memory: at most [`HEADER_MAX`] bytes of header; of a body its length and digest, and what a
//! pattern needs of it ([`sys::pattern::WINDOW`]).

use std::ops::ControlFlow;

use lvs::{Failure, LengthMismatch, Outcome, Passed, Proof, Request, WebFailure};
use md5::{Digest, Md5};
use sys::pattern::{Compiled, Search};

/// The longest header in bytes, its empty line included. One that is longer counts as no answer.
pub(super) const HEADER_MAX: usize = 4095;
const HEADER_END: &[u8] = b"\r\n\r\n";
/// The only spelling that counts, wherever in the header it stands.
const LENGTH_NAME: &[u8] = b"Content-Length:";

/// Judges one answer: feed it what comes, then ask what it was worth.
///
/// How the answer is cut into pieces makes no difference. That is why a pattern is looked for in
/// the whole answer, header included; for keepalived it depends on whether the header came alone.
#[derive(Debug)]
pub struct Judge<'a> {
    request: &'a Request,
    search: Option<Search<'a>>,
    seen: Seen,
}

/// What has come so far.
#[derive(Debug)]
enum Seen {
    /// A header that has not ended.
    Part(Vec<u8>),
    /// A header that is too long.
    TooMuch,
    /// A header and as much of the body.
    Header(Header, Body),
}

/// What counts of a header.
#[derive(Clone, Copy, Debug)]
struct Header {
    status: Option<u16>,
    length: Option<u64>,
}

/// What counts of a body.
#[derive(Debug)]
struct Body {
    received: u64,
    /// Only if a digest is wanted.
    sum: Option<Sum>,
}

/// The digest of a body.
#[derive(Debug)]
pub(super) struct Sum {
    pub(super) so_far: Md5,
    /// How many more bytes belong to it.
    pub(super) left: u64,
}

impl<'a> Judge<'a> {
    /// Nothing has come yet. The pattern is that of the request, compiled.
    #[must_use]
    pub fn new(request: &'a Request, pattern: Option<&'a Compiled>) -> Self {
        let search = request
            .pattern
            .as_deref()
            .zip(pattern)
            .map(|(wish, compiled)| Search::new(compiled, wish.min_offset, wish.max_offset));
        Self { request, search, seen: Seen::Part(Vec::new()) }
    }

    /// Whether the header has not come, and may still come.
    pub(super) const fn awaits_header(&self) -> bool {
        match self.seen {
            Seen::Part(_) => true,
            Seen::TooMuch | Seen::Header(..) => false,
        }
    }

    /// Takes the next bytes; `Break` when whatever follows cannot change the verdict.
    pub fn feed(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        match &mut self.seen {
            Seen::Part(part) => {
                let before = part.len();
                let room = HEADER_MAX - before;
                part.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
                // An end may have begun in the piece before.
                let from = before.saturating_sub(HEADER_END.len() - 1);
                if let Some(at) = find(part.get(from..).unwrap_or_default(), HEADER_END) {
                    let end = from + at + HEADER_END.len();
                    let header = Header::read(part.get(..end).unwrap_or_default());
                    let mut body = Body::new(&header, self.request.digest);
                    let rest = bytes.get(end - before..).unwrap_or_default();
                    body.take(rest);
                    if let Some(search) = &mut self.search {
                        search.feed(part.get(..end).unwrap_or_default());
                        search.feed(rest);
                    }
                    self.seen = Seen::Header(header, body);
                } else if part.len() == HEADER_MAX {
                    self.seen = Seen::TooMuch;
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            }
            Seen::TooMuch => ControlFlow::Break(()),
            Seen::Header(_, body) => {
                body.take(bytes);
                if let Some(search) = &mut self.search {
                    search.feed(bytes);
                }
                ControlFlow::Continue(())
            }
        }
    }

    /// The verdict, once the connection has ended.
    #[must_use]
    pub fn finish(self) -> Outcome {
        let (header, body) = match self.seen {
            Seen::Part(_) | Seen::TooMuch => return failed(WebFailure::NoData),
            Seen::Header(header, body) => (header, body),
        };
        let length = header
            .length
            .filter(|declared| *declared != body.received)
            .map(|declared| LengthMismatch { declared, received: body.received });
        if !header.status.is_some_and(|status| self.request.accepts(status)) {
            return failed(WebFailure::WrongStatus(header.status, length));
        }
        let mut by = Proof::Status;
        if let Some(sum) = body.sum {
            if Some(sum.result()) != self.request.digest {
                return failed(WebFailure::WrongDigest(length));
            }
            by = Proof::Digest;
        }
        if let Some(wish) = &self.request.pattern {
            // Without a body there is nothing to look at.
            let found = self.search.is_some_and(|search| body.received > 0 && search.finish());
            if found == wish.unwanted {
                return failed(WebFailure::WrongPattern(length));
            }
            by = Proof::Pattern;
        }
        Outcome::Passed(Passed::Answered { by, length })
    }
}

const fn failed(failure: WebFailure) -> Outcome {
    Outcome::Failed(Failure::Web(failure))
}

impl Header {
    fn read(bytes: &[u8]) -> Self {
        Self { status: status(bytes), length: length(bytes) }
    }
}

impl Body {
    fn new(header: &Header, digest: Option<[u8; 16]>) -> Self {
        let left = header.length.unwrap_or(u64::MAX);
        let sum = digest.map(|_| Sum { so_far: Md5::new(), left });
        Self { received: 0, sum }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.received = self.received.saturating_add(bytes.len() as u64);
        if let Some(sum) = &mut self.sum {
            sum.take(bytes);
        }
    }
}

impl Sum {
    /// Takes as much of this as belongs to it, and says what that was.
    pub(super) fn take<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        let bytes = bytes.get(..left).unwrap_or(bytes);
        self.so_far.update(bytes);
        self.left -= bytes.len() as u64;
        bytes
    }

    pub(super) fn result(self) -> [u8; 16] {
        self.so_far.finalize().into()
    }
}

/// Three digits between the first blank of the header and another one. The line may also end
/// after them: servers that give no reason phrase leave out that blank, too, which keepalived
/// takes for no status at all.
fn status(header: &[u8]) -> Option<u16> {
    let blank = header.iter().position(|byte| *byte == b' ')?;
    let (digits, rest) = header.get(blank + 1..)?.split_at_checked(3)?;
    if !rest.starts_with(b" ") && !rest.starts_with(b"\r\n") {
        return None;
    }
    digits.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit().then(|| number * 10 + u16::from(byte - b'0'))
    })
}

/// The number behind the first `Content-Length:`, if the line ends after it and it fits.
pub(super) fn length(header: &[u8]) -> Option<u64> {
    let after = find(header, LENGTH_NAME)? + LENGTH_NAME.len();
    let value = header.get(after..)?;
    let end = value.iter().position(|byte| matches!(byte, b'\r' | b'\n'))?;
    let blanks = value.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let digits = value.get(blanks..end).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Where a header ends, behind its empty line.
pub(super) fn header_end(bytes: &[u8]) -> Option<usize> {
    find(bytes, HEADER_END).map(|at| at + HEADER_END.len())
}

/// Where something stands for the first time.
fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests;
