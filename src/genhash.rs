//! `genhash`: the digest of a page, as `digest` of a check has it (compat 23).
//!
//! Decides what is printed where, and that only mistakes on the command line end with a status
//! that is not 0. The page is read by `probe`, in the same way as by a check.

mod hexdump;
mod options;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant;

use lvs::{Failure, NotConnected, Obstacle, Outcome, WebFailure};
use probe::{Equipment, Heard};

use options::Options;

/// Whether the program was called for this: by its name, or by its first argument. Then the
/// arguments behind that, and what usage calls the program.
pub(crate) fn called(arguments: &[String]) -> Option<(String, &[String])> {
    let (program, rest) = arguments.split_first()?;
    let name = std::path::Path::new(program).file_name()?;
    match rest.split_first() {
        _ if name == "genhash" => Some((program.clone(), rest)),
        Some((first, rest)) if first == "--genhash" => Some((format!("{program} --genhash"), rest)),
        Some(_) | None => None,
    }
}

/// Does it.
pub(crate) fn run(program: &str, arguments: &[String]) -> ExitCode {
    let options = match options::read(program, arguments) {
        Ok(options) => options,
        Err(complaint) => {
            // With nobody to read it there is nothing to do about a failure to write.
            let _ = io::stderr().write_all(complaint.as_bytes());
            return ExitCode::FAILURE;
        }
    };
    crate::runtime::block_on(async {
        tokio::select! {
            () = ended() => {}
            () = print(&options) => {}
        }
    });
    ExitCode::SUCCESS
}

/// Somebody wants it to end.
async fn ended() {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    match signals {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        // Then the kernel ends it.
        (Err(_), _) | (_, Err(_)) => std::future::pending().await,
    }
}

async fn print(options: &Options) {
    let Options { request, verbose } = options;
    let began = Instant::now();
    let outcome = match Equipment::for_one(request) {
        Ok(equipment) => {
            let mut listener = |heard: Heard<'_>| {
                if *verbose {
                    say(&shown(heard));
                }
            };
            probe::digest(request, &equipment, &mut listener).await
        }
        Err(error) => return complain(&error.to_string()),
    };
    match outcome {
        Ok(digest) => conclude(*verbose, digest),
        Err(Outcome::Failed(Failure::Web(failure))) => say(&format!("{}\n", words(failure))),
        Err(Outcome::NotMade(Obstacle::Socket(why) | Obstacle::Bind(why))) => complain(&why),
        Err(Outcome::NotMade(Obstacle::Program(_) | Obstacle::Lost)) => {}
        Err(Outcome::Passed(_) | Outcome::Failed(_)) => {}
    }
    if *verbose {
        let took = began.elapsed().as_micros();
        say(&format!("\nGlobal response time for [{}] = {took} usecs\n", request.path));
    }
}

fn shown(heard: Heard<'_>) -> String {
    match heard {
        Heard::Header(bytes) => format!(
            "{}{}{}{}\n",
            heading("    HTTP Header Buffer    "),
            hexdump::of(bytes),
            heading(" HTTP Header Ascii Buffer "),
            String::from_utf8_lossy(bytes)
        ),
        Heard::First(bytes) => {
            format!("{}{}", heading("        HTML Buffer        "), hexdump::of(bytes))
        }
        Heard::More(bytes) => hexdump::of(bytes),
    }
}

fn heading(title: &str) -> String {
    const LINE: &str = "-----------------------";
    format!("{LINE}[{title}]{LINE}\n")
}

fn conclude(verbose: bool, digest: Option<[u8; 16]>) {
    let Some(digest) = digest else {
        return complain("no data received from remote webserver");
    };
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    if !verbose {
        return say(&format!("{digits}\n"));
    }
    say(&format!(
        "\n{}{}{}{digits}\n",
        heading("    HTML hash resulting    "),
        hexdump::of(&digest),
        heading(" HTML hash final resulting "),
    ));
}

const fn words(failure: WebFailure) -> &'static str {
    match failure {
        WebFailure::NotConnected(NotConnected::Timeout) => "Timeout connecting",
        WebFailure::NotConnected(NotConnected::Failed) => "Connection failed",
        WebFailure::NotConnected(NotConnected::Unreachable) => "HTTP_CHECK - network unreachable",
        WebFailure::Handshake(_) => "SSL handshake/communication error connecting to",
        WebFailure::NotSent => "Timeout WEB write",
        WebFailure::NoAnswer => "Timeout WEB read",
        WebFailure::ReadTimeout { tls: false } => "Timeout HTTP read",
        WebFailure::ReadTimeout { tls: true } => "Timeout SSL read",
        WebFailure::ReadFailed { .. } => "Read error with",
        // Nothing is judged.
        WebFailure::NoData
        | WebFailure::BrokenOff(_)
        | WebFailure::WrongStatus(..)
        | WebFailure::WrongDigest(_)
        | WebFailure::WrongPattern(_) => "Read, no data received from ",
    }
}

fn say(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
