//! The rows of the checks that follow something else: `FILE_CHECK` and `BFD_CHECK`.

use lvs::config::FileWeight;

use super::{CheckDraft, Kind, Row};
use crate::block::timing;
use crate::diagnostic::Diagnostic;
use crate::line::{Line, Spanned};
use crate::suggest;

/// The rows of `FILE_CHECK`.
pub(crate) static FILE: &[Row] = &[
    Row::now("track_file", "the tracked file", track_file).takes(
        "NAME",
        "a track_file that is defined before",
        "",
    ),
    Row::now("weight", "factor of the file's value", weight).takes(
        "N [reverse|noreverse]",
        "",
        "the weight of the file",
    ),
];

/// The rows of `BFD_CHECK`.
pub(crate) static BFD: &[Row] = &[
    Row::now("name", "the BFD session", name).takes(
        "NAME",
        "a bfd_instance that is defined before",
        "",
    ),
    Row::now("alpha", "starts as failed", alpha).takes("[on|off]", "", "that of the real server"),
];

fn track_file(check: &mut CheckDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let known = &line.cx.declared_files;
    if !known.contains(&word.text) {
        let hint = declare(&word.text, "track_file", known.iter().map(String::as_str));
        let found = Diagnostic::general(format!("track_file {} not found", word.text));
        line.add(found.at(word.span).hint(hint));
        return None;
    }
    check.own_mut().file = Some(word.text.into());
    Some(())
}

/// What to do about a name that is not declared.
fn declare<'k>(name: &str, block: &str, known: impl Iterator<Item = &'k str>) -> String {
    // The names have no order; the same file shall always give the same advice.
    let mut known: Vec<&str> = known.collect();
    known.sort_unstable();
    match suggest::closest(name, known) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("declare it by a {block} block before the virtual server"),
    }
}

fn weight(check: &mut CheckDraft, line: &mut Line<'_, '_>) -> Option<()> {
    const MOST: i64 = 2_147_483_647;
    let word = line.given(1, "track file weight missing")?;
    let Some(factor) = line.number(&word, -MOST..=MOST) else {
        let limits = format!("[-{MOST}..{MOST}] inclusive. Ignoring...");
        line.error_at(&word, format!("weight for track file must be in {limits}"));
        return None;
    };
    let reverse = match line.text(2) {
        None | Some("noreverse") => false,
        Some("reverse") => true,
        Some(other) => {
            let message = format!("unknown track file weight option {other} - ignoring");
            let place = line.word(2).map_or(word.span, |word| word.span);
            let found = Diagnostic::general(message).at(place);
            line.add(found.hint("write reverse, noreverse or nothing"));
            return None;
        }
    };
    check.own_mut().weight = Some(FileWeight { factor, reverse });
    Some(())
}

/// Nothing is said of a check whose session was refused, as keepalived does.
fn alpha(check: &mut CheckDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let refused = check.own().is_some_and(|own| own.session_refused);
    if refused { None } else { timing::alpha(&mut check.timing, line) }
}

/// What is wrong with a `BFD_CHECK`, which keepalived says with the name of the server.
pub(super) fn of_server(check: &CheckDraft, message: &str) -> String {
    let server = check.own().and_then(|own| own.server);
    server.map_or(message.to_owned(), |server| format!("({server}) {message}"))
}

fn name(check: &mut CheckDraft, line: &mut Line<'_, '_>) -> Option<()> {
    if check.own().is_some_and(|own| own.session_refused) {
        return None;
    }
    let Some(word) = line.word(1).filter(|_| line.len() == 2) else {
        check.own_mut().session_refused = true;
        let message = "BFD_CHECK - No or too many names specified - skipping checker";
        let found = Diagnostic::general(of_server(check, message)).at(line.statement.span);
        line.add(found.hint("write the name of one bfd_instance"));
        return None;
    };
    let known = &line.cx.declared_sessions;
    if !known.contains(&word.text) {
        check.own_mut().session_refused = true;
        let hint = declare(&word.text, "bfd_instance", known.iter().map(String::as_str));
        let message = format!("BFD_CHECK - BFD {} not configured", word.text);
        let found = Diagnostic::general(of_server(check, &message));
        line.add(found.at(word.span).hint(hint));
        return None;
    }
    let session = Spanned { value: word.text.as_str().into(), span: word.span };
    check.own_mut().session = Some(session);
    Some(())
}

/// The check, unless another one of the server follows the same session.
pub(super) fn once(
    check: CheckDraft,
    others: &[CheckDraft],
    line: &mut Line<'_, '_>,
) -> Option<CheckDraft> {
    fn session(check: &CheckDraft) -> Option<&Spanned<std::sync::Arc<str>>> {
        check.own().and_then(|own| own.session.as_ref())
    }
    let own = session(&check)?;
    let bfd = others.iter().filter(|other| other.kind == Kind::Bfd);
    if bfd.filter_map(session).any(|other| other.value == own.value) {
        let message = format!("BFD_CHECK - RS already monitoring {}", own.value);
        let found = Diagnostic::general(of_server(&check, &message)).at(own.span);
        line.add(found.hint("one check of each session is enough"));
        return None;
    }
    Some(check)
}
