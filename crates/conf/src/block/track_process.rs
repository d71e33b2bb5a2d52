//! `vrrp_track_process`: a process that has to run.

use std::time::Duration;

use vrrp::config::{Factor, ParameterMatch};

use super::weight::{self, Complaints, WeightDraft};
use crate::diagnostic::Diagnostic;
use crate::keyword::Keyword;
use crate::line::Line;
use crate::reader::Word;
use crate::value::Decimal;

/// The block as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProcessDraft {
    /// Its name.
    pub(crate) name: Word,
    pub(crate) command: Vec<String>,
    pub(crate) parameters: Option<ParameterMatch>,
    pub(crate) weight: Option<WeightDraft>,
    pub(crate) quorum: u16,
    pub(crate) most: Option<u16>,
    pub(crate) end_delay: Duration,
    pub(crate) start_delay: Duration,
    pub(crate) full_command: bool,
}

type Row = Keyword<ProcessDraft>;

/// The rows of `vrrp_track_process`.
pub(crate) static TRACK_PROCESS: &[Row] = &[
    Row::now("process", "the process and its parameters", process).takes(
        "PATH [PARAMETER...]",
        "",
        "",
    ),
    Row::now("param_match", "how parameters are compared", param_match).takes(
        "[initial|partial]",
        "",
        "exactly, if there are parameters",
    ),
    Row::now("weight", "what it adds to the priority of its users", weight).takes(
        "N [reverse]",
        "-254 to 254",
        "0, a loss is a fault",
    ),
    Row::now("quorum", "least number of processes", quorum).takes("COUNT", "1-65535", "1"),
    Row::now("quorum_max", "largest number of processes", quorum_max)
        .takes("COUNT", "0-65535", "no limit"),
    Row::now("delay", "seconds before a change counts", |draft, line| {
        let delay = delay(&draft.name.text, line)?;
        (draft.end_delay, draft.start_delay) = (delay, delay);
        Some(())
    })
    .takes("SECS", "0.000001-3600", "0"),
    Row::now("terminate_delay", "seconds before an end counts", |draft, line| {
        draft.end_delay = delay(&draft.name.text, line)?;
        Some(())
    })
    .takes("SECS", "0.000001-3600", "0"),
    Row::now("fork_delay", "seconds before a start counts", |draft, line| {
        draft.start_delay = delay(&draft.name.text, line)?;
        Some(())
    })
    .takes("SECS", "0.000001-3600", "0"),
    Row::now("full_command", "compares the whole command line", |draft, _| {
        draft.full_command = true;
        Some(())
    })
    .takes("", "", "off"),
];

fn process(draft: &mut ProcessDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    if !draft.command.is_empty() {
        let name = &draft.name.text;
        let message =
            format!("Process already set for track process {name} - ignoring {}", word.text);
        line.error_at(&word, message);
        return None;
    }
    draft.command = line.statement.words.iter().skip(1).map(|word| word.text.clone()).collect();
    Some(())
}

fn param_match(draft: &mut ProcessDraft, line: &mut Line<'_, '_>) -> Option<()> {
    draft.parameters = Some(match line.word(1) {
        None => ParameterMatch::Exact,
        Some(word) if word.text == "partial" => ParameterMatch::Partial,
        Some(word) if word.text == "initial" => ParameterMatch::Initial,
        Some(word) => {
            let message = format!("Invalid param_match type {} - ignoring", word.text);
            let found = Diagnostic::general(message).at(word.span);
            line.add(found.hint("initial or partial; without a word they must be the same"));
            return None;
        }
    });
    Some(())
}

fn weight(draft: &mut ProcessDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let name = &draft.name.text;
    let missing = format!("No weight specified for track process {name} - ignoring");
    let word = line.given(1, &missing)?;
    if draft.weight.is_some_and(|set| set.weight != 0) {
        let message =
            format!("Weight already set for track process {name} - ignoring {}", word.text);
        line.error_at(&word, message);
        return None;
    }
    let complaints = Complaints {
        range: &|text| {
            let most = Factor::MAX;
            format!(
                "Weight ({text}) for vrrp_track_process {name} must be between \
                 [-{most}..{most}] inclusive. Ignoring..."
            )
        },
        option: &|text| format!("vrrp_track_process {name} unknown weight option {text}"),
    };
    draft.weight = Some(weight::read(line, Factor::MAX, &complaints)?);
    Some(())
}

/// A number of processes.
fn count(draft: &ProcessDraft, line: &mut Line<'_, '_>, least: u16, what: &str) -> Option<u16> {
    let word = line.required(1)?;
    let count = line.number(&word, i64::from(least)..=65535);
    if count.is_none() {
        let message = format!(
            "{what} ({}) for vrrp_track_process {} must be between [{least}..65535] inclusive. \
             Ignoring...",
            word.text, draft.name.text
        );
        line.error_at(&word, message);
    }
    count
}

fn quorum(draft: &mut ProcessDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let quorum = count(draft, line, 1, "Quorum")?;
    if draft.most.is_some_and(|most| most < quorum) {
        line.error("quorum is greater than quorum_max - ignoring");
        return None;
    }
    draft.quorum = quorum;
    Some(())
}

fn quorum_max(draft: &mut ProcessDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let most = count(draft, line, 0, "quorum_max")?;
    if most == 0 && draft.quorum == 1 {
        draft.quorum = 0;
    }
    if most < draft.quorum {
        line.error("quorum_max is less than quorum - ignoring");
        return None;
    }
    draft.most = Some(most);
    Some(())
}

fn delay(name: &str, line: &mut Line<'_, '_>) -> Option<Duration> {
    let keyword = line.text(0).unwrap_or_default().to_owned();
    let word = line.required(1)?;
    let delay = line.seconds(&word, Decimal::micros(1, 3_600_000_000));
    if delay.is_none() {
        let message = format!(
            "{keyword} ({}) for vrrp_track_process {name} must be between [0.000001..3600] \
             inclusive. Ignoring...",
            word.text
        );
        line.error_at(&word, message);
    }
    delay
}

/// Reads the block; `None` when no process is watched.
pub(crate) fn read(processes: &[ProcessDraft], line: &mut Line<'_, '_>) -> Option<ProcessDraft> {
    let name = line.required(1);
    let is_taken = |name: &str| processes.iter().any(|one| one.name.text == name);
    let name = line.new_name(name, "Track process", is_taken)?;
    let mut draft = ProcessDraft {
        name,
        command: Vec::new(),
        parameters: None,
        weight: None,
        quorum: 1,
        most: None,
        end_delay: Duration::ZERO,
        start_delay: Duration::ZERO,
        full_command: false,
    };
    line.block(TRACK_PROCESS, &mut draft);
    if draft.command.is_empty() {
        line.error_at_end(format!(
            "track process '{}' process name not specified",
            draft.name.text
        ));
        return None;
    }
    Some(draft)
}
