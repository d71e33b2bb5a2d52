//! What is asked of a host's kernel about IPVS, by anybody there: every change, none of the
//! questions. Decides how netlink messages are read; what may be asked is for the tests.

use std::io::IoSliceMut;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd;
use std::thread;
use std::time::Duration;

use nix::sys::socket::{LinkAddr, MsgFlags, RecvMsg, recvmsg, setsockopt, sockopt};
use socket2::{Domain, Protocol, Socket, Type};

use super::Host;
use super::run::must;

/// The link on which the kernel shows all netlink messages of a namespace.
const LINK: &str = "nlmon0";
const ALL_PROTOCOLS: u16 = 0x0003;
const GENERIC_NETLINK: u16 = 16;
/// The one family of generic netlink that is not IPVS and that labs use: it names the others.
const CONTROLLER: u16 = 16;
const REQUEST: u16 = 1;
const MESSAGE_HEADER: usize = 16;
const GENERIC_HEADER: usize = 4;
const ATTRIBUTE_HEADER: usize = 4;
const LARGEST: usize = 1 << 20;
const BUFFER: usize = 32 << 20;
/// How long a message may take to get here.
const LATE: Duration = Duration::from_millis(200);
/// The commands that change something; the places without a name are questions.
const COMMANDS: [&str; 18] = [
    "",
    "add service",
    "edit service",
    "remove service",
    "",
    "add",
    "edit",
    "remove",
    "",
    "start sync",
    "stop sync",
    "",
    "set timeouts",
    "",
    "",
    "",
    "zero",
    "flush",
];

/// A record of changes that goes on until it is dropped.
pub struct IpvsWrites {
    socket: Socket,
}

impl Host {
    /// Records from now on what is asked of the kernel about IPVS. Once for each host.
    ///
    /// # Panics
    /// When the kernel cannot show netlink messages.
    pub fn ipvs_writes(&self) -> IpvsWrites {
        self.ip(&["link", "add", LINK, "type", "nlmon"]);
        self.ip(&["link", "set", LINK, "up"]);
        IpvsWrites { socket: self.inside_thread(open) }
    }
}

impl IpvsWrites {
    /// The changes since the last call: `add service 192.0.2.51:80`, `add 192.0.2.11:80=1` with
    /// the weight, `remove 192.0.2.11:80`.
    pub fn take(&self) -> Vec<String> {
        thread::sleep(LATE);
        let mut space = vec![0; LARGEST];
        let mut changes = Vec::new();
        while let Some((length, is_generic)) = receive(&self.socket, &mut space) {
            if is_generic {
                read_messages(&space[..length], &mut changes);
            }
        }
        changes
    }
}

/// A packet socket on all links; what is not netlink is told by [`receive`].
fn open() -> Socket {
    let all = Some(Protocol::from(i32::from(ALL_PROTOCOLS.to_be())));
    let socket = must("open a packet socket", Socket::new(Domain::PACKET, Type::RAW, all));
    must("enlarge the buffer", setsockopt(&socket, sockopt::RcvBufForce, &BUFFER));
    must("never wait", socket.set_nonblocking(true));
    socket
}

/// The length of the next message, and whether it is one of generic netlink.
fn receive(socket: &Socket, space: &mut [u8]) -> Option<(usize, bool)> {
    let mut parts = [IoSliceMut::new(space)];
    let got: RecvMsg<'_, '_, LinkAddr> =
        recvmsg(socket.as_raw_fd(), &mut parts, None, MsgFlags::empty()).ok()?;
    Some((got.bytes, got.address?.protocol() == GENERIC_NETLINK.to_be()))
}

