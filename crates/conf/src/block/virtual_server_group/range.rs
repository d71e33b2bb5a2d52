//! The addresses of one line: one, a range or a whole network, and their port.
//!
//! Ranges end where they say, in the next octet too: keepalived counts the last octet only, and
//! for ever when the range goes on beyond it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use lvs::config::GroupEntry;

use crate::block::lvs_value as read;
use crate::diagnostic::Diagnostic;
use crate::line::Line;
use crate::value;

/// Why a line is not taken, and what to write.
type Refusal = (String, &'static str);

type Ends = (IpAddr, IpAddr);

/// `ADDRESS`, `FIRST-LAST` or `NETWORK/BITS`, then a port if it has one.
pub(super) fn entry(line: &mut Line<'_, '_>) -> Option<GroupEntry> {
    let word = line.word(0)?;
    let port = read::port(line, 1);
    match (ends(&word.text, line.cx.environment.testing), port) {
        (Ok((first, last)), Some(port)) => {
            ignored(line);
            return Some(GroupEntry::Range { first, last, port });
        }
        (Err(Some((message, hint))), Some(_)) => {
            line.add(Diagnostic::general(message).at(word.span).hint(hint));
        }
        (Ok(_) | Err(Some(_)), None) | (Err(None), _) => {
            let written = line.word(1).filter(|port| !read::is_zero(&port.text));
            let shown = written.as_ref().map(|port| format!("/port/{}", port.text));
            let (text, shown) = (&word.text, shown.unwrap_or_default());
            let message =
                format!("Invalid virtual server group IP address {text} {shown} - skipping");
            let bad_port = written.filter(|_| port.is_none());
            let place = bad_port.map_or(word.span, |word| word.span);
            let hint = "write an address and a port, 1 to 65535; there are no ranges of ports";
            line.add(Diagnostic::general(message).at(place).hint(hint));
        }
    }
    None
}

fn ignored(line: &mut Line<'_, '_>) {
    let Some(word) = line.word(2) else { return };
    let message = format!("`{}` after the port is ignored", word.text);
    line.add(Diagnostic::notice(message).at(word.span).hint("write one entry on each line"));
}

/// The first and the last address; `Err(None)` when this is no address at all.
fn ends(text: &str, testing: bool) -> Result<Ends, Option<Refusal>> {
    if let Some((network, bits)) = text.split_once('/') {
        return prefix(text, value::address(network).ok_or(None)?, bits).map_err(Some);
    }
    let Some((first, last)) = text.split_once('-') else {
        let only = value::address(text).ok_or(None)?;
        return Ok((only, only));
    };
    let first = value::address(first).ok_or(None)?;
    let whole = match first {
        IpAddr::V4(_) => last.contains('.'),
        IpAddr::V6(_) => last.contains(':'),
    };
    if !whole {
        return short(text, first, last, testing);
    }
    let last = value::address(last).ok_or(None)?;
    match (first, last) {
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => Err(None),
        _ if last < first => {
            let what = "Address range end is less than address range start";
            Err(Some((format!("{what} - {text} - skipping"), "write the lower address first")))
        }
        _ => Ok((first, last)),
    }
}

/// A range whose end is written as its last octet, or as its last group of hexadecimal digits.
fn short(text: &str, first: IpAddr, last: &str, testing: bool) -> Result<Ends, Option<Refusal>> {
    let (radix, most, own) = match first {
        IpAddr::V4(ip) => (10, 0xff, u32::from(ip.octets()[3])),
        IpAddr::V6(ip) => (16, 0xffff, u32::from(ip.segments()[7])),
    };
    if last.contains([':', '.']) {
        return Err(None);
    }
    let digits = last.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
    let (number, rest) = last.split_at(digits);
    let hint = "the end is the last octet, 0 to 255, or the last group of IPv6, 0 to ffff";
    let refuse = |message: String| Err(Some((message, hint)));
    if !rest.is_empty() && (testing || number.is_empty()) {
        let what = format!("has extra characters at end '{rest}'");
        return refuse(format!("Virtual server group range '{text}' {what}"));
    }
    let end = u32::from_str_radix(number, radix).unwrap_or(u32::MAX);
    if end > most {
        return refuse(format!("Virtual server group range '{text}' end '{number}' too large"));
    }
    if end <= own {
        let what = "Address range end is not greater than address range start";
        return Err(Some((format!("{what} - {text} - skipping"), "write the lower address first")));
    }
    Ok((first, replaced(first, end)))
}

/// The address with another last octet or group.
fn replaced(ip: IpAddr, end: u32) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => Ipv4Addr::from_bits(ip.to_bits() & !0xff | end).into(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !0xffff | u128::from(end)).into(),
    }
}

fn prefix(text: &str, network: IpAddr, bits: &str) -> Result<Ends, Refusal> {
    let (width, number) = match network {
        IpAddr::V4(ip) => (32, u128::from(ip.to_bits())),
        IpAddr::V6(ip) => (128, ip.to_bits()),
    };
    let Some(bits) = bits.parse::<u32>().ok().filter(|bits| (1..=width).contains(bits)) else {
        let hint = "a network has 1 to 32 bits, or 1 to 128 with IPv6";
        return Err((format!("Invalid netmask - {text} - skipping"), hint));
    };
    let host = u128::MAX.checked_shr(128 - (width - bits)).unwrap_or(0);
    if number & host != 0 {
        let hint = "write the address of the network, whose last bits are 0";
        return Err((format!("Address mask bits not empty - {text} - skipping"), hint));
    }
    let last = match network {
        IpAddr::V4(ip) => {
            Ipv4Addr::from_bits(ip.to_bits() | u32::try_from(host).unwrap_or(0)).into()
        }
        IpAddr::V6(_) => Ipv6Addr::from_bits(number | host).into(),
    };
    Ok((network, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match ends(text, true) {
            Ok((first, last)) => format!("{first} {last}"),
            Err(Some((message, _))) => message,
            Err(None) => "no address".to_owned(),
        }
    }

    #[test]
    fn ranges_and_networks_have_two_ends() {
        assert_eq!(shown("192.0.2.1-9"), "192.0.2.1 192.0.2.9");
        assert_eq!(shown("2001:db8::1-f"), "2001:db8::1 2001:db8::f");
        assert_eq!(shown("192.0.2.0/23"), "192.0.2.0 192.0.3.255");
        assert_eq!(shown("192.0.2.7/32"), "192.0.2.7 192.0.2.7");
        assert_eq!(shown("128.0.0.0/1"), "128.0.0.0 255.255.255.255");
        assert_eq!(shown("2001:db8::/112"), "2001:db8:: 2001:db8::ffff");
        assert_eq!(shown("192.0.2.1-192.0.3.4"), "192.0.2.1 192.0.3.4");
        assert_eq!(shown("192.0.2.1-2001:db8::1"), "no address");
        assert!(shown("192.0.2.9-9").contains("not greater"));
        assert!(shown("192.0.2.0/x").starts_with("Invalid netmask"));
    }
}
