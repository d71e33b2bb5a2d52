//! What can be seen of the core at one moment, for dumps and statistics. Owned: whoever reads it
//! does not hold the core up.

use std::sync::Arc;

use net::{Destination, Service};

use crate::config::Identity;
use crate::health::{Check, Health};
use crate::quorum::Standing;
use crate::real_server::RealServer;

/// What can be seen of a virtual server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// What it is.
    pub identity: Arc<Identity>,
    /// Its services in the kernel.
    pub services: Arc<[Service]>,
    /// Its quorum is met.
    pub met: bool,
    /// Only the sorry server serves.
    pub sorry: bool,
    /// The sum of the weights of the servers that are up.
    pub live_weight: u64,
    /// Its servers, in the order of the file.
    pub servers: Vec<ServerView>,
}

/// What can be seen of a server of a virtual server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerView {
    /// It is up.
    pub up: bool,
    /// How many of its checks have failed.
    pub failed: usize,
    /// What the kernel shall have of it now; `None` while it shall have nothing.
    pub wanted: Option<Destination>,
    /// What the kernel has of it while it serves: its weight is what is configured and what checks
    /// add to it.
    pub serving: Destination,
    /// Its checks, in the order of the file.
    pub checks: Vec<CheckView>,
}

/// What can be seen of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckView {
    /// The server is up as far as the check knows.
    pub up: bool,
    /// It has found something out.
    pub has_run: bool,
    /// Failures in a row while it is up.
    pub failures: u32,
}

impl RealServer {
    pub(crate) fn view(&self, standing: Standing) -> ServerView {
        ServerView {
            up: self.is_up(),
            failed: self.failed,
            wanted: self.destination(standing),
            serving: self.serving(),
            checks: self.checks.iter().map(Check::view).collect(),
        }
    }
}

impl Check {
    const fn view(&self) -> CheckView {
        let (has_run, failures) = match self.health {
            Health::Untried { .. } => (false, 0),
            Health::Good { failures } => (true, failures),
            Health::Bad => (true, 0),
        };
        CheckView { up: self.health.is_up(), has_run, failures }
    }
}
