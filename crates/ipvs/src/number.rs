//! The numbers of the kernel's interface: `include/uapi/linux/ip_vs.h` and `genetlink.h`.
//!
//! Constants only; what carries them is decided beside the values.

/// `AF_INET`.
pub(crate) const INET: u16 = 2;
/// `AF_INET6`.
pub(crate) const INET6: u16 = 10;

/// The version of the family, which the kernel does not look at (`IPVS_GENL_VERSION`).
pub(crate) const VERSION: u8 = 1;

/// The family that knows the others (`GENL_ID_CTRL`).
pub(crate) mod control {
    /// `GENL_ID_CTRL`.
    pub(crate) const FAMILY: u16 = 16;
    /// `CTRL_CMD_GETFAMILY`.
    pub(crate) const GET_FAMILY: u8 = 3;
    /// `CTRL_ATTR_FAMILY_ID`.
    pub(crate) const FAMILY_ID: u16 = 1;
    /// `CTRL_ATTR_FAMILY_NAME`.
    pub(crate) const FAMILY_NAME: u16 = 2;
}

/// Commands (`IPVS_CMD_*`).
pub(crate) mod command {
    pub(crate) const NEW_SERVICE: u8 = 1;
    pub(crate) const SET_SERVICE: u8 = 2;
    pub(crate) const DEL_SERVICE: u8 = 3;
    pub(crate) const GET_SERVICE: u8 = 4;
    pub(crate) const NEW_DEST: u8 = 5;
    pub(crate) const SET_DEST: u8 = 6;
    pub(crate) const DEL_DEST: u8 = 7;
    pub(crate) const GET_DEST: u8 = 8;
    pub(crate) const NEW_DAEMON: u8 = 9;
    pub(crate) const DEL_DAEMON: u8 = 10;
    pub(crate) const GET_DAEMON: u8 = 11;
    pub(crate) const SET_CONFIG: u8 = 12;
    pub(crate) const GET_CONFIG: u8 = 13;
    pub(crate) const GET_INFO: u8 = 15;
    pub(crate) const FLUSH: u8 = 17;
}

/// Attributes of a message (`IPVS_CMD_ATTR_*`).
pub(crate) mod top {
    pub(crate) const SERVICE: u16 = 1;
    pub(crate) const DEST: u16 = 2;
    pub(crate) const DAEMON: u16 = 3;
    pub(crate) const TIMEOUT_TCP: u16 = 4;
    pub(crate) const TIMEOUT_TCP_FIN: u16 = 5;
    pub(crate) const TIMEOUT_UDP: u16 = 6;
}

/// Attributes of a synchronisation daemon (`IPVS_DAEMON_ATTR_*`), and its states (`IP_VS_STATE_*`).
pub(crate) mod daemon {
    pub(crate) const STATE: u16 = 1;
    pub(crate) const MCAST_IFN: u16 = 2;
    pub(crate) const SYNC_ID: u16 = 3;
    pub(crate) const SYNC_MAXLEN: u16 = 4;
    pub(crate) const MCAST_GROUP: u16 = 5;
    pub(crate) const MCAST_GROUP6: u16 = 6;
    pub(crate) const MCAST_PORT: u16 = 7;
    pub(crate) const MCAST_TTL: u16 = 8;
    pub(crate) const MASTER: u32 = 1;
    pub(crate) const BACKUP: u32 = 2;
}

/// Attributes of a service (`IPVS_SVC_ATTR_*`).
pub(crate) mod service {
    pub(crate) const AF: u16 = 1;
    pub(crate) const PROTOCOL: u16 = 2;
    pub(crate) const ADDR: u16 = 3;
    pub(crate) const PORT: u16 = 4;
    pub(crate) const FWMARK: u16 = 5;
    pub(crate) const SCHED_NAME: u16 = 6;
    pub(crate) const FLAGS: u16 = 7;
    pub(crate) const TIMEOUT: u16 = 8;
    pub(crate) const NETMASK: u16 = 9;
    pub(crate) const STATS: u16 = 10;
    pub(crate) const PE_NAME: u16 = 11;
    pub(crate) const STATS64: u16 = 12;
    /// Clients keep their destination (`IP_VS_SVC_F_PERSISTENT`).
    pub(crate) const PERSISTENT: u32 = 1;
}

/// Attributes of a destination (`IPVS_DEST_ATTR_*`).
pub(crate) mod destination {
    pub(crate) const ADDR: u16 = 1;
    pub(crate) const PORT: u16 = 2;
    pub(crate) const FWD_METHOD: u16 = 3;
    pub(crate) const WEIGHT: u16 = 4;
    pub(crate) const U_THRESH: u16 = 5;
    pub(crate) const L_THRESH: u16 = 6;
    pub(crate) const ACTIVE_CONNS: u16 = 7;
    pub(crate) const INACT_CONNS: u16 = 8;
    pub(crate) const PERSIST_CONNS: u16 = 9;
    pub(crate) const STATS: u16 = 10;
    pub(crate) const ADDR_FAMILY: u16 = 11;
    pub(crate) const STATS64: u16 = 12;
    pub(crate) const TUN_TYPE: u16 = 13;
    pub(crate) const TUN_PORT: u16 = 14;
    pub(crate) const TUN_FLAGS: u16 = 15;
}

/// Counters (`IPVS_STATS_ATTR_*`).
pub(crate) mod statistics {
    pub(crate) const CONNECTIONS: u16 = 1;
    pub(crate) const PACKETS_IN: u16 = 2;
    pub(crate) const PACKETS_OUT: u16 = 3;
    pub(crate) const BYTES_IN: u16 = 4;
    pub(crate) const BYTES_OUT: u16 = 5;
    pub(crate) const CONNECTION_RATE: u16 = 6;
    pub(crate) const PACKET_RATE_IN: u16 = 7;
    pub(crate) const PACKET_RATE_OUT: u16 = 8;
    pub(crate) const BYTE_RATE_IN: u16 = 9;
    pub(crate) const BYTE_RATE_OUT: u16 = 10;
}

/// How packets get to a destination (`IP_VS_CONN_F_*`).
pub(crate) mod forwarding {
    /// The bits of the method among the others (`IP_VS_CONN_F_FWD_MASK`).
    pub(crate) const MASK: u32 = 7;
    pub(crate) const MASQ: u32 = 0;
    pub(crate) const LOCALNODE: u32 = 1;
    pub(crate) const TUNNEL: u32 = 2;
    pub(crate) const DROUTE: u32 = 3;
}

/// What a tunnelled packet is put into (`IP_VS_CONN_F_TUNNEL_TYPE_*`, and
/// `IP_VS_TUNNEL_ENCAP_FLAG_*`).
pub(crate) mod tunnel {
    pub(crate) const IPIP: u8 = 0;
    pub(crate) const GUE: u8 = 1;
    pub(crate) const GRE: u8 = 2;
    pub(crate) const NOCSUM: u16 = 0;
    pub(crate) const CSUM: u16 = 1;
    pub(crate) const REMCSUM: u16 = 2;
}

/// Attributes of general information (`IPVS_INFO_ATTR_*`).
pub(crate) mod info {
    pub(crate) const VERSION: u16 = 1;
    pub(crate) const CONN_TAB_SIZE: u16 = 2;
}
