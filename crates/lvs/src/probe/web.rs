//! What is found out about an answer of a web server, beside whether it is good.

/// The last test of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The status.
    Status,
    /// The digest of the body.
    Digest,
    /// The pattern.
    Pattern,
}

/// What the library of TLS calls an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsFlaw(pub &'static str);

/// A body that is not as long as its header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LengthMismatch {
    /// What the header says, in bytes.
    pub declared: u64,
    /// What came, in bytes.
    pub received: u64,
}

impl LengthMismatch {
    /// By how much more came than was said; pages of any length may have the same.
    #[must_use]
    pub fn difference(self) -> i128 {
        i128::from(self.received) - i128::from(self.declared)
    }
}
