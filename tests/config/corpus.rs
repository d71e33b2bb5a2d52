//! Configurations that people published: none may bring the reader down.
//!
//! `KEEPALIVED_CORPUS` names a directory with `NNN-*.conf` and `expected/NNN.txt`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::{environment, link};

#[test]
fn published_files_are_read_to_their_end() {
    let Some(directory) = std::env::var_os("KEEPALIVED_CORPUS") else {
        println!("*** KEEPALIVED_CORPUS is not set: the corpus part DID NOT RUN ***");
        return;
    };
    let directory = Path::new(&directory);
    let mut world = environment();
    let interfaces = fs::read_to_string(directory.join("interfaces.list")).unwrap_or_default();
    let extra = interfaces.split_whitespace().filter(|name| !name.starts_with('#'));
    world.links.extend(extra.zip(100..).map(|(name, index)| link(name, index, false)));
    let (mut agree, mut differ) = (0, BTreeMap::new());
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "conf") {
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let report = conf::load(&path, &world).report;
        assert!(!report.render(false).contains('\0'));
        let expected = directory.join("expected").join(format!("{}.txt", &name[..3]));
        let expected = fs::read_to_string(expected).unwrap_or_default();
        let status = expected.lines().next().and_then(|line| line.rsplit(' ').next());
        let own = report.test_exit_code().to_string();
        if status == Some(own.as_str()) {
            agree += 1;
        } else {
            differ.insert(name, (status.unwrap_or("?").to_owned(), own));
        }
    }
    println!("exit statuses that agree: {agree} of {}", agree + differ.len());
    for (name, (expected, own)) in differ {
        println!("  {name}: expected {expected}, got {own}");
    }
}
