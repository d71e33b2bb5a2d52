//! Reads single values: numbers, decimal seconds, booleans, addresses.
//!
//! It says what is wrong with a value in keepalived's words (compat 01 §10); which value is
//! used instead is the keyword's business.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;
use std::time::Duration;

use nom::character::complete::{char, digit0, multispace0, one_of};
use nom::combinator::{opt, rest};
use nom::sequence::preceded;
use nom::{IResult, Parser};

/// A number as it was written, and what is to be complained about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading<T> {
    /// The value, when there is one inside the range.
    pub(crate) value: Option<T>,
    /// What is wrong with the text.
    pub(crate) complaint: Option<String>,
    /// Characters follow the number.
    pub(crate) trailing: bool,
}

impl<T> Reading<T> {
    fn refused(complaint: String) -> Self {
        Self { value: None, complaint: Some(complaint), trailing: false }
    }
}

type Parts<'t> = (Option<char>, &'t str, &'t str);

fn integer_parts(text: &str) -> IResult<&str, Parts<'_>> {
    preceded(multispace0, (opt(one_of("+-")), digit0, rest)).parse(text)
}

/// Reads a decimal integer; a range that starts at 0 or above refuses a minus sign.
pub(crate) fn integer(text: &str, range: &RangeInclusive<i64>) -> Reading<i64> {
    let Ok((_, (sign, digits, tail))) = integer_parts(text) else {
        return Reading::refused(format!("invalid number '{text}'"));
    };
    let unsigned = *range.start() >= 0;
    if sign == Some('-') && unsigned {
        return Reading::refused(format!("negative number '{text}'"));
    }
    let magnitude = if digits.is_empty() { Some(0) } else { digits.parse::<i64>().ok() };
    let value = magnitude.map(|number| if sign == Some('-') { -number } else { number });
    let limits =
        if unsigned { 0..=i64::from(u32::MAX) } else { i64::from(i32::MIN)..=i64::from(i32::MAX) };
    let trailing = !tail.is_empty();
    let complaint = match value {
        _ if sign.is_some() && digits.is_empty() && !trailing => {
            return Reading::refused(format!("invalid number '{text}'"));
        }
        _ if trailing => Some(format!("invalid number '{text}'")),
        Some(number) if !limits.contains(&number) => Some(beyond(text, unsigned)),
        None => Some(beyond(text, unsigned)),
        Some(number) if !range.contains(&number) => {
            Some(format!("number '{text}' outside range [{}, {}]", range.start(), range.end()))
        }
        Some(_) => None,
    };
    let usable = !(trailing && digits.is_empty());
    Reading { value: value.filter(|number| usable && range.contains(number)), complaint, trailing }
}

fn beyond(text: &str, unsigned: bool) -> String {
    let kind = if unsigned { "unsigned integer" } else { "integer" };
    format!("number '{text}' outside {kind} range")
}

type DecimalParts<'t> = (Option<char>, &'t str, Option<&'t str>, &'t str);

fn decimal_parts(text: &str) -> IResult<&str, DecimalParts<'_>> {
    let fraction = opt(preceded(char('.'), digit0));
    preceded(multispace0, (opt(one_of("+-")), digit0, fraction, rest)).parse(text)
}

/// What a decimal keyword accepts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decimal {
    /// The smallest value, in units of 10^-`places`.
    pub(crate) least: u64,
    /// The largest value, in units of 10^-`places`.
    pub(crate) most: u64,
    /// How many decimals are read; the next one rounds half up.
    pub(crate) places: u32,
}

impl Decimal {
    /// Seconds with six decimals, bounds in microseconds.
    pub(crate) const fn micros(least: u64, most: u64) -> Self {
        Self { least, most, places: 6 }
    }

    /// Seconds with three decimals, bounds in milliseconds.
    pub(crate) const fn millis(least: u64, most: u64) -> Self {
        Self { least, most, places: 3 }
    }

    /// A value as a time, when it counts seconds.
    pub(crate) fn duration(self, units: u64) -> Duration {
        Duration::from_micros(units.saturating_mul(10_u64.pow(6 - self.places.min(6))))
    }

    /// The bounds as text.
    pub(crate) fn range(self) -> String {
        format!("{} to {}", self.show(self.least), self.show(self.most))
    }

    fn show(self, units: u64) -> String {
        let one = 10_u64.pow(self.places);
        format!("{}.{:0width$}", units / one, units % one, width = self.places as usize)
    }
}

