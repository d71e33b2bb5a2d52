//! The digest of a page, for whoever configures a check of it (compat 23).
//!
//! It reads an answer the way a check does, and judges nothing.

use std::ops::ControlFlow;

use lvs::{Failure, Outcome, Request, WebFailure};
use md5::{Digest as _, Md5};

use super::answer::{HEADER_MAX, Sum, header_end, length};
use super::{Listen, Opened, Patience, exchange, open};
use crate::equipment::Equipment;

/// What was heard of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard<'a> {
    /// The header, with the empty line at its end.
    Header(&'a [u8]),
    /// Bytes of the body that came in one piece with the header.
    First(&'a [u8]),
    /// Bytes of the body that came later.
    More(&'a [u8]),
}

/// Asks for a page and digests its body, as much of it as the header says. Whoever listens hears
/// the answer as it comes. `None` without an answer.
///
/// # Errors
/// With the outcome that an attempt would have had.
pub async fn digest(
    request: &Request,
    equipment: &Equipment,
    listener: &mut (dyn FnMut(Heard<'_>) + Send),
) -> Result<Option<[u8; 16]>, Outcome> {
    let mut digester = Digester { listener, state: State::Header(Vec::new()) };
    let ended = match open(request, equipment).await? {
        Opened::Plain(mut stream) => {
            exchange(&mut stream, request, &mut digester, Patience::plain(request)).await
        }
        Opened::Secure(mut stream) => {
            exchange(&mut *stream, request, &mut digester, Patience::secure(request)).await
        }
    };
    match ended {
        // However TLS ends, what has come of a body is digested.
        Ok(()) | Err(WebFailure::BrokenOff(_)) => Ok(digester.state.result()),
        Err(failure) => Err(Outcome::Failed(Failure::Web(failure))),
    }
}

struct Digester<'l> {
    listener: &'l mut (dyn FnMut(Heard<'_>) + Send),
    state: State,
}

enum State {
    /// A header that has not ended.
    Header(Vec<u8>),
    Body(Sum),
}

impl State {
    fn result(self) -> Option<[u8; 16]> {
        match self {
            Self::Header(_) => None,
            Self::Body(sum) => Some(sum.result()),
        }
    }
}

impl Listen for Digester<'_> {
    fn feed(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        match &mut self.state {
            State::Header(part) => {
                part.extend_from_slice(bytes);
                let Some(end) = header_end(part).filter(|end| *end <= HEADER_MAX) else {
                    let full = part.len() >= HEADER_MAX;
                    return if full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
                };
                let (header, rest) = part.split_at(end);
                let mut sum = Sum { so_far: Md5::new(), left: length(header).unwrap_or(u64::MAX) };
                (self.listener)(Heard::Header(header));
                let counted = sum.take(rest);
                if !counted.is_empty() {
                    (self.listener)(Heard::First(counted));
                }
                self.state = State::Body(sum);
            }
            State::Body(sum) => {
                let counted = sum.take(bytes);
                if !counted.is_empty() {
                    (self.listener)(Heard::More(counted));
                }
            }
        }
        ControlFlow::Continue(())
    }
}
