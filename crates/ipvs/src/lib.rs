//! The kernel's IPVS through generic netlink.
