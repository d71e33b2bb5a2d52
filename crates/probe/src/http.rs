//! `HTTP_GET` and `SSL_GET`: asks for a page and has the answer judged (compat 21 §7).
//!
//! Decides when to write, to read and to give up. What is written is decided in `request`, what
//! the answer is worth in `answer`.

mod answer;
mod digest;
mod ending;
mod request;

use std::future::poll_fn;
use std::io;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

pub use answer::Judge;
pub use digest::{Heard, digest};
use lvs::{Failure, NotConnected, Outcome, Request, WebFailure};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_openssl::SslStream;

use self::ending::Noting;
use crate::connect::connect;
use crate::equipment::Equipment;
use crate::tls::{HandshakeFailed, flaw};
use crate::waits::{TooLong, Waits};

/// How much of an answer is taken at a time, in bytes.
const PIECE: usize = 4096;

/// Connects, asks and judges.
pub(crate) async fn attempt(request: &Request, equipment: &Equipment) -> Outcome {
    match open(request, equipment).await {
        Ok(opened) => ask(opened, request, equipment).await,
        Err(outcome) => outcome,
    }
}

/// The same over a connection that is there.
pub(crate) async fn attempt_over<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    request: &Request,
    equipment: &Equipment,
) -> Outcome {
    let timeout = request.connect.timeout;
    match secure(request, equipment, stream, &mut Waits::begin(timeout, timeout)).await {
        Ok(opened) => ask(opened, request, equipment).await,
        Err(failure) => Outcome::Failed(Failure::Web(failure)),
    }
}

/// Asks and judges.
async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
    opened: Opened<S>,
    request: &Request,
    equipment: &Equipment,
) -> Outcome {
    let judge = Judge::new(request, equipment.pattern(request));
    match opened {
        Opened::Plain(mut stream) => {
            converse(&mut stream, request, judge, Patience::plain(request), |_| false).await
        }
        Opened::Secure(mut stream) => {
            let patience = Patience::secure(request);
            let outcome = converse(&mut *stream, request, judge, patience, has_farewell).await;
            if request.tls.as_ref().is_some_and(|tls| tls.compliant) {
                // The farewell is sent or not; nobody waits for it.
                let _ = poll_fn(|cx| Poll::Ready(Pin::new(&mut *stream).poll_shutdown(cx))).await;
            }
            outcome
        }
    }
}

/// Connects, and agrees on TLS where it is wanted.
async fn open(request: &Request, equipment: &Equipment) -> Result<Opened<TcpStream>, Outcome> {
    let timeout = request.connect.timeout;
    let mut waits = Waits::begin(timeout, timeout);
    let stream = connect(&request.connect, &mut waits)
        .await
        .map_err(|refusal| refusal.outcome(|why| Failure::Web(WebFailure::NotConnected(why))))?;
    let secured = secure(request, equipment, stream, &mut waits).await;
    secured.map_err(|failure| Outcome::Failed(Failure::Web(failure)))
}

/// A connection that can be spoken over.
enum Opened<S> {
    Plain(S),
    Secure(Box<SslStream<Noting<S>>>),
}

/// Agrees on TLS in the time that connecting has left, if the request wants it.
async fn secure<S: AsyncRead + AsyncWrite + Unpin>(
    request: &Request,
    equipment: &Equipment,
    stream: S,
    waits: &mut Waits,
) -> Result<Opened<S>, WebFailure> {
    let Some(tls) = &request.tls else { return Ok(Opened::Plain(stream)) };
    let client = equipment.tls().ok_or(WebFailure::Handshake(None))?;
    match waits.once(client.shake_hands(tls, request, Noting::new(stream))).await {
        Ok(Ok(stream)) => Ok(Opened::Secure(Box::new(stream))),
        Ok(Err(HandshakeFailed(why))) => Err(WebFailure::Handshake(why)),
        Err(TooLong) => Err(WebFailure::NotConnected(NotConnected::Timeout)),
    }
}

/// Whoever hears an answer as it comes.
trait Listen {
    /// The next bytes; `Break` when nobody wants to hear more.
    fn feed(&mut self, bytes: &[u8]) -> ControlFlow<()>;
}

impl Listen for Judge<'_> {
    fn feed(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        Judge::feed(self, bytes)
    }
}

/// How long an answer may take, and over what it comes.
#[derive(Clone, Copy, Debug)]
struct Patience {
    timeout: Duration,
    all: Duration,
    tls: bool,
}

impl Patience {
    const fn plain(request: &Request) -> Self {
        Self { timeout: request.connect.timeout, all: request.patience, tls: false }
    }

    /// Over TLS there is one wait for all of the answer.
    const fn secure(request: &Request) -> Self {
        let timeout = request.connect.timeout;
        Self { timeout, all: timeout, tls: true }
    }
}

/// Whether the server closed TLS, and not only the connection.
fn has_farewell<S>(stream: &SslStream<Noting<S>>) -> bool {
    !stream.get_ref().has_ended()
}

/// Asks over a connection and judges what comes until the server closes it. Our own side stays
/// open meanwhile, as some servers take its end for a lack of interest.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    request: &Request,
    mut judge: Judge<'_>,
    patience: Patience,
    has_farewell: impl Fn(&S) -> bool,
) -> Outcome {
    match exchange(stream, request, &mut judge, patience).await {
        // Over TLS an end in good order is no answer of a web server if it is all there is.
        Ok(()) if judge.awaits_header() && has_farewell(stream) => {
            Outcome::Failed(Failure::Web(WebFailure::ReadFailed { tls: true }))
        }
        // And one in bad order is an end like any other.
        Err(WebFailure::BrokenOff(_)) if !judge.awaits_header() => judge.finish(),
        Ok(()) => judge.finish(),
        Err(failure) => Outcome::Failed(Failure::Web(failure)),
    }
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    request: &Request,
    listener: &mut impl Listen,
    Patience { timeout, all, tls }: Patience,
) -> Result<(), WebFailure> {
    let mut waits = Waits::begin(timeout, all);
    send(stream, &request::text(request), &mut waits).await?;
    let mut late = WebFailure::NoAnswer;
    loop {
        let next = poll_fn(|context| poll_piece(Pin::new(stream), context, listener));
        match waits.once(next).await {
            Ok(Ok(ControlFlow::Continue(()))) => late = WebFailure::ReadTimeout { tls },
            Ok(Ok(ControlFlow::Break(()))) => return Ok(()),
            Ok(Err(error)) if tls => return Err(WebFailure::BrokenOff(flaw(&error))),
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

/// Passes on what has come; ends with the answer, or as soon as the rest cannot matter.
/// What is read stays on the stack of one poll, so that a waiting attempt holds no buffer.
fn poll_piece<S: AsyncRead>(
    stream: Pin<&mut S>,
    context: &mut Context<'_>,
    listener: &mut impl Listen,
) -> Poll<io::Result<ControlFlow<()>>> {
    let mut space = [0; PIECE];
    let mut piece = ReadBuf::new(&mut space);
    ready!(stream.poll_read(context, &mut piece))?;
    if piece.filled().is_empty() {
        return Poll::Ready(Ok(ControlFlow::Break(())));
    }
    Poll::Ready(Ok(listener.feed(piece.filled())))
}

#[cfg(test)]
mod tests;
