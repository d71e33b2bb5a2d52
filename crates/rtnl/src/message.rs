//! The kernel's numbers of the messages that are read or written here.

/// `RTM_NEWLINK`.
pub(crate) const NEW_LINK: u16 = 16;
/// `RTM_DELLINK`.
pub(crate) const DELETE_LINK: u16 = 17;
/// `RTM_NEWADDR`.
pub(crate) const NEW_ADDRESS: u16 = 20;
/// `RTM_DELADDR`.
pub(crate) const DELETE_ADDRESS: u16 = 21;
/// `RTM_NEWROUTE`.
pub(crate) const NEW_ROUTE: u16 = 24;
/// `RTM_DELROUTE`.
pub(crate) const DELETE_ROUTE: u16 = 25;
/// `RTM_NEWRULE`.
pub(crate) const NEW_RULE: u16 = 32;
/// `RTM_DELRULE`.
pub(crate) const DELETE_RULE: u16 = 33;
