//! The socket: changes that the kernel makes all together or not at all.

use std::collections::BTreeSet;
use std::io;

use net::{Family, Marking, Protocol};
use netlink::{Answer, Channel, Question};
use netlink_packet_core::{
    NLM_F_ACK, NLM_F_APPEND, NLM_F_CREATE, NLM_F_DUMP, NLM_F_REQUEST, NetlinkMessage, Parseable,
};
use netlink_packet_netfilter::nftables::{NfTablesMessage, TableAttribute, TableMessage};
use netlink_packet_netfilter::none::ControlMessage;
use netlink_packet_netfilter::{
    NetfilterHeader, NetfilterMessage, NetfilterMessageInner, NetfilterProtoFamily,
};
use netlink_sys::protocols::NETLINK_NETFILTER;

use crate::Table;
use crate::element::elements;
use crate::owner::{name_if_owned, owned_by};
use crate::skeleton::{inside, table as named};

/// Whom a transaction is for (`NFNL_SUBSYS_NFTABLES`).
const NFTABLES: u16 = 10;
/// Elements of a transaction: they must fit into the send buffer, and those of a message into an
/// attribute.
const MOST: usize = 500;
const FAMILIES: [Family; 2] = [Family::V4, Family::V6];
/// `struct nfgenmsg`, which comes before the attributes.
const HEADER: usize = 4;

/// A connection to nftables, in the network namespace that it was opened in. It blocks for as long
/// as the kernel works.
#[derive(Debug)]
pub struct Socket {
    channel: Channel,
    owner: TableAttribute,
}

impl Socket {
    /// Opens it in the network namespace of the calling thread. Whose the tables are that it makes
    /// is up to the caller; `nft` shows it.
    ///
    /// # Errors
    /// When the kernel has no nftables, or gives out no socket.
    pub fn open(owner: &str) -> io::Result<Self> {
        let channel = Channel::open(NETLINK_NETFILTER)?;
        Ok(Self { channel, owner: owned_by(owner) })
    }

    /// The names of the owner's tables that are there.
    ///
    /// # Errors
    /// When the kernel has no nftables.
    pub fn tables(&mut self) -> io::Result<BTreeSet<String>> {
        let all = NfTablesMessage::GetTable(TableMessage { attributes: Vec::new() });
        let all = (NetfilterProtoFamily::Unspec, all.into());
        let owner = &self.owner;
        let names = self.channel.ask(&Question {
            what: "to list tables of nftables",
            request: &|bytes, sequence| write(bytes, all.clone(), NLM_F_DUMP, sequence),
            parse: &|message| {
                let attributes = message.payload.get(HEADER..).unwrap_or_default();
                TableMessage::parse(attributes).map(|table| name_if_owned(&table, owner))
            },
        })?;
        Ok(names.into_iter().collect())
    }

    /// Makes the table anew, in the place of one of its name, with these markings, which do not
    /// overlap. More than 500 come in several steps.
    ///
    /// # Errors
    /// When the kernel refuses; then at most a part of the markings is there.
    pub fn replace(&mut self, table: &Table, markings: &[Marking]) -> io::Result<()> {
        let mut requests = removal(&table.name);
        for family in FAMILIES {
            let mut made = named(&table.name);
            made.attributes.push(self.owner.clone());
            requests.push((family, NfTablesMessage::NewTable(made)));
            requests.extend(inside(table, family).into_iter().map(|one| (family, one)));
        }
        self.transact(&requests)?;
        self.change(table, &[], markings)
    }

    /// Takes markings from a table and adds others.
    ///
    /// # Errors
    /// As [`Socket::replace`].
    pub fn change(&mut self, table: &Table, gone: &[Marking], added: &[Marking]) -> io::Result<()> {
        for gone in gone.chunks(MOST) {
            let requests = grouped(table, gone, NfTablesMessage::DeleteSetElement);
            self.transact(&requests)?;
        }
        for added in added.chunks(MOST) {
            self.transact(&grouped(table, added, NfTablesMessage::NewSetElement))?;
        }
        Ok(())
    }

