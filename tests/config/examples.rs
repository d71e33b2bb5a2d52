//! The configurations that the project hands out are read without a word.

use std::fs;
use std::path::{Path, PathBuf};

use crate::environment;

pub(crate) fn configurations(below: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(below).expect("a directory of the project");
    let paths = entries.map(|entry| entry.expect("an entry of it").path());
    let all = paths.flat_map(|path| if path.is_dir() { configurations(&path) } else { vec![path] });
    all.filter(|path| path.extension().is_some_and(|extension| extension == "conf")).collect()
}

#[test]
fn examples_and_the_sample_are_without_fault() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = configurations(&root.join("examples"));
    // What stands there is for real servers, which run no keepalived.
    files.retain(|file| !file.starts_with(root.join("examples/realserver")));
    files.extend(configurations(&root.join("etc")));
    assert!(files.len() >= 2, "{files:?}");
    for file in files {
        let loaded = conf::load(&file, &environment());
        assert!(loaded.report.diagnostics().is_empty(), "{}", loaded.report.render(false));
        assert!(!loaded.config.vrrp.instances.is_empty(), "{}", file.display());
    }
}
