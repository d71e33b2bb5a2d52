//! Receive buffers of sockets.

/// The receive buffers; what is not set is the kernel's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buffers {
    /// `vrrp_netlink_cmd_rcv_bufs`: answers to the commands of VRRP.
    pub vrrp_commands: ReceiveBuffer,
    /// `vrrp_netlink_monitor_rcv_bufs`: what VRRP hears of interfaces.
    pub vrrp_monitor: ReceiveBuffer,
    /// `process_monitor_rcv_bufs`: what is heard of processes.
    pub process_monitor: ReceiveBuffer,
    /// `lvs_netlink_cmd_rcv_bufs`: answers to the commands of load balancing.
    pub lvs_commands: ReceiveBuffer,
    /// `lvs_netlink_monitor_rcv_bufs`: what load balancing hears of interfaces.
    pub lvs_monitor: ReceiveBuffer,
    /// The sockets that adverts come in by.
    pub vrrp: VrrpBuffer,
}

/// One receive buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceiveBuffer {
    /// Its size; never 0.
    pub bytes: Option<u32>,
    /// It may exceed the system's limit (`..._force`).
    pub force: bool,
}

/// The receive buffer of adverts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VrrpBuffer {
    /// `vrrp_rx_bufs_policy`.
    pub policy: Option<BufferPolicy>,
    /// `vrrp_rx_bufs_multiplier`: factor of all policies but a size.
    pub multiplier: u32,
}

/// What the receive buffer of adverts is measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BufferPolicy {
    /// The MTU of the interface.
    Mtu,
    /// The size of the largest advert.
    Advert,
    /// This number of bytes.
    Bytes(u32),
}

impl Default for VrrpBuffer {
    fn default() -> Self {
        Self { policy: None, multiplier: 3 }
    }
}
