//! Files that are generated from the rows and checked in: `UPDATE_GOLDENS=1` writes them anew, and
//! without it one that is not as it would be written fails the test.

use std::fs;
use std::path::Path;

/// A file as it has to be.
pub(crate) struct Generated {
    /// Below the root of the project.
    pub(crate) path: &'static str,
    /// What has to stand in it.
    pub(crate) text: String,
}

/// Compares the files, or writes them.
pub(crate) fn compare(files: &[Generated]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let update = std::env::var_os("UPDATE_GOLDENS").is_some();
    let mut stale = Vec::new();
    for file in files {
        let path = root.join(file.path);
        if update {
            fs::create_dir_all(path.parent().unwrap_or(root)).expect("a directory for it");
            fs::write(&path, &file.text).expect("a place for it");
            continue;
        }
        let now = fs::read_to_string(&path).unwrap_or_default();
        if now != file.text {
            stale.push(format!("{}: {}", file.path, first_difference(&now, &file.text)));
        }
    }
    assert!(
        stale.is_empty(),
        "stale; UPDATE_GOLDENS=1 cargo test --test config writes them anew:\n{}",
        stale.join("\n")
    );
}

fn first_difference(now: &str, wanted: &str) -> String {
    let mut pairs = (1..).zip(now.lines().zip(wanted.lines()));
    pairs.find(|(_, (now, wanted))| now != wanted).map_or_else(
        || "one of both is longer".to_owned(),
        |(line, (now, wanted))| format!("line {line} is `{now}`, not `{wanted}`"),
    )
}

/// A text between two marker lines, which stay.
pub(crate) fn splice(frame: &str, markers: (&str, &str), middle: &str) -> Option<String> {
    let (before, rest) = frame.split_once(markers.0)?;
    let (_, after) = rest.split_once(markers.1)?;
    Some(format!("{before}{}\n{middle}{}{after}", markers.0, markers.1))
}
