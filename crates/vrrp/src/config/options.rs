//! The switches of an instance that most leave alone.

use crate::units::Priority;

/// Switches of an instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `strict_mode`: what follows from it stands in the other values.
    pub strict: bool,
    /// `lower_prio_no_advert`: do not answer an advert of lower priority.
    pub lower_priority_no_advert: bool,
    /// `higher_prio_send_advert`: send one advert before yielding.
    pub higher_priority_send_advert: bool,
    /// `skip_check_adv_addr`: do not compare the addresses of a master already heard.
    pub skip_address_check: bool,
    /// `check_unicast_src`: only peers may send.
    pub check_unicast_source: bool,
    /// `owner_ignore_adverts`: the address owner does not listen.
    pub owner_ignores_adverts: bool,
    /// `track_src_ip`: a fault while its source address is missing.
    pub tracks_source: bool,
    /// `promote_secondaries`: the kernel keeps addresses of its link when their first one goes.
    pub promotes_secondaries: bool,
    /// `linkbeat_use_polling`: its link is polled.
    pub polls_link: bool,
    /// `old_unicast_checksum`.
    pub unicast_checksum: UnicastChecksum,
    /// `v3_checksum_as_v2`: no pseudo header in the checksum.
    pub checksum_as_v2: bool,
    /// `timer_expired_backup`: it steps down when it was not scheduled long enough for a router
    /// of this priority to take over.
    pub steps_down_for: Option<Priority>,
    /// `kernel_rx_buf_size`: bytes that its socket gets.
    pub receive_buffer: u32,
    /// `notify_priority_changes`: pipes hear of changes of the priority too.
    pub tells_priority: bool,
    /// What it does besides; nothing acts on it yet.
    pub later: LaterOptions,
}

/// Switches of an instance that nothing acts on yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LaterOptions {
    /// `no_accept`, or strict: packets to its addresses are dropped unless it owns them.
    pub refuses_packets: bool,
    /// `use_vmac_addr`: macvlans also for its addresses on other links.
    pub vmac_for_addresses: bool,
}

/// The checksum of VRRPv3 adverts to peers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnicastChecksum {
    /// What the peers turn out to use.
    #[default]
    Detected,
    /// That of releases before 1.3.7.
    Old,
    /// Never the old one.
    Never,
}
