//! What goes into the core and what comes out of it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use net::{Destination, Marking, Service};

use crate::alert::Alert;
use crate::config::{Config, MiscCheck};
use crate::event::Event;
use crate::notice::Notice;
use crate::probe::{Outcome, Probe};
use crate::units::{CheckId, Generation, ServerId};

/// What is known when a director begins.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The values of tracked files, by their names. Of a server whose file nobody has read yet
    /// that file says nothing.
    pub files: BTreeMap<Arc<str>, i64>,
    /// The addresses of this machine, or those at least that [`Config::awaited`] names.
    pub addresses: BTreeSet<IpAddr>,
    /// The BFD sessions that are known to be down.
    pub sessions_down: BTreeSet<Arc<str>>,
}

/// Something that happened.
#[derive(Debug)]
pub enum Input {
    /// A deadline may have passed.
    Timeout,
    /// An attempt that [`Effect::Try`] or [`Effect::Run`] asked for has ended.
    Tried {
        /// The check.
        check: CheckId,
        /// What came of it.
        outcome: Outcome,
    },
    /// A tracked file has this value now; the same may be said twice.
    Value {
        /// The name of the tracked file.
        file: Arc<str>,
        /// Its value.
        value: i64,
    },
    /// A BFD session is up or down; the same may be said twice.
    Session {
        /// Its name.
        name: Arc<str>,
        /// Whether it is up.
        up: bool,
    },
    /// This machine has these addresses now, of those at least that [`Config::awaited`] names.
    Addresses(BTreeSet<IpAddr>),
    /// The kernel now has what this order asked for, as far as it lets itself be asked.
    Settled {
        /// The owner of the order.
        owner: ServerId,
        /// The order's generation.
        generation: Generation,
    },
    /// A new configuration, loaded and checked.
    Reconfigure(Arc<Config>),
    /// Take everything out of the kernel.
    Stop,
    /// End, but leave the kernel as it is and tell nobody (`--dont-release-ipvs`).
    Abandon,
}

/// Something to do.
#[derive(Debug)]
pub enum Effect {
    /// Make one attempt. Its outcome comes back as [`Input::Tried`], whatever happens.
    Try {
        /// The check.
        check: CheckId,
        /// What to try.
        probe: Probe,
    },
    /// Run a program, for as long as it may take. Its outcome comes back as [`Input::Tried`] too,
    /// whatever happens.
    Run {
        /// The check.
        check: CheckId,
        /// What to run.
        program: Arc<MiscCheck>,
    },
    /// Nobody waits for the attempt of this check any more.
    Forget {
        /// The check.
        check: CheckId,
    },
    /// Tell the outside that a server or a service went up or down.
    Notify(Notice),
    /// Somebody wants a mail about this.
    Alert(Alert),
    /// Tell the operator.
    Report(Event),
    /// The kernel has everything that the configuration begins with.
    Ready,
    /// After [`Input::Stop`]: the kernel has nothing of it left. After [`Input::Abandon`]: at once.
    Stopped,
}

/// What the kernel shall hold for one virtual server; replaces every earlier order of that owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Whose order it is.
    pub owner: ServerId,
    /// Its version.
    pub generation: Generation,
    /// Its place in the file among those that share services: the first one decides how they are
    /// set up. 0 for one that shares none.
    pub place: u32,
    /// The services; empty when nothing shall be left.
    pub services: Arc<[Service]>,
    /// The packets that are to be marked for them; empty where nftables marks nothing.
    pub markings: Arc<[Marking]>,
    /// The destinations of each of the services, no two with the same key. With anything but
    /// NAT the kernel gets the service's port in place of theirs.
    pub destinations: Arc<[Destination]>,
}
