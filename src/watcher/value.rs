//! Reads the number that a watched file begins with, as `strtol` does with base 0 (compat 11 §7.6).

/// More than any number takes.
pub(super) const LONGEST: u64 = 128;

/// The value of a file's content: 0 when it does not begin with a number.
///
/// # Errors
/// With the number, when it is out of range.
pub(super) fn value(content: &[u8]) -> Result<i32, i64> {
    let number = number(content);
    match i32::try_from(number) {
        Ok(value) => Ok(value),
        // One more than fits is let through, and means the same.
        Err(_) if number == i64::from(i32::MAX) + 1 => Ok(i32::MAX),
        Err(_) => Err(number),
    }
}

/// What is too large for 64 bits is the largest number of its sign.
fn number(content: &[u8]) -> i64 {
    let text = content.trim_ascii_start();
    let (negative, text) = match text.first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        Some(_) | None => (false, text),
    };
    let (base, digits) = match text {
        [b'0', b'x' | b'X', digit, ..] if digit.is_ascii_hexdigit() => (16, &text[2..]),
        [b'0', ..] => (8, text),
        _ => (10, text),
    };
    let digits = digits.iter().map_while(|digit| char::from(*digit).to_digit(base));
    let sign = if negative { -1 } else { 1 };
    digits.fold(0_i64, |number, digit| {
        number.saturating_mul(i64::from(base)).saturating_add(sign * i64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_the_number_at_the_beginning() {
        let read = |text: &str| value(text.as_bytes());
        assert_eq!(read("5\n"), Ok(5));
        assert_eq!(read("  -12 and more"), Ok(-12));
        assert_eq!(read("+7"), Ok(7));
        assert_eq!(read("0x10"), Ok(16));
        assert_eq!(read("0x"), Ok(0));
        assert_eq!(read("010"), Ok(8));
        assert_eq!(read("08"), Ok(0));
        assert_eq!(read("3.9"), Ok(3));
        for nothing in ["", "\n", "up", "-", "x5"] {
            assert_eq!(read(nothing), Ok(0), "{nothing:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_no_value() {
        let read = |text: &str| value(text.as_bytes());
        assert_eq!(read("2147483647"), Ok(i32::MAX));
        assert_eq!(read("2147483648"), Ok(i32::MAX));
        assert_eq!(read("2147483649"), Err(2_147_483_649));
        assert_eq!(read("-2147483648"), Ok(i32::MIN));
        assert_eq!(read("-2147483649"), Err(-2_147_483_649));
        assert_eq!(read("99999999999999999999"), Err(i64::MAX));
        assert_eq!(read("-99999999999999999999"), Err(i64::MIN));
    }

    proptest::proptest! {
        #[test]
        fn every_number_is_read_back(number: i32, rest in "[ a-wyz\n].*") {
            proptest::prop_assert_eq!(value(format!("{number}{rest}").as_bytes()), Ok(number));
        }

        #[test]
        fn no_content_is_too_much(content: Vec<u8>) {
            let _ = value(&content);
        }
    }
}
