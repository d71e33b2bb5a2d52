//! The socket for requests: edits in batches, and lists of links and addresses.
//!
//! Decides how requests and answers find each other. It blocks for as long as the kernel works,
//! so it belongs to a thread that may wait.

use std::io;

use net::Link;
use netlink::{Channel, Message, Reply, invalid, messages};
use netlink_packet_core::{
    NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR, NetlinkHeader,
    NetlinkMessage, Parseable,
};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::address::AddressMessage;
use netlink_packet_route::link::LinkMessage;
use netlink_sys::protocols::NETLINK_ROUTE;
use sys::socket::ReceiveBuffer;

use crate::address::{Installed, held, installed};
use crate::batch::{Batch, Change, Failure};
use crate::error::Error;
use crate::link;
use crate::message::{NEW_ADDRESS, NEW_LINK};

/// How often a list is asked for that changed while it was being read.
const TRIES: usize = 5;

/// A connection to the kernel's route netlink for requests.
#[derive(Debug)]
pub struct Socket {
    channel: Channel,
    sequence: u32,
}

impl Socket {
    /// Opens the socket in the network namespace of the calling thread, which it then stays in.
    ///
    /// # Errors
    /// When the kernel gives out no socket.
    pub fn open() -> Result<Self, Error> {
        let channel = Channel::open(NETLINK_ROUTE).map_err(Error::Open)?;
        Ok(Self { channel, sequence: 1 })
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
            let mut batch = Batch::encode(&changes[done..], self.sequence);
            let count = batch.len();
            self.sequence = batch.next_sequence();
            let ended = self.exchange(&mut batch).err();
            let failed = batch.failures(ended.as_ref()).into_iter();
            failures.extend(failed.map(|f| Failure { change: f.change + done, ..f }));
            done += count;
        }
        failures
    }

    fn exchange(&mut self, batch: &mut Batch<'_>) -> io::Result<()> {
        self.channel.send(&batch.bytes)?;
        let mut complete = false;
        while !complete {
            for message in messages(self.channel.receive()?) {
                let message = message.map_err(invalid)?;
                if message.kind == NLMSG_ERROR {
                    let reply = Reply::parse(&message).map_err(invalid)?;
                    complete |= batch.note(message.sequence, reply);
                }
            }
        }
        Ok(())
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
        let links = self.list("links", &request, |message| match message.kind {
            NEW_LINK => link::parse(message.payload),
            _ => Ok(None),
        })?;
        Ok(links)
    }

    fn address_messages(&mut self) -> Result<Vec<AddressMessage>, Error> {
        let request = RouteNetlinkMessage::GetAddress(AddressMessage::default());
        self.list("addresses", &request, |message| match message.kind {
            NEW_ADDRESS => AddressMessage::parse(message.payload).map(Some),
            _ => Ok(None),
        })
    }

    /// Asks for a list until one was not changed while it was read; after some tries it takes
    /// what it has, as the monitor tells of the changes anyway.
    fn list<T>(
        &mut self,
        what: &'static str,
        request: &RouteNetlinkMessage,
        parse: impl Fn(&Message<'_>) -> Result<Option<T>, netlink_packet_core::DecodeError>,
    ) -> Result<Vec<T>, Error> {
        for _ in 1..TRIES {
            let (found, consistent) = self.list_once(what, request.clone(), &parse)?;
            if consistent {
                return Ok(found);
            }
        }
        Ok(self.list_once(what, request.clone(), &parse)?.0)
    }

    fn list_once<T>(
        &mut self,
        what: &'static str,
        request: RouteNetlinkMessage,
        parse: impl Fn(&Message<'_>) -> Result<Option<T>, netlink_packet_core::DecodeError>,
    ) -> Result<(Vec<T>, bool), Error> {
        let sequence = self.ask(request).map_err(Error::Send)?;
        let (mut found, mut consistent) = (Vec::new(), true);
        loop {
            for message in messages(self.channel.receive().map_err(Error::Receive)?) {
                let message = message?;
                if message.sequence != sequence {
                    continue;
                }
                consistent &= message.flags & NLM_F_DUMP_INTR == 0;
                match message.kind {
                    NLMSG_ERROR | NLMSG_DONE => {
                        Reply::end(&message).map_err(|source| Error::Refused { what, source })?;
                        return Ok((found, consistent));
                    }
                    _ => found.extend(parse(&message)?),
                }
            }
        }
    }

    fn ask(&mut self, request: RouteNetlinkMessage) -> io::Result<u32> {
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | NLM_F_DUMP;
        header.sequence_number = self.sequence;
        self.sequence = self.sequence.wrapping_add(1);
        let mut message = NetlinkMessage::new(header, request.into());
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        self.channel.send(&bytes)?;
        Ok(header.sequence_number)
    }
}
