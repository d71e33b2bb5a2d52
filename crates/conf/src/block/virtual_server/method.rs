//! `lvs_method`: how packets get to a server, and what a tunnel looks like.

use net::{Checksum, Encapsulation, Forwarding};

use crate::block::lvs_value as read;
use crate::diagnostic::Diagnostic;
use crate::line::Line;

/// Whose method it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The default of a virtual server.
    Virtual,
    /// That of a real server.
    Real,
    /// That of the sorry server.
    Sorry,
}

impl Side {
    const fn name(self) -> &'static str {
        match self {
            Self::Virtual => "virtual",
            Self::Real => "real",
            Self::Sorry => "sorry",
        }
    }
}

/// `lvs_method` and its old spelling.
pub(crate) fn method(
    place: &mut Option<Forwarding>,
    line: &mut Line<'_, '_>,
    side: Side,
) -> Option<()> {
    let word = line.required(1)?;
    *place = Some(match word.text.as_str() {
        "NAT" => plain(line, side, Forwarding::Nat),
        "DR" => plain(line, side, Forwarding::Direct),
        "TUN" => Forwarding::Tunnel(tunnel(line, side).unwrap_or(Encapsulation::Ipip)),
        other => {
            let message =
                format!("PARSER : unknown [{other}] routing method for {} server.", side.name());
            if matches!(other.to_ascii_uppercase().as_str(), "FNAT" | "FULLNAT") {
                let hint = "full NAT is in no mainline kernel; use NAT, DR or TUN";
                line.add(Diagnostic::general(message).at(word.span).hint(hint));
            } else {
                read::unknown(line, &word, message, &["NAT", "DR", "TUN"]);
            }
            return None;
        }
    });
    Some(())
}

/// A method that has no options; it counts whatever follows.
fn plain(line: &mut Line<'_, '_>, side: Side, method: Forwarding) -> Forwarding {
    if let Some(word) = line.word(2) {
        let message = format!("Invalid tunnel option {} for {} server.", word.text, side.name());
        let found = Diagnostic::general(message).at(word.span);
        line.add(found.hint("only TUN has options"));
    }
    method
}

/// The options of a tunnel as written.
#[derive(Default)]
struct Options {
    kind: Kind,
    port: Option<u16>,
    checksum: Checksum,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Ipip,
    Gue,
    Gre,
}

/// What follows `TUN`; `None` when it was refused, and said so.
fn tunnel(line: &mut Line<'_, '_>, side: Side) -> Option<Encapsulation> {
    let mut options = Options::default();
    let mut at = 2;
    while let Some(word) = line.word(at) {
        match word.text.as_str() {
            "type" => options.kind = kind(line, at + 1, side)?,
            "port" => options.port = Some(port(line, at + 1, side)?),
            "nocsum" => options.checksum = Checksum::None,
            "csum" => options.checksum = Checksum::Full,
            "remcsum" => options.checksum = Checksum::Remote,
            other => {
                let message = format!("Invalid tunnel option {other} for {} server.", side.name());
                let known = ["type", "port", "nocsum", "csum", "remcsum"];
                read::unknown(line, &word, message, &known);
                return None;
            }
        }
        at += if matches!(word.text.as_str(), "type" | "port") { 2 } else { 1 };
    }
    encapsulation(&options).map_err(|message| line.error(message)).ok()
}

fn kind(line: &mut Line<'_, '_>, at: usize, side: Side) -> Option<Kind> {
    let word = line.given(at, &format!("Missing tunnel type for {} server.", side.name()))?;
    match word.text.as_str() {
        "ipip" => Some(Kind::Ipip),
        "gue" => Some(Kind::Gue),
        "gre" => Some(Kind::Gre),
        other => {
            let message = format!("Unknown tunnel type {other} for {} server.", side.name());
            read::unknown(line, &word, message, &["ipip", "gue", "gre"]);
            None
        }
    }
}

fn port(line: &mut Line<'_, '_>, at: usize, side: Side) -> Option<u16> {
    let word = line.given(at, &format!("Missing port for {} server gue tunnel.", side.name()))?;
    let port = line.number(&word, 1..=65535);
    if port.is_none() {
        let message = format!("Invalid gue tunnel port {} for {} server.", word.text, side.name());
        line.error_at(&word, message);
    }
    port
}

/// Options that fit each other (compat 24 §8 for the words).
fn encapsulation(options: &Options) -> Result<Encapsulation, &'static str> {
    let Options { kind, port, checksum } = *options;
    match (kind, port, checksum) {
        (Kind::Gue, None, _) | (Kind::Ipip | Kind::Gre, Some(_), _) => {
            Err("gue tunnels require port, otherwise cannot have port.")
        }
        (Kind::Ipip, None, Checksum::Full | Checksum::Remote) => {
            Err("ipip tunnels do not support checksum option.")
        }
        (Kind::Gre, None, Checksum::Remote) => {
            Err("gre tunnels do not support remote checksum option.")
        }
        (Kind::Ipip, None, Checksum::None) => Ok(Encapsulation::Ipip),
        (Kind::Gue, Some(port), checksum) => Ok(Encapsulation::Gue { port, checksum }),
        (Kind::Gre, None, checksum @ (Checksum::None | Checksum::Full)) => {
            Ok(Encapsulation::Gre { checksum })
        }
    }
}
