//! Many changes in one datagram, of which only the last asks for an answer.
//!
//! Decides how many changes go together and which of the kernel's refusals are none. The kernel
//! reports errors of the others too, and carries out what comes after them.

use std::fmt;
use std::io;
use std::net::IpAddr;

use net::{Address, AddressKey, Insertion, LinkIndex, Rule};
use netlink::{Answer, Reply};
use netlink_packet_core::{
    NLM_F_ACK, NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST, NetlinkBuffer, NetlinkHeader,
    NetlinkMessage,
};
use netlink_packet_route::RouteNetlinkMessage;

use crate::message::{DELETE_ADDRESS, DELETE_ROUTE, DELETE_RULE, NEW_ADDRESS, NEW_ROUTE, NEW_RULE};
use crate::route::PlacedRoute;
use crate::{address, rule};

/// The most changes of a batch: their errors must fit into the receive buffer even where it
/// cannot be raised.
const MOST: usize = 250;
/// The most bytes of a batch: a send buffer of the usual size has to hold it.
const MOST_BYTES: usize = 128 << 10;

/// One edit of what is in the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Put this address on the interface of this number. One that is there already stays as it
    /// is, and that is no failure.
    AddAddress(Address, LinkIndex),
    /// Take the address off the interface of this number, the IP address being the other end if
    /// it has one. One that is not there is no failure, and neither is a vanished interface.
    RemoveAddress(AddressKey, Option<IpAddr>, LinkIndex),
    /// Put this route into its table. One that is there already stays as it is.
    AddRoute(PlacedRoute),
    /// Take the route out of its table. One that is not there is no failure.
    RemoveRoute(PlacedRoute),
    /// Add this rule. One that is there already stays as it is.
    AddRule(Rule),
    /// Remove the rule. One that is not there is no failure.
    RemoveRule(Rule),
}

impl Change {
    /// The removal of this address.
    #[must_use]
    pub fn remove(address: &Address, index: LinkIndex) -> Self {
        Self::RemoveAddress(address.key(), address.peer, index)
    }

    fn message_type(&self) -> u16 {
        match self {
            Self::AddAddress(..) => NEW_ADDRESS,
            Self::RemoveAddress(..) => DELETE_ADDRESS,
            Self::AddRoute(_) => NEW_ROUTE,
            Self::RemoveRoute(_) => DELETE_ROUTE,
            Self::AddRule(_) => NEW_RULE,
            Self::RemoveRule(_) => DELETE_RULE,
        }
    }

    /// Whether what was asked for holds although the kernel refused.
    fn tolerates(&self, errno: i32) -> bool {
        match self {
            Self::AddAddress(..) | Self::AddRoute(_) | Self::AddRule(_) => errno == libc::EEXIST,
            Self::RemoveAddress(..) => errno == libc::EADDRNOTAVAIL || errno == libc::ENODEV,
            Self::RemoveRoute(_) => errno == libc::ESRCH || errno == libc::ENODEV,
            Self::RemoveRule(_) => errno == libc::ENOENT,
        }
    }

    fn message(&self) -> (RouteNetlinkMessage, u16) {
        match self {
            Self::AddAddress(address, index) => {
                let message = address::add(address, *index);
                (RouteNetlinkMessage::NewAddress(message), NLM_F_CREATE | NLM_F_EXCL)
            }
            Self::RemoveAddress(key, peer, index) => {
                let message = address::remove(key, *peer, *index);
                (RouteNetlinkMessage::DelAddress(message), 0)
            }
            Self::AddRoute(placed) => {
                let place = match placed.route().insertion {
                    Insertion::Exclusive => NLM_F_EXCL,
                    Insertion::Prepend => 0,
                    Insertion::Append => NLM_F_APPEND,
                };
                (RouteNetlinkMessage::NewRoute(placed.add()), NLM_F_CREATE | place)
            }
            Self::RemoveRoute(placed) => (RouteNetlinkMessage::DelRoute(placed.remove()), 0),
            Self::AddRule(rule) => {
                (RouteNetlinkMessage::NewRule(rule::message(rule)), NLM_F_CREATE | NLM_F_EXCL)
            }
            Self::RemoveRule(rule) => (RouteNetlinkMessage::DelRule(rule::message(rule)), 0),
        }
    }
}

/// A change that was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its place among the changes given to [`crate::Socket::apply`].
    pub change: usize,
    /// The error number; `ENOBUFS` or `EAGAIN` when the answer was lost, so that the change may
    /// have been made after all.
    pub errno: i32,
    /// The kernel's own explanation, if it gave one.
    pub detail: Option<String>,
    /// The type of the request, such as 20 for `RTM_NEWADDR`.
    pub message_type: u16,
    /// The sequence number of the request.
    pub sequence: u32,
}

impl Failure {
    /// The name of the request's type as the kernel's headers have it.
    #[must_use]
    pub fn message_name(&self) -> &'static str {
        match self.message_type {
            NEW_ADDRESS => "RTM_NEWADDR",
            DELETE_ADDRESS => "RTM_DELADDR",
            NEW_ROUTE => "RTM_NEWROUTE",
            DELETE_ROUTE => "RTM_DELROUTE",
            NEW_RULE => "RTM_NEWRULE",
            _ => "RTM_DELRULE",
        }
    }
}

/// Writes the text of the error, and the kernel's explanation in brackets.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", io::Error::from_raw_os_error(self.errno))?;
        self.detail.iter().try_for_each(|detail| write!(f, " ({detail})"))
    }
}

