//! Rows of `global_defs`: reloads, include lines, and the files that the daemon reads and writes.

use std::path::{Path, PathBuf};

use super::Row;
use super::umask;
use super::value::{self as read, set, set_boolean};
use crate::block::RootDraft;
use crate::diagnostic::{Class, Diagnostic};
use crate::globals::ReloadFile;
use crate::include::Checks;
use crate::line::Line;

/// Files.
pub(super) static FILES: &[Row] = &[
    Row::now("umask", "mask of the modes of new files", umask::read),
    Row::now("random_seed", "makes random values repeatable", random_seed),
    Row::now("reload_check_config", "refuses a reload with mistakes", |root, line| {
        let log = optional_path(line)?.unwrap_or_else(|| "/dev/null".into());
        root.globals.reload.check_log = Some(log);
        Some(())
    }),
    Row::later("reload_time_file", "file that says when to reload", |root, line| {
        root.globals.reload.time_file = Some(only_path(line)?);
        Some(())
    }),
    Row::later("reload_repeat", "repeats that reload every day", |root, _| {
        set(&mut root.globals.reload.repeat)
    }),
    Row::later("reload_file", "file that exists while configuration is read", |root, line| {
        let file = optional_path(line)?.map_or(ReloadFile::Default, ReloadFile::At);
        root.globals.reload.marker = Some(file);
        Some(())
    }),
    Row::now("include_check", "problems of include lines that are errors", include_check),
    Row::later("config_save_dir", "keeps copies of the configuration", config_save_directory),
    Row::later("tmp_config_directory", "where the text that was read is kept", temporary),
    Row::later("data_use_instance", "instance name in dump files", |root, line| {
        set_boolean(&mut root.globals.files.data_use_instance, line)
    }),
    Row::later("json_version", "layout of the JSON dump", |root, line| {
        root.globals.files.json_version = read::number(line, 1..=2, read::ignored)?;
        Some(())
    }),
    Row::later("iproute_usr_dir", "directory of the names of iproute2", |root, line| {
        root.globals.files.iproute_usr_directory = Some(only_path(line)?);
        Some(())
    }),
    Row::later("iproute_etc_dir", "directory of their overrides", |root, line| {
        root.globals.files.iproute_etc_directory = Some(only_path(line)?);
        Some(())
    }),
    Row::later("state_dump_file", "name of the state dump", |root, line| {
        root.globals.files.state_dump = Some(only_path(line)?);
        Some(())
    }),
    Row::later("stats_dump_file", "name of the statistics dump", |root, line| {
        root.globals.files.stats_dump = Some(only_path(line)?);
        Some(())
    }),
    Row::later("json_dump_file", "name of the JSON dump", |root, line| {
        root.globals.files.json_dump = Some(only_path(line)?);
        Some(())
    }),
];

/// A path that may be left out, but not be empty; `None` when it is.
fn optional_path(line: &mut Line<'_, '_>) -> Option<Option<PathBuf>> {
    if line.text(1) == Some("") {
        let keyword = line.text(0).unwrap_or_default().to_owned();
        line.error(format!("{keyword} invalid"));
        return None;
    }
    Some(line.text(1).map(PathBuf::from))
}

/// A path that stands alone behind its keyword.
fn only_path(line: &mut Line<'_, '_>) -> Option<PathBuf> {
    let path = line.text(1).filter(|path| line.len() == 2 && !path.is_empty()).map(PathBuf::from);
    if path.is_none() {
        let keyword = line.text(0).unwrap_or_default().to_owned();
        let found = Diagnostic::general(format!("{keyword} invalid")).at(line.statement.span);
        line.add(found.hint("write one path behind it"));
    }
    path
}

/// keepalived makes the directory while it reads; ours is made by whoever saves something.
fn config_save_directory(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let path = Path::new(&word.text);
    if path.exists() && !path.is_dir() {
        let message = format!("config_save_dir {} exists and is not a directory", word.text);
        line.error_at(&word, message);
        return None;
    }
    root.globals.files.config_save_directory = Some(path.into());
    Some(())
}

fn temporary(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = read::given(line, "tmp_config_directory missing directory name")?;
    if root.globals.files.temporary_config_directory.is_some() {
        line.error("tmp_config_directory already specified - ignoring");
        return None;
    }
    root.globals.files.temporary_config_directory = Some(word.text.into());
    Some(())
}

/// The numbers of `${_RANDOM}` from here on.
fn random_seed(_: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let seed = read::number(line, 0..=4_294_967_295, |keyword, value| {
        format!("{keyword} {value} invalid")
    })?;
    line.cx.reader.preprocessor.seed(seed);
    Some(())
}

/// Which problems of include lines are errors from here on (compat 01 §11).
fn include_check(_: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    if line.len() == 1 {
        line.cx.reader.checks = Checks::ALL;
        return Some(());
    }
    for word in line.statement.words.clone().into_iter().skip(1) {
        let first = Some(word.span) == line.word(1).map(|word| word.span);
        let (sign, name) = match word.text.strip_prefix(['+', '-']) {
            Some(name) => (word.text.chars().next(), name),
            None => (None, word.text.as_str()),
        };
        if sign.is_none() {
            if !first {
                let message = format!("Duplicate include_check '{name}' specified - ignoring");
                line.error_at(&word, message);
                continue;
            }
            line.cx.reader.checks = Checks { readable: true, ..Checks::default() };
        }
        let on = sign != Some('-');
        let checks = &mut line.cx.reader.checks;
        match name {
            "read" | "readable" => checks.readable = on,
            "match" => checks.matching = on,
            "wildcard_match" => checks.wildcard = on,
            "brace_match" => checks.brace = on,
            _ => {
                let message = format!("Unknown include_check type '{name}' - ignoring");
                let found = Diagnostic::new(Class::General, message).at(word.span);
                line.add(found.hint("read, match, wildcard_match or brace_match"));
            }
        }
    }
    Some(())
}
