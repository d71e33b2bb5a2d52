//! The socket: changes that the kernel makes all together or not at all.

use std::collections::BTreeSet;
use std::io;

use net::{Family, Marking, Protocol};
use netlink::{Channel, Reply, invalid, messages};
use netlink_packet_core::{
    NLM_F_ACK, NLM_F_APPEND, NLM_F_CREATE, NLM_F_DUMP, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR,
    NetlinkMessage, Parseable,
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
    sequence: u32,
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
        Ok(Self { channel, sequence: 1, owner: owned_by(owner) })
    }

    /// The names of the owner's tables that are there.
    ///
    /// # Errors
    /// When the kernel has no nftables.
    pub fn tables(&mut self) -> io::Result<BTreeSet<String>> {
        let all = NfTablesMessage::GetTable(TableMessage { attributes: Vec::new() });
        let mut datagram = Vec::new();
        let asked = self.sequence;
        self.write(&mut datagram, (NetfilterProtoFamily::Unspec, all.into()), NLM_F_DUMP);
        self.channel.send(&datagram)?;
        let mut names = BTreeSet::new();
        loop {
            for message in messages(self.channel.receive()?) {
                let message = message.map_err(invalid)?;
                if message.sequence != asked {
                    continue;
                }
                if matches!(message.kind, NLMSG_ERROR | NLMSG_DONE) {
                    return Reply::end(&message).map(|()| names);
                }
                let attributes = message.payload.get(HEADER..).unwrap_or_default();
                let table = TableMessage::parse(attributes).map_err(invalid)?;
                names.extend(name_if_owned(&table, &self.owner));
            }
        }
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
        let begin = (NetfilterProtoFamily::Unspec, ControlMessage::BatchBegin.into());
        let end = (NetfilterProtoFamily::Unspec, ControlMessage::BatchEnd.into());
        let mut datagram = Vec::new();
        self.write(&mut datagram, begin, 0);
        for (place, (family, request)) in requests.iter().enumerate() {
            let last = place + 1 == requests.len();
            let flags = NLM_F_CREATE | NLM_F_APPEND | if last { NLM_F_ACK } else { 0 };
            self.write(&mut datagram, (proto(*family), request.clone().into()), flags);
        }
        let answered = self.sequence.wrapping_sub(1);
        self.write(&mut datagram, end, 0);
        self.channel.send(&datagram)?;
        self.answer(answered)
    }

    /// Waits for the answer to the last request, before which those to refused ones come.
    fn answer(&mut self, last: u32) -> io::Result<()> {
        let mut refused = Ok(());
        loop {
            for message in messages(self.channel.receive()?) {
                let message = message.map_err(invalid)?;
                if message.kind != NLMSG_ERROR {
                    continue;
                }
                let errno = Reply::parse(&message).map_err(invalid)?.errno;
                if errno != 0 && refused.is_ok() {
                    refused = Err(io::Error::from_raw_os_error(errno));
                }
                if message.sequence == last {
                    return refused;
                }
            }
        }
    }

    fn write(
        &mut self,
        datagram: &mut Vec<u8>,
        (family, inner): (NetfilterProtoFamily, NetfilterMessageInner),
        flags: u16,
    ) {
        let control = matches!(inner, NetfilterMessageInner::None(_));
        let header = NetfilterHeader::new(family, 0, if control { NFTABLES } else { 0 });
        let mut message = NetlinkMessage::from(NetfilterMessage::new(header, inner));
        message.header.flags = NLM_F_REQUEST | flags;
        message.header.sequence_number = self.sequence;
        self.sequence = self.sequence.wrapping_add(1);
        message.finalize();
        let start = datagram.len();
        datagram.resize(start + message.buffer_len().next_multiple_of(4), 0);
        message.serialize(&mut datagram[start..]);
    }
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
