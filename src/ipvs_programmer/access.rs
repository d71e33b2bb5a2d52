//! How this process gets at the kernel's IPVS: in which network namespace its table is, with which
//! receive buffer, and under which name in nftables. What is done with the table is decided elsewhere.

use std::process::{Command, Stdio};

use conf::IpvsNamespace;
use ipvs::Socket;
use sys::namespace::{Network, within};
use sys::socket::ReceiveBuffer;

use super::Error;

/// The way to the table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Access {
    /// `net_namespace_ipvs`; `None` is the daemon's own.
    pub(crate) namespace: Option<IpvsNamespace>,
    /// `lvs_netlink_cmd_rcv_bufs`; `None` is our own choice.
    pub(crate) buffer: Option<ReceiveBuffer>,
    /// What the daemon's tables of nftables are known by, also to the next run of it.
    pub(crate) owner: String,
}

impl Access {
    /// Opens a socket there, and loads the kernel's module where it is missing.
    ///
    /// # Errors
    /// When the kernel has no IPVS, or there is no such namespace.
    pub(crate) fn open(&self) -> Result<Socket, Error> {
        let socket = match self.within(Socket::open)? {
            Err(ipvs::Error::NoFamily) => {
                load_module();
                self.within(Socket::open)?
            }
            opened => opened,
        }?;
        if let Some(buffer) = self.buffer {
            socket.set_receive_buffer(buffer)?;
        }
        Ok(socket)
    }

    /// Does something where the table is. Sockets that it opens stay there.
    ///
    /// # Errors
    /// When there is no such namespace.
    pub(crate) fn within<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, Error> {
        let network = match &self.namespace {
            None => return Ok(work()),
            Some(IpvsNamespace::Initial) => Network::OfProcessOne,
            Some(IpvsNamespace::Named(name)) => Network::Named(name),
        };
        Ok(within(network, work)?)
    }
}

/// Loads the kernel module, which may be there without having been used yet.
fn load_module() {
    let mut command = Command::new("modprobe");
    command.args(["-va", "ip_vs"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // The next attempt to use it says all there is to say.
    let _ = command.status();
}
