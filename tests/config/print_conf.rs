//! `--print-conf` of the program: where it prints to, what it says beside, how it ends.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A directory of its own, gone afterwards.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("print-conf-{name}-{}", std::process::id()));
        fs::create_dir(&path).expect("a directory of its own");
        Self(path)
    }

    fn file(&self, text: &str) -> PathBuf {
        let path = self.0.join("k.conf");
        fs::write(&path, text).expect("a place for it");
        path
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What is left over is in a directory for such things.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn print(file: &Path, option: &str) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_keepalived"));
    program.args([option, "-f"]).arg(file).output().expect("the program runs")
}

const GOOD: &str = "global_defs {\n router_id \"lb 1\"\n}\n";

#[test]
fn what_is_printed_can_be_read_again() {
    let place = Place::new("again");
    let file = place.file(GOOD);
    let printed = print(&file, "--print-conf");
    assert_eq!(printed.status.code(), Some(0));
    assert!(printed.stderr.is_empty(), "{printed:?}");
    let world = crate::environment();
    let again = conf::load_text("printed", &printed.stdout, &world);
    assert!(again.report.diagnostics().is_empty(), "{}", again.report.render(false));
    assert_eq!(again.config, conf::load(&file, &world).config);
}

#[test]
fn problems_are_named_apart_and_never_with_a_password() {
    let place = Place::new("problems");
    let file = place.file(
        "vrrp_instance V {\n interface lo\n virtual_router_id 300\n authentication {\n \
         auth_type PASS\n auth_pass hunter2hunter2\n }\n}\n",
    );
    let printed = print(&file, "--print-conf");
    let (said, text) =
        (String::from_utf8_lossy(&printed.stderr), String::from_utf8_lossy(&printed.stdout));
    assert_eq!(printed.status.code(), Some(5), "{printed:?}");
    assert!(said.contains("300") && !said.contains("hunter"), "{said}");
    assert!(text.contains(" problems were found"), "{text}");
}

#[test]
fn a_file_that_it_prints_to_is_new_and_its_owners() {
    let place = Place::new("file");
    let file = place.file(GOOD);
    let target = place.0.join("printed.conf");
    let option = format!("--print-conf={}", target.display());
    let printed = print(&file, &option);
    assert!(printed.status.success() && printed.stdout.is_empty(), "{printed:?}");
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(fs::read_to_string(&target).unwrap().contains("router_id \"lb 1\""));
    let printed = print(&file, &option);
    assert_eq!(printed.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&printed.stderr).contains("printed.conf"));
}
