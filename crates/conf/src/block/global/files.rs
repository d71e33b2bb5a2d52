//! Rows of `global_defs`: reloads, include lines, and the files that the daemon reads and writes.

use std::path::PathBuf;

use super::Row;
use super::umask;
use super::value::{self as read, set, set_boolean};
use crate::block::{RootDraft, reload};
use crate::diagnostic::{Class, Diagnostic};
use crate::include::Checks;
use crate::line::Line;

/// Files.
pub(super) static FILES: &[Row] = &[
    Row::now("umask", "mask of the modes of new files", umask::read).takes(
        "MASK | BIT[|BIT]...",
        "0-0777 as in C, or names such as IRWXG",
        "0177",
    ),
    Row::now("random_seed", "makes random values repeatable", random_seed).takes(
        "NUMBER",
        "0-4294967295",
        "another one each time",
    ),
    Row::now("reload_check_config", "refuses a reload with mistakes", |root, line| {
        reload::check(&mut root.globals, line)
    })
    .takes("[LOG_FILE]", "", "off; alone it means /dev/null"),
    Row::now("reload_time_file", "file that says when to reload", |root, line| {
        reload::time_file(&mut root.globals, line)
    })
    .takes("PATH", "an absolute path", ""),
    Row::now("reload_repeat", "repeats that reload every day", |root, _| {
        set(&mut root.globals.reload.repeat)
    })
    .takes("", "", "off"),
    Row::now("reload_file", "file that exists while configuration is read", |root, line| {
        reload::file(&mut root.globals, line)
    })
    .takes("[PATH]", "", "off; alone it means keepalived.reload beside the pid files"),
    Row::now("include_check", "problems of include lines that are errors", include_check).takes(
        "[[+|-]read|match|wildcard_match|brace_match]...",
        "",
        "none; alone it means all",
    ),
    Row::now("config_save_dir", "keeps copies of the configuration", |root, line| {
        reload::save_directory(&mut root.globals, line)
    })
    .takes("DIRECTORY", "", ""),
    Row::now("tmp_config_directory", "where the copy is kept", |root, line| {
        reload::config_directory(&mut root.globals, line)
    })
    .takes("DIRECTORY", "", "memory"),
    Row::now("data_use_instance", "instance name in dump files", |root, line| {
        set_boolean(&mut root.globals.files.data_use_instance, line)
    })
    .takes("[on|off]", "", "off"),
    Row::now("json_version", "layout of the JSON dump", |root, line| {
        root.globals.files.json_version = read::number(line, 1..=2, read::ignored)?;
        Some(())
    })
    .takes("1|2", "", "1"),
    Row::now("iproute_usr_dir", "directory of the names of iproute2", |root, line| {
        let path = only_path(line)?;
        line.cx.names.shipped.clone_from(&path);
        root.globals.files.iproute_usr_directory = Some(path);
        Some(())
    })
    .takes("DIRECTORY", "for the lines that follow", "/usr/share/iproute2"),
    Row::now("iproute_etc_dir", "directory of their overrides", |root, line| {
        let path = only_path(line)?;
        line.cx.names.own.clone_from(&path);
        root.globals.files.iproute_etc_directory = Some(path);
        Some(())
    })
    .takes("DIRECTORY", "for the lines that follow", "/etc/iproute2"),
    Row::now("state_dump_file", "name of the state dump", |root, line| {
        root.globals.files.state_dump = Some(only_path(line)?);
        Some(())
    })
    .takes("PATH", "a directory if it ends with a slash", "/tmp/keepalived.data"),
    Row::now("stats_dump_file", "name of the statistics dump", |root, line| {
        root.globals.files.stats_dump = Some(only_path(line)?);
        Some(())
    })
    .takes("PATH", "a directory if it ends with a slash", "/tmp/keepalived.stats"),
    Row::now("json_dump_file", "name of the JSON dump", |root, line| {
        root.globals.files.json_dump = Some(only_path(line)?);
        Some(())
    })
    .takes("PATH", "a directory if it ends with a slash", "/tmp/keepalived.json"),
];

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
