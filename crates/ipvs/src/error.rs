//! What can go wrong between us and the kernel's IPVS.

/// A failure that concerns a whole request or the socket, not one change of a batch.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The kernel has no IPVS: its module `ip_vs` is missing or not loaded yet.
    #[error("the kernel has no IPVS (module ip_vs)")]
    NoFamily,
    /// Whatever else.
    #[error(transparent)]
    Netlink(#[from] netlink::Error),
}

impl Error {
    /// The error number with which the kernel refused what was asked for, if it did so.
    #[must_use]
    pub fn refusal(&self) -> Option<i32> {
        match self {
            Self::Netlink(netlink::Error::Refused { source, .. }) => source.raw_os_error(),
            Self::Netlink(_) | Self::NoFamily => None,
        }
    }
}
