//! Lists of tracked objects: `NAME [weight N [reverse|noreverse]]`, one per line.
//!
//! Whether the object exists is decided in `resolve::track`.

use crate::line::Line;
use crate::reader::Word;

/// One entry as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TrackDraft {
    /// The name of the object.
    pub(crate) name: Word,
    /// `weight`; without it the object's own.
    pub(crate) weight: Option<i16>,
    /// `reverse` or `noreverse`; without either the object's own.
    pub(crate) reverse: Option<bool>,
    /// An object of that name stands above; keepalived links in the order of the file.
    pub(crate) declared: bool,
}

/// A list with the name of its instance or group for messages.
pub(crate) struct TrackList<'d> {
    /// The instance or group.
    pub(crate) owner: &'d str,
    /// The kind of object as messages name it.
    pub(crate) kind: &'static str,
    /// The entries.
    pub(crate) entries: &'d mut Vec<TrackDraft>,
}

/// Reads the block.
pub(crate) fn read(mut list: TrackList<'_>, line: &mut Line<'_, '_>) -> Option<()> {
    line.list(&mut list, entry);
    Some(())
}

/// The largest weight of links and scripts, where 254 is lowered to it, and of BFD sessions.
const MOST: i16 = 253;

/// How messages name a list with an object of it.
fn named(kind: &str, name: &str) -> String {
    match kind {
        "interface" | "script" => format!("track_{kind} {name}"),
        _ => format!("track {kind} {name}"),
    }
}

fn entry(list: &mut TrackList<'_>, line: &mut Line<'_, '_>) -> Option<()> {
    let name = line.word(0)?;
    let (owner, kind) = (list.owner, list.kind);
    if list.entries.iter().any(|entry| entry.name.text == name.text) {
        let message = format!("({owner}) duplicate track_{kind} {} - ignoring", name.text);
        line.error_at(&name, message);
        return None;
    }
    let declared = match kind {
        "file" => &line.cx.declared_files,
        "process" => &line.cx.declared_processes,
        "bfd" => &line.cx.declared_sessions,
        _ => &line.cx.declared_scripts,
    };
    let declared = declared.contains(&name.text);
    let mut draft = TrackDraft { name, weight: None, reverse: None, declared };
    let Some(option) = line.word(1) else {
        list.entries.push(draft);
        return Some(());
    };
    if option.text != "weight" {
        let what = match kind {
            "script" | "file" => format!("track {kind}"),
            _ => named(kind, &draft.name.text),
        };
        let message = format!("({owner}) unknown {what} option {} - ignoring", option.text);
        line.error_at(&option, message);
        return None;
    }
    let Some(number) = line.word(2) else {
        let what = match kind {
            "script" => format!("track {kind} {}", draft.name.text),
            _ => named(kind, &draft.name.text),
        };
        line.error(format!("({owner}) weight without value specified for {what} - ignoring"));
        return None;
    };
    draft.weight = weight((owner, kind, &draft.name.text), &number, line);
    draft.reverse = match line.word(3) {
        None => Some(false),
        Some(word) if word.text == "reverse" => Some(true),
        Some(word) if word.text == "noreverse" => Some(false),
        Some(word) => {
            let what = named(kind, &draft.name.text);
            let message =
                format!("({owner}) unknown {what} weight option {} - ignoring", word.text);
            line.error_at(&word, message);
            // keepalived keeps links and scripts all the same.
            if !matches!(kind, "interface" | "script") {
                return None;
            }
            Some(false)
        }
    };
    list.entries.push(draft);
    Some(())
}

fn weight(
    (owner, kind, name): (&str, &str, &str),
    number: &Word,
    line: &mut Line<'_, '_>,
) -> Option<i16> {
    let most = match kind {
        "file" | "process" => vrrp::config::Factor::MAX,
        "bfd" => MOST,
        _ => return lowered((owner, kind, name), number, line),
    };
    let read = line.number(number, i64::from(-most)..=i64::from(most));
    if read.is_none() {
        let what = named(kind, name);
        let message = format!(
            "({owner}) weight for {what} must be in [-{most}..{most}] inclusive. Ignoring..."
        );
        line.error_at(number, message);
    }
    read
}

/// The weight of a link or a script.
fn lowered(
    (owner, kind, name): (&str, &str, &str),
    number: &Word,
    line: &mut Line<'_, '_>,
) -> Option<i16> {
    let read: Option<i16> = line.number(number, i64::from(-MOST - 1)..=i64::from(MOST + 1));
    let message = match read {
        None if kind == "script" => format!(
            "({owner}) track script {name}: weight must be between [-{MOST}..{MOST}] inclusive, \
             ignoring..."
        ),
        None => format!(
            "({owner}) weight {} for {name} must be between [-{MOST}..{MOST}] inclusive. Ignoring...",
            number.text
        ),
        Some(weight) if weight.abs() > MOST => {
            format!("({owner}) weight for {name} cannot be +/-{}. Setting to +/-{MOST}", MOST + 1)
        }
        Some(weight) => return Some(weight),
    };
    line.error_at(number, message);
    read.map(|weight| weight.clamp(-MOST, MOST))
}