/// Many messages may come as one.
fn read_messages(mut bytes: &[u8], changes: &mut Vec<String>) {
    while let Some(length) = number(bytes).filter(|length| *length >= MESSAGE_HEADER) {
        let message = bytes.get(..length).unwrap_or(bytes);
        changes.extend(read_message(message));
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
}

fn read_message(message: &[u8]) -> Option<String> {
    let (kind, flags) = (short(message.get(4..)?)?, short(message.get(6..)?)?);
    let body = message.get(MESSAGE_HEADER..)?;
    let command = COMMANDS.get(usize::from(*body.first()?))?;
    if kind <= CONTROLLER || flags & REQUEST == 0 || command.is_empty() {
        return None;
    }
    let attributes = body.get(GENERIC_HEADER..)?;
    let object = match attribute(attributes, 2) {
        Some(destination) => read_destination(destination, command),
        None => attribute(attributes, 1).and_then(read_service),
    };
    Some([*command, object.as_deref().unwrap_or_default()].join(" ").trim_end().to_owned())
}

fn read_service(service: &[u8]) -> Option<String> {
    match attribute(service, 5).and_then(number) {
        Some(mark) => Some(format!("FWM {mark}")),
        None => place(service, [3, 4], attribute(service, 1)),
    }
}

fn read_destination(destination: &[u8], command: &str) -> Option<String> {
    let place = place(destination, [1, 2], attribute(destination, 11))?;
    if command == "remove" {
        return Some(place);
    }
    Some(format!("{place}={}", number(attribute(destination, 4)?)?))
}

/// Address and port, which are attributes of these numbers.
fn place(of: &[u8], [address, port]: [u16; 2], family: Option<&[u8]>) -> Option<String> {
    let (address, port) = (attribute(of, address)?, attribute(of, port)?);
    let is_ipv6 = family.and_then(short) == u16::try_from(nix::libc::AF_INET6).ok();
    let ip = if is_ipv6 {
        IpAddr::from(Ipv6Addr::from(<[u8; 16]>::try_from(address.get(..16)?).ok()?))
    } else {
        IpAddr::from(Ipv4Addr::from(<[u8; 4]>::try_from(address.get(..4)?).ok()?))
    };
    let port = u16::from_be_bytes(<[u8; 2]>::try_from(port.get(..2)?).ok()?);
    Some(SocketAddr::new(ip, port).to_string())
}

/// What the first attribute of this number holds.
fn attribute(mut bytes: &[u8], number: u16) -> Option<&[u8]> {
    const NUMBER: u16 = 0x3fff;
    loop {
        let length = usize::from(short(bytes)?);
        let value = bytes.get(ATTRIBUTE_HEADER..length)?;
        if short(bytes.get(2..)?)? & NUMBER == number {
            return Some(value);
        }
        bytes = bytes.get(length.next_multiple_of(4)..)?;
    }
}

fn short(bytes: &[u8]) -> Option<u16> {
    Some(u16::from_ne_bytes(<[u8; 2]>::try_from(bytes.get(..2)?).ok()?))
}

fn number(bytes: &[u8]) -> Option<usize> {
    let number = u32::from_ne_bytes(<[u8; 4]>::try_from(bytes.get(..4)?).ok()?);
    usize::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(number: u16, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(ATTRIBUTE_HEADER + value.len()).unwrap();
        let mut all = [length.to_ne_bytes(), number.to_ne_bytes()].concat();
        all.extend(value);
        all.resize(all.len().next_multiple_of(4), 0);
        all
    }

    fn message(flags: u16, command: u8, attributes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(MESSAGE_HEADER + GENERIC_HEADER + attributes.len()).unwrap();
        let mut all = length.to_ne_bytes().to_vec();
        all.extend([30_u16.to_ne_bytes(), flags.to_ne_bytes()].concat());
        all.extend([0; 8]);
        all.extend([command, 1, 0, 0]);
        all.extend(attributes);
        all
    }

    #[test]
    fn changes_are_read_and_questions_and_answers_are_not() {
        let address = [192, 0, 2, 51, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let port = 80_u16.to_be_bytes();
        let service = nested(1, &[nested(3, &address), nested(4, &port)].concat());
        let weight = nested(4, &7_u32.to_ne_bytes());
        let server = nested(2, &[nested(1, &address), nested(2, &port), weight].concat());
        let both = [service.clone(), server].concat();
        let all = [
            message(REQUEST, 1, &service),
            message(REQUEST, 5, &both),
            message(REQUEST, 7, &both),
            message(REQUEST, 8, &both),
            message(0, 5, &both),
            message(REQUEST, 17, &[]),
        ];
        let mut changes = Vec::new();
        read_messages(&all.concat(), &mut changes);
        let expected =
            ["add service 192.0.2.51:80", "add 192.0.2.51:80=7", "remove 192.0.2.51:80", "flush"];
        assert_eq!(changes, expected);
    }
}
