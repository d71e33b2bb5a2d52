//! `track_file` and its old spelling: a file whose value is watched.

use std::path::Path;

use vrrp::config::{Factor, InitialValue};

use super::weight::{self, Complaints, WeightDraft};
use crate::diagnostic::Diagnostic;
use crate::keyword::Keyword;
use crate::line::Line;
use crate::reader::Word;

/// The block as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileDraft {
    /// Its name.
    pub(crate) name: Word,
    pub(crate) path: Option<Word>,
    pub(crate) weight: Option<WeightDraft>,
    pub(crate) initial: Option<InitialValue>,
}

type Row = Keyword<FileDraft>;

/// The rows of `track_file` and `vrrp_track_file`.
pub(crate) static TRACK_FILE: &[Row] = &[
    Row::now("file", "the file", path).takes("PATH", "", ""),
    Row::now("weight", "factor of the file's value", weight).takes(
        "N [reverse]",
        "-254 to 254",
        "1",
    ),
    Row::now("init_file", "creates the file at the start", initial).takes(
        "[VALUE] [overwrite]",
        "",
        "off; alone it means 0",
    ),
];

fn path(draft: &mut FileDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let name = &draft.name.text;
    let Some(word) = line.word(1) else {
        let found = Diagnostic::general("track file file name missing").at(line.statement.span);
        line.add(found.hint(format!("write the path of the file that {name} is")));
        return None;
    };
    if draft.path.is_some() {
        let message = format!("File already set for track file {name} - ignoring {}", word.text);
        line.error_at(&word, message);
        return None;
    }
    draft.path = Some(word);
    Some(())
}

fn weight(draft: &mut FileDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let name = &draft.name.text;
    let missing = format!("No weight specified for track file {name} - ignoring");
    let word = line.given(1, &missing)?;
    if draft.weight.is_some_and(|set| set.weight != Factor::ONE.number()) {
        let message = format!("Weight already set for track file {name} - ignoring {}", word.text);
        line.error_at(&word, message);
        return None;
    }
    let complaints = Complaints {
        range: &|text| {
            let most = Factor::MAX;
            format!(
                "Weight ({text}) for track_file {name} must be between [-{most}..{most}] \
                 inclusive. Ignoring..."
            )
        },
        option: &|text| format!("track_file {name} unknown weight option {text}"),
    };
    draft.weight = Some(weight::read(line, Factor::MAX, &complaints)?);
    Some(())
}

/// `[VALUE] [overwrite]` in either order.
fn initial(draft: &mut FileDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let name = &draft.name.text;
    let mut initial = InitialValue { value: 0, overwrite: false };
    let mut at = 1;
    while let Some(word) = line.word(at) {
        at += 1;
        if word.text == "overwrite" {
            initial.overwrite = true;
        } else if word.text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+') {
            let range = i64::from(i32::MIN)..=i64::from(i32::MAX);
            initial.value = line.number(&word, range).unwrap_or_else(|| {
                let message = format!("Track file {name} init value {} is invalid", word.text);
                line.error_at(&word, message);
                0
            });
            if !(-254..=254).contains(&initial.value) {
                line.error_at(
                    &word,
                    format!(
                        "Track file {name} init value {} is outside sensible range [-254, 254]",
                        initial.value
                    ),
                );
            }
        } else {
            let message = format!("Unknown track file init option {}", word.text);
            line.add(
                Diagnostic::general(message).at(word.span).hint("write a number and overwrite"),
            );
        }
    }
    draft.initial = Some(initial);
    Some(())
}

/// Reads the block; `None` when the file is not watched.
pub(crate) fn read(files: &[FileDraft], line: &mut Line<'_, '_>) -> Option<FileDraft> {
    let name = line.required(1);
    let is_taken = |name: &str| files.iter().any(|one| one.name.text == name);
    let name = line.new_name(name, "Track file", is_taken)?;
    let mut draft = FileDraft { name, path: None, weight: None, initial: None };
    line.block(TRACK_FILE, &mut draft);
    let name = &draft.name.text;
    let Some(path) = &draft.path else {
        line.error_at_end(format!("No file set for track_file {name} - ignoring"));
        return None;
    };
    let file = Path::new(&path.text);
    let overwritten = draft.initial.is_some_and(|initial| initial.overwrite);
    if overwritten && file.exists() && !file.is_file() {
        let message = format!("Cannot initialise track file {name} - it is not a regular file");
        line.add_at_end(Diagnostic::general(message).hint(format!("`{}` is", path.text)));
        return None;
    }
    if file.parent().is_some_and(|directory| !directory.is_dir()) {
        line.add(
            Diagnostic::notice(format!("The directory of track file {name} does not exist"))
                .at(path.span),
        );
    }
    Some(draft)
}
