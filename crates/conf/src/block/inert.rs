//! Blocks that are only recognised: their keywords stand at the right place and do nothing yet.
//!
//! Each moves into a module of its own when it takes effect.

use crate::keyword::Keyword;

type Row = Keyword<()>;

/// `track_group`.
pub(crate) static TRACK_GROUP: &[Row] = &[Row::inert_list("group", "the instances of the group")];

/// `garp_group`.
pub(crate) static GARP_GROUP: &[Row] = &[
    Row::inert("garp_interval", "pause between gratuitous ARPs"),
    Row::inert("gna_interval", "pause between neighbour adverts"),
    Row::inert("interface", "an interface of the group"),
    Row::inert_list("interfaces", "interfaces that share one limit"),
];

/// `vrrp_track_process`.
pub(crate) static TRACK_PROCESS: &[Row] = &[
    Row::inert("process", "the process and its parameters"),
    Row::inert("param_match", "how parameters are compared"),
    Row::inert("weight", "what it adds to the priority of its users"),
    Row::inert("quorum", "least number of processes"),
    Row::inert("quorum_max", "largest number of processes"),
    Row::inert("delay", "seconds before a change counts"),
    Row::inert("terminate_delay", "seconds before an end counts"),
    Row::inert("fork_delay", "seconds before a start counts"),
    Row::inert("full_command", "compares the whole command line"),
];

/// `track_file` and `vrrp_track_file`.
pub(crate) static TRACK_FILE: &[Row] = &[
    Row::inert("file", "the file"),
    Row::inert("weight", "factor of the file's value"),
    Row::inert("init_file", "creates the file at the start"),
];

/// `bfd_instance`.
pub(crate) static BFD_INSTANCE: &[Row] = &[
    Row::inert("neighbor_ip", "the peer's address"),
    Row::inert("neighbour_ip", "the peer's address"),
    Row::inert("source_ip", "the own address"),
    Row::inert("min_rx", "least milliseconds between received packets"),
    Row::inert("min_tx", "least milliseconds between sent packets"),
    Row::inert("idle_tx", "milliseconds between packets while down"),
    Row::inert("multiplier", "lost packets that make it down"),
    Row::inert("passive", "waits for the peer"),
    Row::inert("ttl", "TTL of sent packets"),
    Row::inert("hoplimit", "TTL of sent packets"),
    Row::inert("max_hops", "hops a packet may have come"),
    Row::inert("multihop", "runs across routers"),
    Row::inert("weight", "what it adds to the priority of its users"),
    Row::inert("vrrp", "tells the VRRP part"),
    Row::inert("checker", "tells the checkers"),
];

/// `SSL`.
pub(crate) static SSL: &[Row] = &[
    Row::inert("password", "pass phrase of the key"),
    Row::inert("ca", "file of trusted certificates"),
    Row::inert("certificate", "file of the own certificate"),
    Row::inert("key", "file of the own key"),
];

/// `auth_hmac`.
pub(crate) static AUTH_HMAC: &[Row] = &[
    Row::inert("key", "a key and its number"),
    Row::inert("active_key", "number of the key for sending"),
    Row::inert("time_window", "seconds that an advert stays fresh"),
    Row::inert("anti_replay", "how freshness is checked"),
    Row::inert("mode", "whether others are still accepted"),
];