impl std::error::Error for Failure {}

/// Changes that were encoded into one datagram.
pub(crate) struct Batch<'a> {
    pub(crate) bytes: Vec<u8>,
    /// The sequence number of the first; the others follow without a gap.
    first: u32,
    changes: &'a [Change],
}

impl<'a> Batch<'a> {
    /// Takes as many changes from the front as may go together, at least one if there is any.
    pub(crate) fn encode(changes: &'a [Change], first: u32) -> Self {
        let mut bytes = Vec::new();
        let (mut last, mut count) = (0, 0);
        for (change, sequence) in changes.iter().take(MOST).zip(0..) {
            let message = netlink(change, first.wrapping_add(sequence));
            let end = bytes.len() + message.buffer_len().next_multiple_of(4);
            if end > MOST_BYTES && count > 0 {
                break;
            }
            (last, count) = (bytes.len(), count + 1);
            bytes.resize(end, 0);
            message.serialize(&mut bytes[last..]);
        }
        if bytes.len() >= netlink::HEADER {
            let mut header = NetlinkBuffer::new(&mut bytes[last..]);
            header.set_flags(header.flags() | NLM_F_ACK);
        }
        Self { bytes, first, changes: &changes[..count] }
    }

    /// How many changes are in it.
    pub(crate) fn len(&self) -> usize {
        self.changes.len()
    }

    /// The changes that failed, or whose answers were lost.
    pub(crate) fn failures(&self, answers: Vec<Answer>) -> Vec<Failure> {
        let numbered = self.changes.iter().zip(answers).enumerate().zip(0..);
        numbered
            .filter_map(|((place, (change, answer)), offset)| {
                let Reply { errno, detail } = match answer {
                    Answer::Done => return None,
                    Answer::Refused(reply) if change.tolerates(reply.errno) => return None,
                    Answer::Refused(reply) => reply,
                    Answer::Lost(errno) => Reply { errno, detail: None },
                };
                let sequence = self.first.wrapping_add(offset);
                let message_type = change.message_type();
                Some(Failure { change: place, errno, detail, message_type, sequence })
            })
            .collect()
    }
}

fn netlink(change: &Change, sequence: u32) -> NetlinkMessage<RouteNetlinkMessage> {
    let (message, flags) = change.message();
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_REQUEST | flags;
    header.sequence_number = sequence;
    let mut message = NetlinkMessage::new(header, message.into());
    message.finalize();
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use net::LinkName;
    use netlink::messages;

    fn adds(count: u8) -> Vec<Change> {
        let link = LinkName::new("eth0").unwrap();
        let ip = |last| IpAddr::from([192, 0, 2, last]);
        (0..count)
            .map(|i| Change::AddAddress(Address::new(link.clone(), ip(i), 32), LinkIndex(2)))
            .collect()
    }

    fn refused(errno: i32) -> Answer {
        Answer::Refused(Reply { errno, detail: Some("why".to_owned()) })
    }

    #[test]
    fn only_the_last_message_asks_for_an_answer() {
        let changes = adds(3);
        let batch = Batch::encode(&changes, u32::MAX);
        let found: Vec<_> = messages(&batch.bytes).map(Result::unwrap).collect();
        let flags: Vec<_> = found.iter().map(|message| message.flags).collect();
        assert_eq!(flags, [0x601, 0x601, 0x605]);
        let sequences: Vec<_> = found.iter().map(|message| message.sequence).collect();
        assert_eq!(sequences, [u32::MAX, 0, 1]);
    }

    #[test]
    fn a_batch_has_a_bound() {
        let changes: Vec<_> = adds(200).into_iter().chain(adds(200)).collect();
        let batch = Batch::encode(&changes, 1);
        assert_eq!(batch.len(), MOST);
        assert!(batch.bytes.len() < MOST_BYTES);
        assert_eq!(Batch::encode(&[], 1).bytes.len(), 0);
    }

    #[test]
    fn errors_belong_to_their_change_and_some_are_none() {
        let changes = adds(4);
        let batch = Batch::encode(&changes, 10);
        let (known, bad) = (refused(libc::EEXIST), refused(libc::EINVAL));
        let failures = batch.failures(vec![Answer::Done, known, bad, Answer::Done]);
        assert_eq!(failures.len(), 1);
        assert_eq!((failures[0].change, failures[0].sequence), (2, 12));
        assert_eq!(failures[0].message_name(), "RTM_NEWADDR");
        assert_eq!(failures[0].to_string(), "Invalid argument (os error 22) (why)");
    }

    #[test]
    fn a_change_whose_answer_was_lost_counts_as_failed() {
        let changes = adds(2);
        let answers = vec![refused(libc::EEXIST), Answer::Lost(libc::ENOBUFS)];
        let failures = Batch::encode(&changes, 10).failures(answers);
        let failed: Vec<_> = failures.iter().map(|f| (f.change, f.errno)).collect();
        assert_eq!(failed, [(1, libc::ENOBUFS)]);
    }

    #[test]
    fn removing_what_is_not_there_is_no_failure() {
        let Some(Change::AddAddress(address, index)) = adds(1).pop() else { unreachable!() };
        let change = Change::remove(&address, index);
        assert!(change.tolerates(libc::EADDRNOTAVAIL) && change.tolerates(libc::ENODEV));
        assert!(!change.tolerates(libc::EPERM) && !change.tolerates(libc::EEXIST));
    }
}
