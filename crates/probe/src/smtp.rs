//! `SMTP_CHECK`: a mail server greets, and knows itself (compat 21 §7).
//!
//! Decides what is said, and which answers are good. Only the first line of an answer counts, so
//! that a greeting of several lines is a bad one.

use std::time::Duration;

use lvs::config::SmtpCheck;
use lvs::{Failure, Outcome, Passed, SmtpFailure};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::connect::connect;
use crate::waits::{TooLong, Waits};

/// The longest line of a server in bytes, its end included.
const LINE_MAX: usize = 512;
const GREETING: &[u8; 3] = b"220";
const DONE: &[u8; 3] = b"250";

/// Connects and talks.
pub(crate) async fn attempt(check: &SmtpCheck) -> Outcome {
    let timeout = check.connect.timeout;
    match connect(&check.connect, &mut Waits::begin(timeout, timeout)).await {
        Ok(mut stream) => match converse(&mut stream, &check.helo, &mut patience(timeout)).await {
            Ok(()) => Outcome::Passed(Passed::Worked),
            Err(failure) => Outcome::Failed(Failure::Smtp(failure)),
        },
        Err(refusal) => refusal.outcome(|why| Failure::Smtp(SmtpFailure::NotConnected(why))),
    }
}

/// Each line is waited for as long; however it comes, the talk ends with the last.
const fn patience(timeout: Duration) -> Waits {
    /// Three lines are read, two are written.
    const STEPS: u32 = 5;
    Waits::begin(timeout, timeout.saturating_mul(STEPS))
}

pub(crate) async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    helo: &str,
    waits: &mut Waits,
) -> Result<(), SmtpFailure> {
    if !is_reply(&line(stream, waits).await?, GREETING) {
        return Err(SmtpFailure::BadGreeting);
    }
    say(stream, &format!("HELO {helo}\r\n"), waits).await?;
    if !is_reply(&line(stream, waits).await?, DONE) {
        return Err(SmtpFailure::BadHelo);
    }
    say(stream, "QUIT\r\n", waits).await?;
    line(stream, waits).await.map(drop)
}

/// The first line of what comes; as much of it as fits when there is no end. What comes with it
/// is not looked at.
async fn line<S: AsyncRead + Unpin>(
    stream: &mut S,
    waits: &mut Waits,
) -> Result<Vec<u8>, SmtpFailure> {
    let read = async {
        let mut line = Vec::new();
        let mut space = [0; LINE_MAX];
        while line.len() < LINE_MAX && !line.contains(&b'\n') {
            let room = LINE_MAX - line.len();
            match stream.read(&mut space[..room]).await {
                Ok(0) | Err(_) => return Err(SmtpFailure::ReadFailed),
                Ok(length) => line.extend_from_slice(&space[..length]),
            }
        }
        let end = line.iter().position(|byte| *byte == b'\n').unwrap_or(line.len());
        line.truncate(end);
        Ok(line)
    };
    match waits.once(read).await {
        Ok(line) => line,
        Err(TooLong) => Err(SmtpFailure::ReadTimeout),
    }
}

async fn say<S: AsyncWrite + Unpin>(
    stream: &mut S,
    words: &str,
    waits: &mut Waits,
) -> Result<(), SmtpFailure> {
    match waits.once(stream.write_all(words.as_bytes())).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(SmtpFailure::WriteFailed),
        Err(TooLong) => Err(SmtpFailure::WriteTimeout),
    }
}

/// Whether a line, whose end may be missing, is the last one of an answer with this code.
#[must_use]
fn is_reply(line: &[u8], code: &[u8; 3]) -> bool {
    match line.strip_prefix(code) {
        Some([]) => true,
        Some([next, ..]) => matches!(next, b' ' | b'\r'),
        None => false,
    }
}

#[cfg(test)]
mod tests;
