//! What holds for all instances of the daemon (compat 02).

use std::time::Duration;

/// Settings of the whole router.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `vrrp_startup_delay`: nobody acts before, counted from the start of the daemon.
    pub startup_delay: Duration,
    /// `vrrp_delay_after_boot`: the same, counted from the boot; the later moment counts.
    pub delay_after_boot: Duration,
    /// `log_unknown_vrids`: adverts of virtual routers that are not configured are named.
    pub names_unknown: bool,
    /// `fifo_write_vrrp_states_on_reload`: pipes hear every state again after a reload.
    pub tells_again: bool,
    /// `vrrp_rx_bufs_policy` and `vrrp_rx_bufs_multiplier`.
    pub receive_buffers: ReceiveBuffers,
}

/// How large the receive buffers of sockets are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReceiveBuffers {
    /// As the system has it, but for what instances ask for.
    #[default]
    System,
    /// So many bytes for each instance.
    Bytes(u32),
    /// So many of its adverts for each instance.
    Adverts(u32),
    /// So many times the MTU of the link for each instance.
    Mtus(u32),
}