/// Reads a decimal number, in units of its last place.
pub(crate) fn decimal(text: &str, accepts: Decimal) -> Reading<u64> {
    let invalid = || format!("invalid number '{text}'");
    let Ok((_, (sign, whole, fraction, tail))) = decimal_parts(text) else {
        return Reading::refused(invalid());
    };
    if sign == Some('-') {
        return Reading::refused(format!("negative number '{text}'"));
    }
    let fraction = fraction.unwrap_or_default();
    let Some((units, cut)) = scale(whole, fraction, accepts.places) else {
        return Reading::refused(format!("number '{text}' outside unsigned decimal range"));
    };
    let inside = (accepts.least..=accepts.most).contains(&units);
    let digits = !(whole.is_empty() && fraction.is_empty());
    let usable = inside && (digits || text.is_empty());
    let complaint = if !tail.is_empty() {
        Some(invalid())
    } else if !inside {
        let (least, most) = (accepts.show(accepts.least), accepts.show(accepts.most));
        Some(format!("number '{text}' outside range [{least}, {most}]"))
    } else if cut {
        Some(format!("number '{text}' has too many decimal places"))
    } else {
        None
    };
    Reading { value: usable.then_some(units), complaint, trailing: !tail.is_empty() }
}

/// The number in units of its last place, and whether decimals were cut off.
fn scale(whole: &str, fraction: &str, places: u32) -> Option<(u64, bool)> {
    let places = places as usize;
    let kept: String = fraction.chars().chain(std::iter::repeat('0')).take(places).collect();
    let next = fraction.as_bytes().get(places).copied();
    let number = |digits: &str| {
        if digits.is_empty() { Some(0) } else { digits.parse::<u64>().ok() }
    };
    let one = 10_u64.pow(u32::try_from(places).ok()?);
    let units = number(whole)?.checked_mul(one)?.checked_add(number(&kept)?)?;
    let rounded = units.checked_add(u64::from(next.is_some_and(|digit| digit >= b'5')))?;
    Some((rounded, next.is_some()))
}

/// Reads a boolean word, exactly as written (compat 01 §10.3).
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "on" | "true" | "yes" => Some(true),
        "off" | "false" | "no" => Some(false),
        _ => None,
    }
}

/// Reads an address; IPv6 when the text has a colon.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    if text.contains(':') {
        text.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
    } else {
        text.parse::<Ipv4Addr>().ok().map(IpAddr::V4)
    }
}

/// Reads an address as the common reader does: what follows `-` or `/` is cut off (compat 01
/// §10.5).
pub(crate) fn address_cut(text: &str) -> Option<IpAddr> {
    address(text.split(['-', '/']).next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(text: &str, range: RangeInclusive<i64>) -> String {
        integer(text, &range).complaint.unwrap_or_default()
    }

    #[test]
    fn integers_complain_in_the_known_words() {
        assert_eq!(integer("010", &(1..=255)).value, Some(10));
        assert_eq!(integer("+7", &(1..=255)).value, Some(7));
        assert_eq!(integer("", &(0..=9)).value, Some(0));
        assert_eq!(complaint("0x10", 1..=255), "invalid number '0x10'");
        assert_eq!(complaint("-1", 0..=255), "negative number '-1'");
        assert_eq!(complaint("300", 1..=255), "number '300' outside range [1, 255]");
        assert_eq!(
            complaint("99999999999999999999", 0..=255),
            "number '99999999999999999999' outside unsigned integer range"
        );
        assert_eq!(integer("100x", &(1..=255)).value, Some(100));
        assert_eq!(integer("x", &(0..=255)).value, None);
        assert!(integer("80-90", &(1..=65535)).trailing);
    }

    #[test]
    fn decimals_round_at_the_last_place() {
        let seconds = Decimal::micros(1, 4_294_967_295);
        assert_eq!(decimal(".5", seconds).value, Some(500_000));
        assert_eq!(decimal("5.", seconds).value, Some(5_000_000));
        let rounded = decimal("0.0000015", seconds);
        assert_eq!(rounded.value, Some(2));
        assert_eq!(
            rounded.complaint.as_deref(),
            Some("number '0.0000015' has too many decimal places")
        );
        assert_eq!(
            decimal("0", seconds).complaint.as_deref(),
            Some("number '0' outside range [0.000001, 4294.967295]")
        );
        assert_eq!(decimal("soon", seconds).value, None);
        assert_eq!(decimal("", Decimal::micros(0, 5)).value, Some(0));
        assert_eq!(decimal(".", Decimal::micros(0, 5)).value, None);
        assert_eq!(decimal("1s", seconds).complaint.as_deref(), Some("invalid number '1s'"));
    }
}
