//! Looks at the bytes of a file before they are read as lines: is it text, and of what kind?
//!
//! keepalived reads any bytes and complains about hundreds of words; here a file that is no text is
//! left out with one finding. What the text means is decided elsewhere.

use crate::diagnostic::Diagnostic;

/// How much of a file is looked at to tell text from other things.
const LOOK: usize = 4096;

/// What the bytes of a file are.
pub(crate) struct Content {
    /// What is read: valid text but for single bytes.
    pub(crate) bytes: Vec<u8>,
    /// What there is to say about the whole file.
    pub(crate) finding: Option<Diagnostic>,
    /// Nothing of it is read.
    pub(crate) refused: bool,
}

/// Prepares the bytes of the file of this name.
pub(crate) fn prepare(name: &str, mut bytes: Vec<u8>) -> Content {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
        let message = "A byte order mark before the text is read over";
        let found = Diagnostic::notice(message).hint("save the file without it for keepalived");
        return Content { bytes, finding: Some(found), refused: false };
    }
    if is_utf16(&bytes) {
        let message = format!("Configuration file '{name}' is in UTF-16 - skipping");
        return refusal(message, "convert it: iconv -f UTF-16 -t UTF-8".to_owned());
    }
    if is_binary(&bytes) {
        let message = format!("Configuration file '{name}' is no text - skipping");
        return refusal(message, "is it the right file?".to_owned());
    }
    let finding = only_carriage_returns(&bytes).then(|| {
        for byte in bytes.iter_mut().filter(|byte| **byte == b'\r') {
            *byte = b'\n';
        }
        let found = Diagnostic::notice("Each CR is read as the end of a line");
        found.hint("keepalived takes such a file for a single line, write LF")
    });
    Content { bytes, finding, refused: false }
}

fn refusal(message: String, hint: String) -> Content {
    let found = Diagnostic::general(message).hint(hint);
    Content { bytes: Vec::new(), finding: Some(found), refused: true }
}

/// Its mark, or every other byte a NUL as in any ASCII text.
fn is_utf16(bytes: &[u8]) -> bool {
    let pairs = bytes[..bytes.len().min(LOOK)].chunks_exact(2);
    let count = pairs.len();
    let nul = |at: usize| pairs.clone().filter(|pair| pair[at] == 0).count() * 10 > count * 7;
    let marked = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    marked || count > 1 && nul(0) != nul(1)
}

/// More control characters than single mistakes explain; bytes above ASCII may be any old text.
fn is_binary(bytes: &[u8]) -> bool {
    let look = &bytes[..bytes.len().min(LOOK)];
    let control = |byte: &&u8| matches!(**byte, 0..=8 | 14..=26 | 28..=31 | 127);
    let count = look.iter().filter(control).count();
    count >= 8 && count * 20 > look.len()
}

/// CR between lines, and no LF at all.
fn only_carriage_returns(bytes: &[u8]) -> bool {
    let inner = bytes.trim_ascii_end();
    !bytes.contains(&b'\n') && inner.contains(&b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(bytes: &[u8]) -> Option<String> {
        prepare("x", bytes.to_vec()).finding.map(|found| found.message)
    }

    fn utf16(text: &str, turn: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(turn).collect()
    }

    #[test]
    fn what_is_no_text_is_refused_as_a_whole() {
        let text = "global_defs {\n router_id ä\n}\n";
        for bytes in [
            utf16(text, u16::to_le_bytes),
            utf16(text, u16::to_be_bytes),
            utf16(&format!("\u{feff}{text}"), u16::to_le_bytes),
            utf16("\u{feff}x", u16::to_be_bytes),
        ] {
            assert_eq!(
                message(&bytes).as_deref(),
                Some("Configuration file 'x' is in UTF-16 - skipping")
            );
        }
        let program: Vec<u8> = (0..=255).cycle().take(10_000).collect();
        let found = prepare("x", program);
        assert!(found.refused && found.bytes.is_empty());
        assert!(message(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x04").is_some());
    }

    #[test]
    fn odd_bytes_in_a_text_do_not_make_it_something_else() {
        let koi8 = [b"# ".to_vec(), vec![0xc1; 500], b"\nrouter_id x\n".to_vec()].concat();
        for text in [
            b"".to_vec(),
            b"x".to_vec(),
            b"\0".to_vec(),
            b"router_id x\0y\n\0\0\0\n".to_vec(),
            b"a\r\nb\rc\n".to_vec(),
            b"a \r".to_vec(),
            koi8,
        ] {
            let found = prepare("x", text.clone());
            assert!(found.finding.is_none() && found.bytes == text, "{text:?}");
        }
    }

    #[test]
    fn marks_and_line_ends_are_read_over_with_a_word() {
        let found = prepare("x", b"\xef\xbb\xbfa\n".to_vec());
        assert_eq!((found.bytes.as_slice(), found.refused), (b"a\n".as_slice(), false));
        assert!(found.finding.is_some());
        let found = prepare("x", b"a\rb\r".to_vec());
        assert_eq!((found.bytes.as_slice(), found.finding.is_some()), (b"a\nb\n".as_slice(), true));
    }
}
