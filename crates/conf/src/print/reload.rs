//! What is said about reloads.

use std::path::Path;

use super::Writer;
use crate::Config;
use crate::reload_settings::ReloadFile;

pub(super) fn print(config: &Config, out: &mut Writer) {
    let reload = &config.globals.reload;
    if *reload == crate::ReloadSettings::default() {
        return;
    }
    out.block("global_defs", &[], |out| {
        let mut path = |keyword: &str, path: &Option<std::path::PathBuf>| {
            if let Some(path) = path {
                out.statement(keyword, &[&text(path)]);
            }
        };
        path("reload_check_config", &reload.check);
        path("reload_time_file", &reload.time_file);
        path("config_save_dir", &reload.save_directory);
        path("tmp_config_directory", &reload.config_directory);
        if reload.repeat {
            out.statement("reload_repeat", &[]);
        }
        match &reload.file {
            None => {}
            Some(ReloadFile::Usual) => out.statement("reload_file", &[]),
            Some(ReloadFile::At(path)) => out.statement("reload_file", &[&text(path)]),
        }
    });
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use crate::{Environment, ReloadSettings, load_text, print};

    fn settings(text: &str) -> ReloadSettings {
        load_text("t", text.as_bytes(), &Environment::default()).config.globals.reload
    }

    #[test]
    fn what_is_printed_is_read_again() {
        for lines in [
            "reload_check_config\nreload_file\nreload_repeat",
            "reload_check_config \"/a b\"\nreload_file /c\nreload_time_file /d\nconfig_save_dir /tmp",
            "tmp_config_directory /tmp",
        ] {
            let text = format!("global_defs {{\n{lines}\n}}\n");
            let loaded = load_text("t", text.as_bytes(), &Environment::default());
            assert_ne!(loaded.config.globals.reload, ReloadSettings::default());
            assert_eq!(settings(&print(&loaded.config)), loaded.config.globals.reload);
        }
    }
}
