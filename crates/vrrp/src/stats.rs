//! What an instance counts (compat 11 §18); the names are those of the counters users see.

/// The counters of one instance, kept over reloads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Adverts that passed every check.
    pub advert_rcvd: u64,
    /// Adverts sent; the copies for several peers count once.
    pub advert_sent: u32,
    /// Times it became master.
    pub become_master: u32,
    /// Times it stopped being master.
    pub release_master: u32,
    /// Packets whose length does not fit their content.
    pub packet_len_err: u64,
    /// Packets whose interval differs (VRRPv2).
    pub advert_interval_err: u64,
    /// Packets with the wrong TTL.
    pub ip_ttl_err: u64,
    /// Packets that are no advert.
    pub invalid_type_rcvd: u64,
    /// Packets whose addresses or destination differ.
    pub addr_list_err: u64,
    /// Packets with an unknown authentication type.
    pub invalid_authtype: u32,
    /// Packets with another authentication type than ours.
    pub authtype_mismatch: u32,
    /// Packets with a wrong password.
    pub auth_failure: u32,
    /// Packets without the trailer that they must have (`auth_hmac`).
    pub auth_ext_missing: u64,
    /// Packets whose trailer is malformed.
    pub auth_ext_malformed: u64,
    /// Packets whose trailer names a key that is not configured.
    pub auth_ext_unknown_key: u64,
    /// Packets whose trailer was not made with its key.
    pub auth_ext_invalid_hmac: u64,
    /// Packets whose trailer is too old or too new.
    pub auth_ext_stale: u64,
    /// Packets whose trailer was seen before.
    pub auth_ext_replay: u64,
    /// Adverts of priority 0 received.
    pub pri_zero_rcvd: u64,
    /// Adverts of priority 0 sent.
    pub pri_zero_sent: u64,
    /// Packets with a wrong checksum (RFC 6527).
    pub chk_err: u64,
    /// Packets of another version (RFC 6527).
    pub vers_err: u64,
}
