//! `DNS_CHECK`: a name server answers without an error (compat 21 §7).
//!
//! Decides the bytes of the query and which datagrams are its answer. What the answer says beside
//! its code does not count.

use std::io;

use lvs::config::{DnsCheck, DnsName, QueryType};
use lvs::{DnsFailure, Failure, Outcome, Passed};

use crate::datagram::Datagram;
use crate::waits::{TooLong, Waits};

/// The longest answer that is looked at, in bytes.
const ANSWER_MAX: usize = 768;
/// The header of a message (RFC 1035 §4.1.1).
const HEADER: usize = 12;

/// Sends a query and waits for its answer.
pub(crate) async fn attempt(check: &DnsCheck) -> Outcome {
    let socket = match Datagram::connect(&check.connect) {
        Ok(socket) => socket,
        Err(refusal) => {
            return refusal.outcome(|why| Failure::Dns(DnsFailure::NotConnected(why)));
        }
    };
    match ask(&socket, check).await {
        Ok(0) => Outcome::Passed(Passed::Worked),
        Ok(code) => Outcome::Failed(Failure::Dns(DnsFailure::Code(code))),
        Err(failure) => Outcome::Failed(Failure::Dns(failure)),
    }
}

/// The code of the answer.
async fn ask(socket: &Datagram, check: &DnsCheck) -> Result<u8, DnsFailure> {
    let id = fastrand::u16(..);
    let timeout = check.connect.timeout;
    let mut waits = Waits::begin(timeout, timeout);
    let query = query(id, check.query, &check.name);
    match waits.once(socket.send(&query)).await {
        Ok(Ok(())) => {}
        Ok(Err(_)) | Err(TooLong) => return Err(DnsFailure::NotSent),
    }
    loop {
        let mut space = [0; ANSWER_MAX];
        match waits.once(socket.receive(&mut space)).await {
            Ok(Ok(length)) => {
                if let Some(code) = answer(id, space.get(..length).unwrap_or_default()) {
                    return Ok(code);
                }
            }
            Ok(Err(error)) => return Err(DnsFailure::ReadFailed(number(&error))),
            Err(TooLong) => return Err(DnsFailure::Timeout),
        }
    }
}

fn number(error: &io::Error) -> i32 {
    error.raw_os_error().unwrap_or(libc::EIO)
}

/// A question for one name (RFC 1035 §4.1.2), recursion desired.
fn query(id: u16, kind: QueryType, name: &DnsName) -> Vec<u8> {
    const RECURSION_DESIRED: u16 = 0x0100;
    const INTERNET: u16 = 1;
    let header = [id, RECURSION_DESIRED, 1, 0, 0, 0];
    let mut query: Vec<u8> = header.into_iter().flat_map(u16::to_be_bytes).collect();
    for label in name.as_str().split('.').filter(|label| !label.is_empty()) {
        query.extend(u8::try_from(label.len()));
        query.extend_from_slice(label.as_bytes());
    }
    query.push(0);
    query.extend([number_of(kind), INTERNET].into_iter().flat_map(u16::to_be_bytes));
    query
}

/// RFC 1035 §3.2.2, RFC 3596 §2.1, RFC 4034 §2 and §3.
const fn number_of(kind: QueryType) -> u16 {
    match kind {
        QueryType::A => 1,
        QueryType::Ns => 2,
        QueryType::Cname => 5,
        QueryType::Soa => 6,
        QueryType::Mx => 15,
        QueryType::Txt => 16,
        QueryType::Aaaa => 28,
        QueryType::Rrsig => 46,
        QueryType::Dnskey => 48,
    }
}

/// The code of the answer to this query; `None` when the datagram is none.
#[must_use]
pub fn answer(id: u16, datagram: &[u8]) -> Option<u8> {
    const IS_ANSWER: u8 = 0x80;
    let header = datagram.get(..HEADER)?;
    let [first, second, flags, code, ..] = header else { return None };
    let ours = [*first, *second] == id.to_be_bytes() && flags & IS_ANSWER != 0;
    ours.then_some(code & 0x0f)
}

#[cfg(test)]
mod tests;
