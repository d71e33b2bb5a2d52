//! Addresses in the words of keepalived's dumps (compat 03 §7.3).

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use net::{Address, AddressKey, Family, Lifetime};
use vrrp::Name;
use vrrp::config::VirtualAddress;

/// An address, and whether the kernel has it now.
pub(super) struct Shown<'a> {
    one: &'a VirtualAddress,
    /// `track_group`, if it is one that has it.
    group: Option<&'a Name>,
    set: bool,
}

/// What is known of an address; without `held` nobody asks whether it is set.
pub(super) fn shown<'a>(one: &'a VirtualAddress, held: Option<&BTreeSet<AddressKey>>) -> Shown<'a> {
    Shown { one, group: None, set: held.is_some_and(|held| held.contains(&one.address.key())) }
}

/// One that is there.
pub(crate) fn set(one: &VirtualAddress) -> String {
    Shown { one, group: None, set: true }.to_string()
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = &self.one.address;
        write!(f, "{address}")?;
        if let Some(broadcast) = address.broadcast {
            write!(f, " brd {broadcast}")?;
        }
        write!(f, " dev {}", address.link)?;
        if self.one.own_device {
            f.write_str(" use_vmac")?;
        }
        write!(f, " scope {}", address.scope)?;
        if let Some(label) = &address.label {
            write!(f, " label {}", label.as_str())?;
        }
        if let Some(peer) = address.peer {
            write!(f, " peer {peer}/{}", address.prefix)?;
        }
        for flag in self.flags() {
            write!(f, " {flag}")?;
        }
        if let Some(group) = self.group {
            write!(f, " track_group {group}")?;
        }
        write_lifetime(f, address)?;
        f.write_str(if self.set { " set" } else { "" })
    }
}

impl<'a> Shown<'a> {
    /// The same of a static address, whose group is told too.
    pub(super) fn of_group(self, group: Option<&'a Name>) -> Self {
        Self { group, ..self }
    }

    fn flags(&self) -> impl Iterator<Item = &'static str> {
        let flags = &self.one.address.flags;
        let words = [
            ("home", flags.home),
            ("-nodad", flags.dad),
            ("mngtmpaddr", flags.manage_temporary),
            ("noprefixroute", flags.no_prefix_route),
            ("autojoin", flags.auto_join),
            ("no_track", !self.one.tracked),
        ];
        words.into_iter().filter_map(|(word, on)| on.then_some(word))
    }
}

fn write_lifetime(f: &mut fmt::Formatter<'_>, address: &Address) -> fmt::Result {
    let host = address.prefix == Family::V6.bits();
    match (address.family(), address.preferred) {
        (Family::V4, _) => Ok(()),
        (Family::V6, Lifetime::Default) if host => f.write_str(" deprecated"),
        (Family::V6, Lifetime::For(Duration::ZERO)) => f.write_str(" deprecated"),
        (Family::V6, Lifetime::For(time)) => write!(f, " preferred_lft {}", time.as_secs()),
        (Family::V6, Lifetime::Default | Lifetime::Forever) => {
            f.write_str(" preferred_lft forever")
        }
    }
}
