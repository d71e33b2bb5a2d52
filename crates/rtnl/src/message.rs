//! The kernel's numbers of the messages that are read or written here.

/// `RTM_NEWLINK`.
pub(crate) const NEW_LINK: u16 = 16;
/// `RTM_DELLINK`.
pub(crate) const DELETE_LINK: u16 = 17;
/// `RTM_NEWADDR`.
pub(crate) const NEW_ADDRESS: u16 = 20;
/// `RTM_DELADDR`.
pub(crate) const DELETE_ADDRESS: u16 = 21;
