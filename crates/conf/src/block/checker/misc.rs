//! The rows of `MISC_CHECK`: a program, and who runs it.

use super::{CheckDraft, Row};
use crate::block::command::{self, CommandDraft};
use crate::diagnostic::Diagnostic;
use crate::line::Line;
use crate::resolve::account;

/// The rows of `MISC_CHECK`.
pub(crate) static MISC: &[Row] = &[
    Row {
        script: true,
        ..Row::now("misc_path", "the program and its arguments", |check, line| {
            // Without a word keepalived goes on, and has no program at the end.
            if line.len() > 1 {
                check.own_mut().command = Some(command::read(line)?);
            }
            Some(())
        })
        .takes("COMMAND", "", "")
    },
    Row::now("misc_timeout", "seconds that it may take", timeout).takes(
        "SECS",
        "0-4294; 0 for the default",
        "delay_loop",
    ),
    Row::now("misc_dynamic", "its exit status sets the weight", |check, _| {
        check.own_mut().dynamic = true;
        Some(())
    })
    .takes("", "", "off"),
    Row::now("user", "the account that it runs as", user).takes("USER [GROUP]", "", "script_user"),
];

fn timeout(check: &mut CheckDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let seconds = line.number(&word, 0..=4294);
    if seconds.is_none() {
        let found = Diagnostic::general(format!("Invalid misc_timeout value '{}'", word.text));
        line.add(found.at(word.span).hint("write whole seconds, 0 to 4294"));
    }
    check.own_mut().timeout = seconds?;
    Some(())
}

/// `USER [GROUP]`; the last one counts, and every one must exist.
fn user(check: &mut CheckDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let command = check.own().and_then(|own| own.command.as_ref());
    let script = command.map(CommandDraft::quoted).unwrap_or_default();
    let Some(word) = line.word(1) else {
        let message = format!("No user specified for misc checker script {script}");
        let found = Diagnostic::general(message).at(line.span());
        line.add(found.hint("write user NAME, or user NAME GROUP"));
        return None;
    };
    let account = account::find(&word.text, line.text(2));
    if let Err(why) = &account {
        let message = format!("Failed to set uid/gid for misc checker script {script} - removing");
        line.add(Diagnostic::general(message).at(word.span).hint(why.clone()));
    }
    check.own_mut().account = Some(account.ok());
    Some(())
}
