//! How adverts are authenticated. Secrets stay out of every dump.

use std::fmt;
use std::time::Duration;

/// How adverts are authenticated (VRRPv2 only).
#[derive(Clone, PartialEq, Eq)]
pub enum Authentication {
    /// Not at all.
    None,
    /// `auth_type PASS`: eight bytes in the clear (RFC 2338 §5.3.6).
    Pass([u8; 8]),
    /// `auth_type AH`: a header of IPsec with this key.
    Ah([u8; 8]),
}

/// Passwords stay out of every dump.
impl fmt::Debug for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Pass(_) => "Pass(********)",
            Self::Ah(_) => "Ah(********)",
        })
    }
}

/// A trailer that authenticates adverts (`auth_hmac`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hmac {
    /// The keys, each of its own number.
    pub keys: Vec<HmacKey>,
    /// `active_key`: the number of the one that signs.
    pub active: u8,
    /// `time_window`: how old an advert may be, 1 to 300 s.
    pub window: Duration,
    /// `anti_replay`.
    pub freshness: Freshness,
    /// `mode`.
    pub mode: HmacMode,
}

/// One key.
#[derive(Clone, PartialEq, Eq)]
pub struct HmacKey {
    /// Its number, at least 1.
    pub id: u8,
    /// 32 to 64 bytes.
    pub secret: Vec<u8>,
}

impl fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HmacKey({}, ********)", self.id)
    }
}

/// How the freshness of an advert is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Freshness {
    /// By the clock.
    #[default]
    Time,
    /// By a number that only rises.
    Monotonic,
}

/// Whether adverts without a trailer are still accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HmacMode {
    /// They are not.
    #[default]
    Enforce,
    /// They are.
    Permissive,
    /// They are, and none is sent.
    ReceiveOnly,
}
