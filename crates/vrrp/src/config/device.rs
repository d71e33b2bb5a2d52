//! Interfaces of its own that an instance may run on; nothing creates them yet.

use std::net::IpAddr;

use net::{LinkName, MacAddress};

/// What an instance runs on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Device {
    /// Its link.
    #[default]
    Link,
    /// A macvlan with a MAC address of its own (`use_vmac`).
    Vmac(Vmac),
    /// An ipvlan (`use_ipvlan`).
    Ipvlan(Ipvlan),
}

/// A macvlan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vmac {
    /// Its name; without one it is made of the number.
    pub name: Option<LinkName>,
    /// Its address; without one that of the RFC.
    pub mac: Option<MacAddress>,
    /// `netlink_notify_msg`: the base interface is touched so that others hear of it.
    pub notify: bool,
    /// `group`: its link group; without one that of the base interface.
    pub group: Option<u32>,
    /// `vmac_xmit_base`: adverts go out of the base interface.
    pub send_from_base: bool,
}

/// An ipvlan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ipvlan {
    /// Its name; without one it is made of the number.
    pub name: Option<LinkName>,
    /// The address that it gets, with its prefix length.
    pub address: Option<(IpAddr, u8)>,
    /// How it deals with its siblings.
    pub mode: IpvlanMode,
    /// `group`: its link group; without one that of the base interface.
    pub group: Option<u32>,
    /// `vmac_xmit_base`: adverts go out of the base interface.
    pub send_from_base: bool,
}

/// How an ipvlan deals with its siblings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IpvlanMode {
    /// They see each other.
    #[default]
    Bridge,
    /// They do not.
    Private,
    /// They do by way of the switch.
    Vepa,
}
