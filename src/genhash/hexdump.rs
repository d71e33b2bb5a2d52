//! Bytes as lines of hexadecimal digits, with what can be printed beside them.

use std::fmt::Write as _;

const PER_LINE: usize = 16;

/// The offset in decimal digits, 16 bytes, and their characters.
pub(super) fn of(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (number, line) in bytes.chunks(PER_LINE).enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{:04}  ", number * PER_LINE);
        for place in 0..PER_LINE {
            if place == PER_LINE / 2 {
                text.push_str("- ");
            }
            match line.get(place) {
                Some(byte) => {
                    let _ = write!(text, "{byte:02x} ");
                }
                None => text.push_str("   "),
            }
        }
        text.push_str("  ");
        let shown = |byte: &u8| match byte {
            b' '..=b'~' => char::from(*byte),
            _ => '.',
        };
        let _ = writeln!(text, "{:PER_LINE$}", line.iter().map(shown).collect::<String>());
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_last_line_is_as_wide_as_the_others() {
        assert_eq!(
            super::of(b"HTTP/1.0 200 OK\r\n\r\n"),
            "0000  48 54 54 50 2f 31 2e 30 - 20 32 30 30 20 4f 4b 0d   HTTP/1.0 200 OK.\n\
             0016  0a 0d 0a                -                           ...             \n"
        );
        assert_eq!(super::of(b""), "");
    }
}
