//! Where the dumps are written, and under which names (compat 03 §7.1).

use std::path::{Path, PathBuf};

use conf::Globals;

use crate::log::Log;

/// Where files without a place of their own go.
const DEFAULT: &str = "/tmp";

/// The directory of the environment variable `TMPDIR`, if it names one.
pub(super) fn temporary_directory(log: &Log) -> PathBuf {
    let Some(given) = std::env::var_os("TMPDIR").map(PathBuf::from) else {
        return DEFAULT.into();
    };
    if given.is_absolute() && given.is_dir() {
        return given;
    }
    log.info(format!("Environment TMPDIR={} not a directory", given.display()));
    DEFAULT.into()
}

/// What the names of the files are made of.
#[derive(Clone, Debug)]
pub(super) struct Places<'a> {
    pub(super) directory: &'a Path,
    pub(super) globals: &'a Globals,
    /// The network namespace that the daemon is in; `None` where it was started.
    pub(super) namespace: Option<&'a str>,
}

impl Places<'_> {
    /// The state of a part: `part` comes before the extension, and so do namespace and instance
    /// with `data_use_instance`.
    pub(super) fn state(&self, part: &str) -> PathBuf {
        let files = &self.globals.files;
        let path = self.place(files.state_dump.as_deref(), "keepalived.data");
        let insert = if files.data_use_instance { self.suffix() } else { String::new() };
        with_insert(&path, &format!("{part}{insert}"))
    }

    pub(super) fn statistics(&self) -> PathBuf {
        self.place(self.globals.files.stats_dump.as_deref(), "keepalived.stats")
    }

    pub(super) fn json(&self) -> PathBuf {
        self.place(self.globals.files.json_dump.as_deref(), "keepalived.json")
    }

    fn suffix(&self) -> String {
        let names: Vec<&str> =
            self.namespace.into_iter().chain(self.globals.instance.as_deref()).collect();
        if names.is_empty() { String::new() } else { format!(".{}", names.join("_")) }
    }

    /// A path that ends with a slash is a directory; of a relative one only the name counts.
    fn place(&self, configured: Option<&Path>, usual: &str) -> PathBuf {
        match configured {
            None => self.directory.join(usual),
            Some(path) if !path.is_absolute() => {
                self.directory.join(path.file_name().unwrap_or(usual.as_ref()))
            }
            Some(path) if path.as_os_str().as_encoded_bytes().ends_with(b"/") => path.join(usual),
            Some(path) => path.to_owned(),
        }
    }
}

/// Puts a text before the extension of a file's name, or behind a name that has none.
fn with_insert(path: &Path, insert: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let dot = name.rfind('.').unwrap_or(name.len());
    let (stem, extension) = name.split_at(dot);
    path.with_file_name(format!("{stem}{insert}{extension}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(globals: &Globals) -> [String; 2] {
        let places = Places { directory: Path::new("/tmp"), globals, namespace: Some("blue") };
        ["", "_parent"].map(|part| places.state(part).display().to_string())
    }

    fn named(state_dump: Option<&str>, data_use_instance: bool) -> Globals {
        let mut globals = Globals { instance: Some("one".to_owned()), ..Globals::default() };
        globals.files.state_dump = state_dump.map(PathBuf::from);
        globals.files.data_use_instance = data_use_instance;
        globals
    }

    #[test]
    fn the_part_and_the_instance_come_before_the_extension() {
        let usual = ["/tmp/keepalived.data", "/tmp/keepalived_parent.data"];
        assert_eq!(places(&named(None, false)), usual);
        let long = ["/tmp/keepalived.blue_one.data", "/tmp/keepalived_parent.blue_one.data"];
        assert_eq!(places(&named(None, true)), long);
    }

    #[test]
    fn a_dump_file_is_a_directory_a_file_or_just_a_name() {
        let at = |path| places(&named(Some(path), false));
        assert_eq!(at("/d/"), ["/d/keepalived.data", "/d/keepalived_parent.data"]);
        assert_eq!(at("/d/foo.txt"), ["/d/foo.txt", "/d/foo_parent.txt"]);
        assert_eq!(at("/d.x/foo"), ["/d.x/foo", "/d.x/foo_parent"]);
        assert_eq!(at("some/foo.txt"), ["/tmp/foo.txt", "/tmp/foo_parent.txt"]);
    }

    #[test]
    fn statistics_and_json_never_carry_the_instance() {
        let globals = named(None, true);
        let places = Places { directory: Path::new("/tmp"), globals: &globals, namespace: None };
        assert_eq!(places.statistics(), Path::new("/tmp/keepalived.stats"));
        assert_eq!(places.json(), Path::new("/tmp/keepalived.json"));
    }
}
