//! The socket for requests: edits in batches, and lists of links and addresses.
//!
//! Decides what each list is made of. It blocks for as long as the kernel works,
//! so it belongs to a thread that may wait.

use std::{io, mem};

use net::Link;
use netlink::{Channel, Error, Message, Question};
use netlink_packet_core::{
    DecodeError, NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, Parseable,
};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::address::AddressMessage;
use netlink_packet_route::link::LinkMessage;
use netlink_sys::protocols::NETLINK_ROUTE;
use sys::socket::ReceiveBuffer;

use crate::address::{Installed, held, installed};
use crate::batch::{Batch, Change, Failure};
use crate::link;
use crate::message::{NEW_ADDRESS, NEW_LINK};

/// A connection to the kernel's route netlink for requests.
#[derive(Debug)]
pub struct Socket {
    channel: Channel,
}

impl Socket {
    /// Opens the socket in the network namespace of the calling thread, which it then stays in.
    ///
    /// # Errors
    /// When the kernel gives out no socket.
    pub fn open() -> Result<Self, Error> {
        let channel = Channel::open(NETLINK_ROUTE).map_err(Error::Open)?;
        Ok(Self { channel })
    }

    /// Replaces its receive buffer.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn set_receive_buffer(&self, buffer: ReceiveBuffer) -> io::Result<()> {
        self.channel.set_receive_buffer(buffer)
    }

    /// The socket's port, by which a [`crate::Monitor`] recognises the changes made through it.
    #[must_use]
    pub fn port(&self) -> u32 {
        self.channel.port()
    }

    /// Makes the changes in order, in as few system calls as possible, and returns those that
    /// failed, in the same order. A failure does not keep the later ones back.
    pub fn apply(&mut self, changes: &[Change]) -> Vec<Failure> {
        let mut failures = Vec::new();
        let mut done = 0;
        while done < changes.len() {
            let rest = &changes[done..];
            let first = self.channel.numbers(rest.len());
            let mut batch = Batch::encode(rest, first);
            let bytes = mem::take(&mut batch.bytes);
            let answers = self.channel.exchange(first, batch.len(), |datagram| *datagram = bytes);
            let failed = batch.failures(answers).into_iter();
            failures.extend(failed.map(|f| Failure { change: f.change + done, ..f }));
            done += batch.len();
        }
        failures
    }

    /// All links, each with its addresses.
    ///
    /// # Errors
    /// When the kernel cannot be asked or its answer makes no sense.
    pub fn links(&mut self) -> Result<Vec<Link>, Error> {
        let mut links = self.bare_links()?;
        for message in self.address_messages()? {
            let index = message.header.index;
            let link = links.iter_mut().find(|link| link.index.0 == index);
            if let (Some(link), Some(held)) = (link, held(&message)) {
                link.addresses.push(held);
            }
        }
        Ok(links)
    }

    /// All IPv4 and IPv6 addresses. One on an interface that vanishes meanwhile is left out.
    ///
    /// # Errors
    /// As [`Socket::links`].
    pub fn addresses(&mut self) -> Result<Vec<Installed>, Error> {
        let links = self.bare_links()?;
        let named = |message: &AddressMessage| {
            let link = links.iter().find(|link| link.index.0 == message.header.index)?;
            installed(message, link.name.clone())
        };
        Ok(self.address_messages()?.iter().filter_map(named).collect())
    }

    fn bare_links(&mut self) -> Result<Vec<Link>, Error> {
        let request = RouteNetlinkMessage::GetLink(LinkMessage::default());
        self.list("to list links", &request, &|message| match message.kind {
            NEW_LINK => link::parse(message.payload),
            _ => Ok(None),
        })
    }

    fn address_messages(&mut self) -> Result<Vec<AddressMessage>, Error> {
        let request = RouteNetlinkMessage::GetAddress(AddressMessage::default());
        self.list("to list addresses", &request, &|message| match message.kind {
            NEW_ADDRESS => AddressMessage::parse(message.payload).map(Some),
            _ => Ok(None),
        })
    }

    /// A list that changed each time it was read is taken as it is: the monitor tells of the
    /// changes anyway.
    fn list<T>(
        &mut self,
        what: &'static str,
        request: &RouteNetlinkMessage,
        parse: &dyn Fn(&Message<'_>) -> Result<Option<T>, DecodeError>,
    ) -> Result<Vec<T>, Error> {
        let write = |bytes: &mut Vec<u8>, sequence| ask(bytes, request.clone(), sequence);
        self.channel.ask(&Question { what, request: &write, parse })
    }
}

fn ask(bytes: &mut Vec<u8>, request: RouteNetlinkMessage, sequence: u32) {
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_REQUEST | NLM_F_DUMP;
    header.sequence_number = sequence;
    let mut message = NetlinkMessage::new(header, request.into());
    message.finalize();
    bytes.resize(message.buffer_len(), 0);
    message.serialize(bytes);
}
