//! What a fuzz target needs: whole attempts over a connection that is there, and the judges of
//! datagrams.
//!
//! Decides nothing; not for any other use.
#![doc(hidden)]

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use lvs::{Outcome, Request, SmtpFailure};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub use crate::dns::answer as dns_answer;
use crate::equipment::Equipment;
pub use crate::ping::Echo;
pub use crate::udp::judge as udp_verdict;
use crate::waits::Waits;
use crate::{http, smtp};

const LONG: Duration = Duration::from_secs(600);

/// A server that has said this already, and hears nothing.
#[derive(Debug)]
struct Said<'d>(&'d [u8]);

impl AsyncRead for Said<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (now, later) = self.0.split_at(self.0.len().min(space.remaining()));
        space.put_slice(now);
        self.0 = later;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Said<'_> {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// An attempt at this page with a server that says this, over TLS if the request wants it.
pub async fn web(request: &Request, equipment: &Equipment, said: &[u8]) -> Outcome {
    web_over(request, equipment, Said(said)).await
}

/// The same over any connection.
pub async fn web_over<S: AsyncRead + AsyncWrite + Unpin>(
    request: &Request,
    equipment: &Equipment,
    stream: S,
) -> Outcome {
    http::attempt_over(stream, request, equipment).await
}

/// A talk with a mail server that says this.
///
/// # Errors
/// With what was wrong.
pub async fn mail(said: &[u8]) -> Result<(), SmtpFailure> {
    smtp::converse(&mut Said(said), "localhost", &mut Waits::begin(LONG, LONG)).await
}