    /// Removes the table of this name; that there is none is no error.
    ///
    /// # Errors
    /// As [`Socket::replace`].
    pub fn remove(&mut self, name: &str) -> io::Result<()> {
        self.transact(&removal(name))
    }

    /// One transaction: the first refusal is the error of all.
    fn transact(&mut self, requests: &[(Family, NfTablesMessage)]) -> io::Result<()> {
        // The last of the requests asks for the answer, not the end behind it.
        let asking = requests.len() + 1;
        let first = self.channel.numbers(asking + 1);
        let write = |datagram: &mut Vec<u8>| write_transaction(datagram, requests, first);
        let answers = self.channel.exchange(first, asking, write);
        let refused = answers.iter().find_map(|answer| match answer {
            Answer::Refused(reply) => Some(reply.errno),
            Answer::Done | Answer::Lost(_) => None,
        });
        let lost = answers.iter().find_map(|answer| match answer {
            Answer::Lost(errno) => Some(*errno),
            Answer::Done | Answer::Refused(_) => None,
        });
        refused.or(lost).map_or(Ok(()), |errno| Err(io::Error::from_raw_os_error(errno)))
    }
}

fn write_transaction(datagram: &mut Vec<u8>, requests: &[(Family, NfTablesMessage)], first: u32) {
    let begin = (NetfilterProtoFamily::Unspec, ControlMessage::BatchBegin.into(), 0);
    let end = (NetfilterProtoFamily::Unspec, ControlMessage::BatchEnd.into(), 0);
    let inner = requests.iter().enumerate().map(|(place, (family, request))| {
        let last = place + 1 == requests.len();
        let flags = NLM_F_CREATE | NLM_F_APPEND | if last { NLM_F_ACK } else { 0 };
        (proto(*family), request.clone().into(), flags)
    });
    let all = std::iter::once(begin).chain(inner).chain([end]);
    for ((family, inner, flags), offset) in all.zip(0..) {
        write(datagram, (family, inner), flags, first.wrapping_add(offset));
    }
}

fn write(
    datagram: &mut Vec<u8>,
    (family, inner): (NetfilterProtoFamily, NetfilterMessageInner),
    flags: u16,
    sequence: u32,
) {
    let control = matches!(inner, NetfilterMessageInner::None(_));
    let header = NetfilterHeader::new(family, 0, if control { NFTABLES } else { 0 });
    let mut message = NetlinkMessage::from(NetfilterMessage::new(header, inner));
    message.header.flags = NLM_F_REQUEST | flags;
    message.header.sequence_number = sequence;
    message.finalize();
    let start = datagram.len();
    datagram.resize(start + message.buffer_len().next_multiple_of(4), 0);
    message.serialize(&mut datagram[start..]);
}

/// Adding first makes sure that there is something to remove.
fn removal(name: &str) -> Vec<(Family, NfTablesMessage)> {
    let both = |family| {
        let (add, remove) = (named(name), named(name));
        [(family, NfTablesMessage::NewTable(add)), (family, NfTablesMessage::DeleteTable(remove))]
    };
    FAMILIES.into_iter().flat_map(both).collect()
}

/// A message for each family and protocol.
fn grouped(
    table: &Table,
    markings: &[Marking],
    ask: impl Fn(netlink_packet_netfilter::nftables::SetElementMessage) -> NfTablesMessage,
) -> Vec<(Family, NfTablesMessage)> {
    let mut requests = Vec::new();
    for family in FAMILIES {
        for protocol in [Protocol::Tcp, Protocol::Udp, Protocol::Sctp] {
            let mine = |one: &&Marking| one.family() == family && one.protocol == protocol;
            let mine: Vec<Marking> = markings.iter().filter(mine).copied().collect();
            if !mine.is_empty() {
                requests.push((family, ask(elements(&table.name, protocol, &mine))));
            }
        }
    }
    requests
}

const fn proto(family: Family) -> NetfilterProtoFamily {
    match family {
        Family::V4 => NetfilterProtoFamily::IPv4,
        Family::V6 => NetfilterProtoFamily::IPv6,
    }
}
