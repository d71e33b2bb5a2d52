//! What the kernel holds, as far as this process knows, and the only way to change it.
//!
//! Kept by dump and by event. Own edits are noted when they are made; their events come later,
//! and are told from other people's by the port of the socket that asked.

use std::collections::HashSet;
use std::net::IpAddr;

use net::{Link, LinkIndex};
use rtnl::{Change, Failure, Monitor, Socket};
use sys::socket::ReceiveBuffer;

use super::Listening;
use super::owners::By;
use crate::log::Log;

type Place = (LinkIndex, IpAddr, u8);

pub(super) struct Kernel {
    socket: Socket,
    monitor: Option<Monitor>,
    present: HashSet<Place>,
    monitor_buffer: Option<ReceiveBuffer>,
    log: Log,
}

impl Kernel {
    /// With the receive buffers that the operator chose for requests and for news.
    pub(super) fn open(
        Listening { answers, news: monitor_buffer, .. }: Listening,
        log: Log,
    ) -> Result<(Self, Vec<Link>), rtnl::Error> {
        let socket = Socket::open()?;
        log.detail("Registering Kernel netlink command channel");
        if let Some(Err(error)) = answers.map(|buffer| socket.set_receive_buffer(buffer)) {
            log.info(format!("vrrp: vrrp_netlink_cmd_rcv_bufs is not possible: {error}"));
        }
        let (monitor, present) = (None, HashSet::new());
        let mut kernel = Self { socket, monitor, present, monitor_buffer, log };
        let links = kernel.read_all()?;
        Ok((kernel, links))
    }

    /// Starts to listen, inside the runtime.
    pub(super) fn watch(&mut self) -> Result<(), rtnl::Error> {
        let monitor = Monitor::open()?;
        self.log.detail("Registering Kernel netlink reflector");
        let given = self.monitor_buffer.map(|buffer| monitor.set_receive_buffer(buffer));
        if let Some(Err(error)) = given {
            let keyword = "vrrp_netlink_monitor_rcv_bufs";
            self.log.info(format!("vrrp: {keyword} is not possible: {error}"));
        }
        self.monitor = Some(monitor);
        Ok(())
    }

    /// Hears of routes and rules too, from now on.
    pub(super) fn watch_routing(&mut self) -> std::io::Result<()> {
        self.monitor.as_mut().map_or(Ok(()), Monitor::watch_routing)
    }

    pub(super) fn read_all(&mut self) -> Result<Vec<Link>, rtnl::Error> {
        let installed = self.socket.addresses()?;
        self.present = installed
            .into_iter()
            .map(|found| (found.index, found.address.ip, found.address.prefix))
            .collect();
        self.socket.links()
    }

    /// The next news; waits for ever when there is no monitor.
    pub(super) async fn events(&mut self) -> Vec<rtnl::Event> {
        match &mut self.monitor {
            Some(monitor) => match monitor.next().await {
                Ok(events) => events,
                // Whatever it was, events may be missing: the same cure.
                Err(_) => vec![rtnl::Event::Overrun],
            },
            None => std::future::pending().await,
        }
    }

    pub(super) fn holds(&self, index: LinkIndex, ip: IpAddr, prefix: u8) -> bool {
        self.present.contains(&(index, ip, prefix))
    }

    /// Whether an address is there with any prefix.
    pub(super) fn holds_any(&self, index: LinkIndex, ip: IpAddr) -> bool {
        self.present.iter().any(|(on, held, _)| (*on, *held) == (index, ip))
    }

    /// Whether an edit was made by somebody else.
    pub(super) fn is_foreign(&self, by: u32) -> bool {
        by != self.socket.port()
    }

    /// Who made an edit of which the kernel says so.
    pub(super) fn author(&self, by: u32) -> By {
        match by {
            0 => By::Kernel,
            _ if self.is_foreign(by) => By::Others,
            _ => By::Us,
        }
    }

    /// Whether it is new.
    pub(super) fn seen(&mut self, index: LinkIndex, ip: IpAddr, prefix: u8) -> bool {
        self.present.insert((index, ip, prefix))
    }

    /// Every address, by link.
    pub(super) fn all(&self) -> Vec<(LinkIndex, IpAddr)> {
        let mut all: Vec<_> = self.present.iter().map(|(index, ip, _)| (*index, *ip)).collect();
        all.sort_unstable();
        all
    }

    pub(super) fn gone(&mut self, index: LinkIndex, ip: IpAddr, prefix: u8) {
        self.present.remove(&(index, ip, prefix));
    }

    pub(super) fn link_gone(&mut self, index: LinkIndex) {
        self.present.retain(|(on, ..)| *on != index);
    }

    /// Makes a batch of changes and returns what was refused, which does not stop the others. An
    /// address then counts as being where it was wanted, so that nothing is tried for ever.
    pub(super) fn apply(&mut self, changes: &[Change]) -> Vec<Failure> {
        let failures = self.socket.apply(changes);
        for change in changes {
            match change {
                Change::AddAddress(address, index) => {
                    self.present.insert((*index, address.ip, address.prefix));
                }
                Change::RemoveAddress(key, _, index) => {
                    self.present.remove(&(*index, key.ip, key.prefix));
                }
                Change::AddRoute(_)
                | Change::RemoveRoute(_)
                | Change::AddRule(_)
                | Change::RemoveRule(_) => {}
            }
        }
        failures
    }

    /// Tells the operator of a refusal.
    pub(super) fn report(&self, failure: &Failure, change: Option<&Change>) {
        let what = match change {
            Some(Change::AddRoute(placed)) => format!("adding route {}", placed.route()),
            Some(Change::RemoveRoute(placed)) => format!("removing route {}", placed.route()),
            Some(Change::AddRule(rule)) => format!("adding rule {rule}"),
            Some(Change::RemoveRule(rule)) => format!("removing rule {rule}"),
            Some(Change::AddAddress(address, _)) => format!("adding {address} to {}", address.link),
            Some(Change::RemoveAddress(key, ..)) => {
                format!("removing {} from {}", key.ip, key.link)
            }
            None => "a request".to_owned(),
        };
        let (name, number) = (failure.message_name(), failure.message_type);
        let text = std::io::Error::from_raw_os_error(failure.errno);
        self.log.info(format!(
            "Netlink: error: {text}({}), type={name}({number}), seq={}, pid=0 while {what}",
            failure.errno, failure.sequence
        ));
    }
}
