//! Reads the values of the keywords about reloads, with the complaints of compat 02.

use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::unistd::{AccessFlags, access};

use crate::diagnostic::Diagnostic;
use crate::globals::Globals;
use crate::line::Line;
use crate::reload_settings::ReloadFile;

/// `reload_check_config [LOGFILE]`. The check is made whatever becomes of its findings.
pub(crate) fn check(globals: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    let file = path(line).filter(|path| is_usable(path, line));
    globals.reload.check = Some(file.unwrap_or_else(|| PathBuf::from("/dev/null")));
    Some(())
}

/// `reload_time_file PATH`.
pub(crate) fn time_file(globals: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    let file = path(line).filter(|_| line.len() == 2);
    if file.is_none() {
        let found = Diagnostic::general("reload_time_file invalid").at(line.statement.span);
        line.add(found.hint("write the absolute path of one file"));
    }
    globals.reload.time_file = Some(file.filter(|path| is_usable(path, line))?);
    Some(())
}

/// `reload_file [PATH]`.
pub(crate) fn file(globals: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    let file = match path(line) {
        None => ReloadFile::Usual,
        Some(path) if is_usable(&path, line) => ReloadFile::At(path),
        Some(_) => return None,
    };
    globals.reload.file = Some(file);
    Some(())
}

/// Complains about a directory where a file is meant; keepalived finds out when it needs it.
fn is_usable(path: &Path, line: &mut Line<'_, '_>) -> bool {
    if !path.is_dir() {
        return true;
    }
    let message = format!("{} {} is a directory", line.text(0).unwrap_or_default(), path.display());
    let span = line.word(1).map(|word| word.span);
    line.add(Diagnostic::general(message).at(span).hint("write the path of a file in it"));
    false
}

/// `config_save_dir DIR`; a directory that is missing is made when it is needed.
pub(crate) fn save_directory(globals: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let directory = Path::new(&word.text);
    if let Some(problem) = cannot_hold_copies(directory) {
        line.error_at(&word, problem);
        return None;
    }
    globals.reload.save_directory = Some(directory.to_owned());
    Some(())
}

fn cannot_hold_copies(directory: &Path) -> Option<String> {
    let name = directory.display();
    if directory.is_dir() {
        return None;
    }
    if directory.exists() {
        return Some(format!("config_save_dir {name} exists and is not a directory"));
    }
    // The parent of a plain name is the directory that the daemon runs in; an empty one has none.
    let parent = directory.parent();
    let there = parent.is_some_and(|parent| parent == Path::new("") || parent.is_dir());
    let errno = Errno::ENOENT;
    (!there).then(|| {
        format!(
            "Unable to create config_save_dir {name} (error {} - {})",
            errno as i32,
            errno.desc()
        )
    })
}

/// `tmp_config_directory DIR`: the first one counts.
pub(crate) fn config_directory(globals: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    let Some(word) = line.word(1).filter(|word| !word.text.is_empty()) else {
        line.error("tmp_config_directory missing directory name");
        return None;
    };
    if globals.reload.config_directory.is_some() {
        line.error("tmp_config_directory already specified - ignoring");
        return None;
    }
    let directory = PathBuf::from(&word.text);
    if let Err(errno) = writable(&directory) {
        let message = format!(
            "Cannot open config directory {} for writing, errno {} - {}",
            word.text,
            errno as i32,
            errno.desc()
        );
        line.add(Diagnostic::general(message).at(word.span).hint("the copy stays in memory"));
    }
    // It counts all the same: a reload that names another one is refused.
    globals.reload.config_directory = Some(directory);
    Some(())
}

fn writable(directory: &Path) -> Result<(), Errno> {
    access(directory, AccessFlags::W_OK | AccessFlags::X_OK)?;
    if directory.is_dir() { Ok(()) } else { Err(Errno::ENOTDIR) }
}

/// The path after the keyword, if there is one.
fn path(line: &mut Line<'_, '_>) -> Option<PathBuf> {
    let word = line.word(1).filter(|word| !word.text.is_empty())?;
    let path = PathBuf::from(&word.text);
    if path.is_relative() {
        let keyword = line.text(0).unwrap_or_default();
        let message = format!(
            "{keyword} '{}' is looked for in the directory that the daemon runs in: in the \
             background that is /",
            word.text
        );
        line.add(Diagnostic::notice(message).at(word.span).hint("write an absolute path"));
    }
    Some(path)
}
