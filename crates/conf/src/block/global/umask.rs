//! Reads `umask`: a number in C notation, or names of mode bits joined by `|`.

use crate::block::RootDraft;
use crate::diagnostic::Diagnostic;
use crate::line::Line;

/// Several words count as one.
pub(super) fn read(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    line.required(1)?;
    let words = line.statement.words.iter().skip(1).map(|word| word.text.as_str());
    let text: String = words.collect();
    match mask(&text) {
        Ok(mask) => root.globals.umask = mask,
        Err(message) => {
            let found = Diagnostic::general(message).at(line.statement.span);
            line.add(found.hint("write 0 to 0777, or names such as IRWXG|IRWXO"));
        }
    }
    Some(())
}

fn mask(text: &str) -> Result<u32, String> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return number(text)
            .filter(|mask| *mask <= 0o777)
            .ok_or_else(|| format!("invalid umask value {text}"));
    }
    text.split('|').try_fold(0, |mask, name| Ok(mask | bits(name.trim(), text)?))
}

fn number(text: &str) -> Option<u32> {
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        u32::from_str_radix(digits, 16).ok()
    } else if text.starts_with('0') {
        u32::from_str_radix(text, 8).ok()
    } else {
        text.parse().ok()
    }
}

fn bits(name: &str, text: &str) -> Result<u32, String> {
    if name.is_empty() {
        return Err("umask missing bit value".to_owned());
    }
    if name.contains([' ', '\t', ',']) {
        return Err(format!("Invalid umask syntax {text}"));
    }
    let known = match name {
        "IRUSR" => 0o400,
        "IWUSR" => 0o200,
        "IXUSR" => 0o100,
        "IRGRP" => 0o040,
        "IWGRP" => 0o020,
        "IXGRP" => 0o010,
        "IROTH" => 0o004,
        "IWOTH" => 0o002,
        "IXOTH" => 0o001,
        "IRWXU" => 0o700,
        "IRWXG" => 0o070,
        "IRWXO" => 0o007,
        unknown => return Err(format!("Unknown umask bit {unknown}")),
    };
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_is_a_number_or_names() {
        assert_eq!(mask("0177"), Ok(0o177));
        assert_eq!(mask("IRWXG|IRWXO|IXUSR"), Ok(0o177));
        assert_eq!(mask("0x3f"), Ok(0o77));
        assert_eq!(mask("511"), Ok(0o777));
        assert_eq!(mask("01000"), Err("invalid umask value 01000".to_owned()));
        assert_eq!(mask("08"), Err("invalid umask value 08".to_owned()));
        assert_eq!(mask("IQUSR"), Err("Unknown umask bit IQUSR".to_owned()));
        assert_eq!(mask("IRUSR|"), Err("umask missing bit value".to_owned()));
    }
}
