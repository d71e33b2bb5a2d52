//! `HTTP_GET` and `SSL_GET`: asks for a page and has the answer judged (compat 21 §7).
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
use std::time::Duration;

pub use answer::Judge;
use lvs::{Failure, NotConnected, Outcome, Request, Tls, WebFailure};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_openssl::SslStream;

use crate::connect::{Refusal, connect};
use crate::equipment::Equipment;
use crate::tls::{Client, HandshakeFailed};
use crate::waits::{TooLong, Waits};

/// How much of an answer is taken at a time, in bytes.
const PIECE: usize = 4096;

/// Connects, asks and judges.
pub(crate) async fn attempt(request: &Request, equipment: &Equipment) -> Outcome {
    let timeout = request.connect.timeout;
    let judge = Judge::new(request, equipment.pattern(request));
    let open = async {
        let mut waits = Waits::begin(timeout, timeout);
        let stream = connect(&request.connect, &mut waits).await?;
        match &request.tls {
            None => Ok(Stream::Plain(stream)),
            Some(tls) => secure(request, tls, equipment.tls(), stream, &mut waits).await,
        }
    };
    match open.await {
        Ok(Stream::Plain(mut stream)) => {
            let patience = Patience { timeout, all: request.patience, tls: false };
            converse(&mut stream, request, judge, patience).await
        }
        Ok(Stream::Secure(mut stream)) => {
            // Over TLS there is one wait for all of the answer.
            let patience = Patience { timeout, all: timeout, tls: true };
            let outcome = converse(&mut *stream, request, judge, patience).await;
            if request.tls.as_ref().is_some_and(|tls| tls.compliant) {
                // The farewell is sent or not; nobody waits for it.
                let _ = poll_fn(|cx| Poll::Ready(Pin::new(&mut *stream).poll_shutdown(cx))).await;
            }
            outcome
        }
        Err(Unopened::Refused(refusal)) => {
            refusal.outcome(|why| Failure::Web(WebFailure::NotConnected(why)))
        }
        Err(Unopened::Handshake(failure)) => Outcome::Failed(Failure::Web(failure)),
    }
}

/// A connection that can be spoken over.
enum Stream {
    Plain(TcpStream),
    Secure(Box<SslStream<TcpStream>>),
}

/// Why there is none.
enum Unopened {
    Refused(Refusal),
    Handshake(WebFailure),
}

impl From<Refusal> for Unopened {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Agrees on TLS in the time that connecting has left.
async fn secure(
    request: &Request,
    tls: &Tls,
    client: Option<&Client>,
    stream: TcpStream,
    waits: &mut Waits,
) -> Result<Stream, Unopened> {
    let client = client.ok_or(Unopened::Handshake(WebFailure::Handshake))?;
    match waits.once(client.shake_hands(tls, request, stream)).await {
        Ok(Ok(stream)) => Ok(Stream::Secure(Box::new(stream))),
        Ok(Err(HandshakeFailed)) => Err(Unopened::Handshake(WebFailure::Handshake)),
        Err(TooLong) => Err(Unopened::Handshake(WebFailure::NotConnected(NotConnected::Timeout))),
    }
}

/// How long an answer may take, and over what it comes.
#[derive(Clone, Copy, Debug)]
struct Patience {
    timeout: Duration,
    all: Duration,
    tls: bool,
}

/// Asks over a connection and judges what comes until the server closes it. Our own side stays
/// open meanwhile, as some servers take its end for a lack of interest.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    request: &Request,
    mut judge: Judge<'_>,
    Patience { timeout, all, tls }: Patience,
) -> Outcome {
    let mut waits = Waits::begin(timeout, all);
    match exchange(stream, request, &mut judge, &mut waits, tls).await {
        // Over TLS an end in good order is no answer of a web server if it is all there is.
        Ok(()) if tls && !judge.has_header() => {
            Outcome::Failed(Failure::Web(WebFailure::ReadFailed { tls }))
        }
        // And one in bad order is an end like any other.
        Ok(()) | Err(WebFailure::ReadFailed { tls: true }) => judge.finish(),
        Err(failure) => Outcome::Failed(Failure::Web(failure)),
    }
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    request: &Request,
    judge: &mut Judge<'_>,
    waits: &mut Waits,
    tls: bool,
) -> Result<(), WebFailure> {
    send(stream, &request::text(request), waits).await?;
    let mut late = WebFailure::NoAnswer;
    loop {
        let next = poll_fn(|context| poll_piece(Pin::new(stream), context, judge));
        match waits.once(next).await {
            Ok(Ok(ControlFlow::Continue(()))) => late = WebFailure::ReadTimeout { tls },
            Ok(Ok(ControlFlow::Break(()))) => return Ok(()),
            Ok(Err(_)) => return Err(WebFailure::ReadFailed { tls }),
            Err(TooLong) => return Err(late),
        }
    }
}

/// Sends everything; each wait for room is a wait of its own.
async fn send<S>(stream: &mut S, mut text: &[u8], waits: &mut Waits) -> Result<(), WebFailure>
where
    S: AsyncWrite + Unpin,
{
    while !text.is_empty() {
        match waits.once(stream.write(text)).await {
            Ok(Ok(sent)) if sent > 0 => text = text.get(sent..).unwrap_or_default(),
            Ok(Ok(_) | Err(_)) | Err(TooLong) => return Err(WebFailure::NotSent),
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
