//! What the dump says about reloads.

use std::fmt::Write as _;

use conf::{ReloadFile, ReloadSettings};

pub(super) fn write(text: &mut String, reload: &ReloadSettings) -> std::fmt::Result {
    if let Some(directory) = &reload.save_directory {
        writeln!(text, " Config save dir = {}", directory.display())?;
    }
    match &reload.check {
        Some(file) => writeln!(text, " Test config before reload, log to {}", file.display())?,
        None => writeln!(text, " No test config before reload")?,
    }
    if let Some(file) = &reload.time_file {
        let repeat = if reload.repeat { " (repeat)" } else { "" };
        writeln!(text, " Reload time file = {}{repeat}", file.display())?;
    }
    match &reload.file {
        Some(ReloadFile::At(file)) => writeln!(text, " Reload_file = {}", file.display()),
        Some(ReloadFile::Usual) => writeln!(text, " Reload_file = (default)"),
        None => Ok(()),
    }
}
