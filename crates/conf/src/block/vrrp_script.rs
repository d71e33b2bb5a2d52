//! `vrrp_script`: a check that runs again and again.

use std::time::Duration;

use super::command::{self, CommandDraft};
use crate::diagnostic::Diagnostic;
use crate::globals::Account;
use crate::keyword::Keyword;
use crate::line::Line;
use crate::reader::Word;
use crate::resolve::account;
use crate::span::Span;
use crate::value::Decimal;

/// The block as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScriptDraft {
    /// Its name.
    pub(crate) name: Word,
    pub(crate) command: Option<CommandDraft>,
    pub(crate) interval: Duration,
    /// Without one the interval.
    pub(crate) timeout: Option<Duration>,
    pub(crate) weight: i16,
    pub(crate) reverse: bool,
    pub(crate) rise: u32,
    pub(crate) fall: u32,
    /// The account that `user` names; `Some(None)` when there is none.
    pub(crate) account: Option<Option<Account>>,
    /// `init_fail`.
    pub(crate) fails_at_start: bool,
    /// Its `}`.
    pub(crate) closed: Option<Span>,
}

impl ScriptDraft {
    pub(crate) fn new(name: Word) -> Self {
        Self {
            name,
            command: None,
            interval: Duration::from_secs(1),
            timeout: None,
            weight: 0,
            reverse: false,
            rise: 1,
            fall: 1,
            account: None,
            fails_at_start: false,
            closed: None,
        }
    }
}

type Row = Keyword<ScriptDraft>;

/// The rows of `vrrp_script`.
pub(crate) static SCRIPT: &[Row] = &[
    Row::script("script", "the program and its arguments", |draft, line| {
        // Without a word keepalived goes on, and has no script at the end.
        if line.len() > 1 {
            draft.command = Some(command::read(line)?);
        }
        Some(())
    })
    .takes("COMMAND", "", ""),
    Row::now("interval", "seconds between two runs", |draft, line| {
        draft.interval = seconds(&draft.name.text, line)?;
        Some(())
    })
    .takes("SECS", "0.001-4294", "1"),
    Row::now("timeout", "seconds after which a run has failed", |draft, line| {
        draft.timeout = Some(seconds(&draft.name.text, line)?);
        Some(())
    })
    .takes("SECS", "0.001-4294", "the interval"),
    Row::now("weight", "what it adds to the priority of its users", weight).takes(
        "N [reverse]",
        "-253 to 253",
        "0, a failure is a fault",
    ),
    Row::now("rise", "successes in a row that make it good", |draft, line| {
        draft.rise = count(&draft.name.text, line)?;
        Some(())
    })
    .takes("COUNT", "1-2147483647", "1"),
    Row::now("fall", "failures in a row that make it bad", |draft, line| {
        draft.fall = count(&draft.name.text, line)?;
        Some(())
    })
    .takes("COUNT", "1-2147483647", "1"),
    Row::now("user", "the account that it runs as", user).takes("USER [GROUP]", "", "script_user"),
    Row::now("init_fail", "starts as failed", |draft, _| {
        draft.fails_at_start = true;
        Some(())
    })
    .takes("", "", "off"),
];

/// `USER [GROUP]`; the last one counts, and every one must exist.
fn user(draft: &mut ScriptDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let account = account::find(&word.text, line.text(2));
    if let Err(why) = &account {
        let script = draft.command.as_ref().map_or("", |command| command.text.as_str());
        let message = format!("Unable to set uid/gid for script '{script}'");
        line.add(Diagnostic::general(message).at(word.span).hint(why.clone()));
    }
    draft.account = Some(account.ok());
    Some(())
}

/// Seconds with three decimals; 0 becomes 1.
fn seconds(name: &str, line: &mut Line<'_, '_>) -> Option<Duration> {
    let keyword = line.text(0).unwrap_or_default().to_owned();
    let word = line.required(1)?;
    let read = line.seconds(&word, Decimal::millis(0, 4_294_000));
    match read {
        None => {
            let value = &word.text;
            line.error_at(
                &word,
                format!("({name}): vrrp script {keyword} '{value}' invalid - ignoring"),
            );
            None
        }
        Some(Duration::ZERO) => {
            let message =
                format!("({name}): vrrp script {keyword} must be greater than 0, setting to 1");
            line.error_at(&word, message);
            Some(Duration::from_secs(1))
        }
        Some(time) => Some(time),
    }
}

fn count(name: &str, line: &mut Line<'_, '_>) -> Option<u32> {
    let keyword = line.text(0).unwrap_or_default().to_owned();
    let word = line.required(1)?;
    let count = line.number(&word, 1..=2_147_483_647);
    if count.is_none() {
        let value = &word.text;
        let message =
            format!("({name}): vrrp script {keyword} value '{value}' invalid, defaulting to 1");
        line.error_at(&word, message);
    }
    Some(count.unwrap_or(1))
}

fn weight(draft: &mut ScriptDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    match line.number(&word, -253..=253) {
        Some(weight) => draft.weight = weight,
        None => {
            let message = format!(
                "vrrp_script {} weight {} must be in [-253, 253]",
                draft.name.text, word.text
            );
            line.error_at(&word, message);
        }
    }
    match line.word(2) {
        Some(word) if word.text == "reverse" => draft.reverse = true,
        Some(word) => {
            let name = &draft.name.text;
            let message = format!("vrrp_script {name} unknown weight option {}", word.text);
            line.error_at(&word, message);
        }
        None => {}
    }
    Some(())
}
