//! What `/proc` says of processes: their names and their command lines.

use std::fs;

/// What a process is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// The name that the kernel keeps, at most 15 bytes.
    pub(super) name: Vec<u8>,
    /// The words of its command line; none of a kernel thread.
    pub(super) words: Vec<Vec<u8>>,
}

/// The identity of a process; `None` when it has ended, buried or not.
pub(super) fn identity(id: u32) -> Option<Identity> {
    let stat = fs::read(format!("/proc/{id}/stat")).ok()?;
    let name = name(&stat)?;
    let line = fs::read(format!("/proc/{id}/cmdline")).ok()?;
    Some(Identity { name, words: words(&line) })
}

/// All processes that there are.
pub(super) fn all() -> impl Iterator<Item = (u32, Identity)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter_map(|id| Some((id, identity(id)?)))
}

/// The name in `/proc/PID/stat`, which may hold anything, brackets and blanks included; `None` of
/// a process that has ended.
fn name(stat: &[u8]) -> Option<Vec<u8>> {
    let open = stat.iter().position(|byte| *byte == b'(')?;
    let close = stat.iter().rposition(|byte| *byte == b')')?;
    let state = stat.get(close + 2)?;
    let ended = matches!(state, b'Z' | b'X' | b'x');
    let name = stat.get(open + 1..close)?;
    (!ended).then(|| name.to_vec())
}

fn words(line: &[u8]) -> Vec<Vec<u8>> {
    let line = line.strip_suffix(b"\0").unwrap_or(line);
    if line.is_empty() {
        return Vec::new();
    }
    line.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_look_like_the_rest_of_the_line() {
        assert_eq!(name(b"7 (a) R (b) S 1 7 7"), Some(b"a) R (b".to_vec()));
        assert_eq!(name(b"7 (gone) Z 1 7 7"), None);
        assert_eq!(name(b"7 (cut"), None);
    }

    #[test]
    fn a_command_line_is_cut_at_its_zeros() {
        assert_eq!(words(b"/bin/x\0\0last\0"), [&b"/bin/x"[..], b"", b"last"]);
        assert_eq!(words(b"rewritten by itself"), [b"rewritten by itself"]);
        assert_eq!(words(b""), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn this_process_is_found() {
        let own = identity(std::process::id()).unwrap();
        assert!(all().any(|(id, found)| id == std::process::id() && found == own));
    }
}
