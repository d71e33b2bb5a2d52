//! `HTTP_GET`: asks for a page and has the answer judged (compat 21 §7).
//!
//! Decides when to write, to read and to give up. What is written is decided in `request`, what
//! the answer is worth in `answer`.

mod answer;
mod request;

use std::future::poll_fn;
use std::io;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pub use answer::Judge;
use lvs::{Failure, Outcome, Request};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};

use crate::connect::connect;
use crate::waits::{TooLong, Waits};

/// How much of an answer is taken at a time, in bytes.
const PIECE: usize = 4096;

/// Connects, asks and judges.
pub(crate) async fn attempt(request: &Request) -> Outcome {
    match connect(&request.connect).await {
        Ok(mut stream) => converse(&mut stream, request).await,
        Err(outcome) => outcome,
    }
}

/// Asks over a connection and judges what comes until the server closes it. Our own side stays
/// open meanwhile, as some servers take its end for a lack of interest.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, request: &Request) -> Outcome {
    let mut waits = Waits::begin(request.connect.timeout, request.patience);
    match exchange(stream, request, &mut waits).await {
        Ok(judge) => judge.finish(),
        Err(failure) => Outcome::Failed(failure),
    }
}

async fn exchange<'a, S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    request: &'a Request,
    waits: &mut Waits,
) -> Result<Judge<'a>, Failure> {
    send(stream, &request::text(request), waits).await?;
    let mut judge = Judge::new(request);
    loop {
        let next = poll_fn(|context| poll_piece(Pin::new(stream), context, &mut judge));
        match waits.once(next).await {
            Ok(Ok(ControlFlow::Continue(()))) => {}
            Ok(Ok(ControlFlow::Break(()))) => return Ok(judge),
            Ok(Err(_)) => return Err(Failure::ReadFailed),
            Err(TooLong) => return Err(Failure::ReadTimeout),
        }
    }
}

/// Sends everything; each wait for room is a wait of its own.
async fn send<S>(stream: &mut S, mut text: &[u8], waits: &mut Waits) -> Result<(), Failure>
where
    S: AsyncWrite + Unpin,
{
    while !text.is_empty() {
        match waits.once(stream.write(text)).await {
            Ok(Ok(sent)) if sent > 0 => text = text.get(sent..).unwrap_or_default(),
            Ok(Ok(_) | Err(_)) | Err(TooLong) => return Err(Failure::NotSent),
        }
    }
    Ok(())
}

/// Shows the judge what has come; ends with the answer, or as soon as the rest cannot matter.
/// What is read stays on the stack of one poll, so that a waiting attempt holds no buffer.
fn poll_piece<S: AsyncRead>(
    stream: Pin<&mut S>,
    context: &mut Context<'_>,
    judge: &mut Judge<'_>,
) -> Poll<io::Result<ControlFlow<()>>> {
    let mut space = [0; PIECE];
    let mut piece = ReadBuf::new(&mut space);
    ready!(stream.poll_read(context, &mut piece))?;
    if piece.filled().is_empty() {
        return Poll::Ready(Ok(ControlFlow::Break(())));
    }
    Poll::Ready(Ok(judge.feed(piece.filled())))
}

#[cfg(test)]
mod tests;
