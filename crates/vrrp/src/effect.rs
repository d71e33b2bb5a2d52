//! What goes into the core and what comes out of it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use net::{AddressKey, Family, Link, LinkIndex, LinkName};

use crate::config::{Command, Config};
use crate::event::Event;
use crate::gate::Gate;
use crate::holdings::Holdings;
use crate::notice::Notice;
use crate::units::{Generation, InstanceId, Name, Run};

/// Something that happened.
#[derive(Debug)]
pub enum Input<'a> {
    /// The time since 1970 (UTC), for the trailers of adverts (`auth_hmac`). Between two of these
    /// the clock goes on by itself.
    Clock(Duration),
    /// Adverts may be due. Only masters act; backups wait for [`Input::Timeout`], so that a
    /// driver which was held up can read its sockets before anybody takes over.
    Tick,
    /// A deadline may have passed.
    Timeout,
    /// A packet of VRRP or with an authentication header came in, its IP header included.
    Packet {
        /// Where it came in.
        gate: &'a Gate,
        /// The whole packet.
        bytes: &'a [u8],
    },
    /// A link is there, or something about it changed.
    Link(Link),
    /// A link is gone.
    LinkGone(LinkName),
    /// A run of a check script ended.
    ScriptEnded {
        /// The script.
        script: Name,
        /// Which run of it.
        run: Run,
        /// How it ended.
        outcome: ScriptOutcome,
    },
    /// The value of a watched file; the same may be said twice.
    File {
        /// The file.
        file: Name,
        /// What it holds.
        value: i32,
    },
    /// How many processes of a kind run; the same may be said twice.
    Processes {
        /// The watched process.
        process: Name,
        /// How many there are.
        count: u32,
        /// Why they were counted.
        why: Recount,
    },
    /// A BFD session is up or down; the same may be said twice. Those that nothing was heard of
    /// are down.
    Session {
        /// Its name.
        name: Name,
        /// Whether it is up.
        up: bool,
    },
    /// Where no socket can be opened; replaces what was said before.
    Deaf(BTreeSet<Gate>),
    /// The kernel now has what this order asked for, as far as it lets itself be asked.
    Settled {
        /// The owner of the order.
        owner: OwnerId,
        /// The order's generation.
        generation: Generation,
    },
    /// A new configuration, loaded and checked.
    Reconfigure(Box<Config>),
    /// Every counter begins anew.
    ClearStatistics,
    /// Give everything up.
    Stop,
    /// End, but leave every address where it is and call nobody (`--dont-release-vrrp`).
    Abandon,
}

/// What is known of the world when a router starts. What is not known is waited for.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The links.
    pub links: Vec<Link>,
    /// The values of watched files.
    pub files: BTreeMap<Name, i32>,
    /// How many of the watched processes run.
    pub processes: BTreeMap<Name, u32>,
}

impl From<Vec<Link>> for Facts {
    fn from(links: Vec<Link>) -> Self {
        Self { links, ..Self::default() }
    }
}

/// Why processes were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recount {
    /// One forked.
    Forked,
    /// One exited.
    Exited,
    /// One became another by exec or by changing its name, or this is the first look.
    Became,
    /// News of them were lost.
    Lost,
}

/// Something to do.
#[derive(Debug)]
pub enum Effect {
    /// What the kernel shall hold for one instance; replaces every earlier order of that owner.
    Order(Order),
    /// Start a check script. Its end comes back as [`Input::ScriptEnded`].
    Run {
        /// The script.
        script: Name,
        /// The number of this run.
        run: Run,
        /// What to run.
        command: Command,
    },
    /// Send a signal to the process group of a running check script.
    Signal {
        /// The script.
        script: Name,
        /// Which run of it.
        run: Run,
        /// The signal.
        signal: ScriptSignal,
    },
    /// Tell the outside (scripts, FIFOs, mail) of a transition.
    Notify(Notice),
    /// Tell the operator, in the log.
    Report(Event),
    /// Every instance has reached its first state, and the kernel shows it.
    Ready,
    /// After [`Input::Stop`]: nothing is left to do.
    Stopped,
}

/// A packet to send, before anything else is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmission {
    /// Where it goes out.
    pub gate: Gate,
    /// Its destination.
    pub destination: IpAddr,
    /// The whole packet with its IP header; the kernel fills the checksum of IPv4's in.
    pub packet: Vec<u8>,
    /// Whether it releases the virtual router: a failure on a link that is down is no news then.
    pub release: bool,
    /// The instance that sends it, for the log line of a failure.
    pub instance: Name,
}

/// What a gate has to be like for those who use it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// The gate.
    pub gate: Gate,
    /// The number of its device, if it has one: a link that was made again needs a new socket.
    pub index: Option<LinkIndex>,
    /// The family.
    pub family: Family,
    /// Adverts come under an authentication header.
    pub authenticated: bool,
    /// The multicast groups to join there.
    pub groups: Vec<IpAddr>,
    /// Bytes of its receive buffer; `None` leaves that to the system.
    pub receive_buffer: Option<u64>,
}

/// Who asks for something to be in the kernel. What is static comes first: instances may lean
/// on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OwnerId {
    /// The objects that are always there.
    Statics,
    /// A virtual router.
    Instance(InstanceId),
}

/// What the kernel shall hold for one owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Whose order it is.
    pub owner: OwnerId,
    /// The name for log lines.
    pub name: Name,
    /// Which version of the owner's wish this is.
    pub generation: Generation,
    /// Everything that the owner may hold; nothing when it is gone. What it held before and may
    /// no longer hold is removed.
    pub holdings: Holdings,
    /// Whether it shall hold them now; if not, they are removed wherever they are.
    pub installed: bool,
    /// How often the addresses have been announced so far, and how.
    pub announce: Announce,
    /// How often those of further links have been announced by themselves, while it holds them
    /// (`garp_extra_if`).
    pub extra: OneRound,
    /// How often its own source address has been announced, whatever it holds: whoever comes out
    /// of FAULT may be known by another port, or forgotten.
    pub own: OneRound,
}

/// A request to announce: a burst is due whenever `count` is new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Announce {
    /// How many bursts were asked for in the life of the instance.
    pub count: u64,
    /// Rounds of the newest burst.
    pub rounds: u32,
}

/// A request to announce some addresses once: due whenever `count` is new.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OneRound {
    /// How often it was asked for in the life of the instance.
    pub count: u64,
    /// The addresses.
    pub addresses: Arc<[AddressKey]>,
}

/// How a run of a check script ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptOutcome {
    /// It exited with this status.
    Exited(i32),
    /// A signal ended it.
    Signalled(i32),
    /// It could not be started: says nothing about what it checks.
    NotRun,
}

/// What a check script is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptSignal {
    /// SIGTERM, at its timeout.
    Terminate,
    /// SIGKILL, when that did not help.
    Kill,
    /// SIGTERM and, when that does not help, SIGKILL: nobody waits for its result any more.
    End,
}
