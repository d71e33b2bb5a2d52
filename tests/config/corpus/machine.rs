//! The machine that the expected outputs were made on: its interfaces, its name, its scripts.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use conf::Environment;

use crate::{environment, link};

/// Programs of that machine which the files use.
const PROGRAMS: [&str; 13] = [
    "bash",
    "curl",
    "echo",
    "ip",
    "killall",
    "logger",
    "pgrep",
    "pidof",
    "ping",
    "pkill",
    "sh",
    "systemctl",
    "test",
];

/// It is gone when this is dropped.
pub(super) struct Machine {
    pub(super) environment: Environment,
    root: PathBuf,
}

impl Machine {
    /// Machines with different labels may be there at the same time.
    pub(super) fn new(corpus: &Path, label: &str) -> Self {
        let name = format!("keepalived-corpus-{label}-{}", std::process::id());
        let root = std::env::temp_dir().join(name);
        let machine = Self { environment: surroundings(corpus, &root), root };
        fs::create_dir_all(machine.root.join("usr/bin"))
            .expect("the temporary directory can be filled");
        for directory in ["bin", "sbin"] {
            symlink("usr/bin", machine.root.join(directory))
                .expect("the temporary directory can be filled");
        }
        for program in PROGRAMS {
            machine.script(&format!("/usr/bin/{program}"));
        }
        for path in words(&corpus.join("stub-scripts.list")) {
            machine.script(&path);
        }
        machine
    }

    /// An executable file, as it would be after `chroot`.
    fn script(&self, path: &str) {
        let path = self.root.join(path.trim_start_matches('/'));
        fs::create_dir_all(path.parent().expect("the temporary directory can be filled"))
            .expect("the temporary directory can be filled");
        fs::write(&path, "#!/bin/sh\nexit 0\n").expect("the temporary directory can be filled");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
            .expect("the temporary directory can be filled");
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // What cannot be removed is only litter.
        let _ = fs::remove_dir_all(&self.root);
    }
}

fn surroundings(corpus: &Path, root: &Path) -> Environment {
    let names = words(&corpus.join("interfaces.list"));
    let links = names.iter().zip(2..).map(|(name, index)| link(name, index, false));
    Environment {
        links: std::iter::once(link("lo", 1, true)).chain(links).collect(),
        host_name: "lb1".to_owned(),
        search_path: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned(),
        script_root: root.to_path_buf(),
        ..environment()
    }
}

/// The words of a file, but for comments.
fn words(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path);
    let text = text.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).map(str::to_owned).collect()
}
