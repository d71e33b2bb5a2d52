//! Files that cannot be read, and what include lines do about them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::environment;

/// A directory of its own, removed at the end.
pub(crate) struct Directory(pub(crate) PathBuf);

impl Directory {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("conf-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a temporary directory can be made");
        Self(path)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).expect("a temporary file can be written");
        path
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

pub(crate) fn outcome(pattern: &Path) -> (u8, Option<u8>, Vec<String>) {
    let report = conf::load(pattern, &environment()).report;
    (report.test_exit_code(), report.is_fatal(), report.log_lines().collect())
}

#[test]
fn a_missing_main_file_stops_the_daemon_but_not_a_test() {
    let missing = Path::new("/nonexistent/keepalived.conf");
    let (test, daemon, lines) = outcome(missing);
    assert_eq!((test, daemon), (0, Some(6)));
    assert_eq!(lines[0], "Config files missing '/nonexistent/keepalived.conf'.");
    let strict = conf::Environment { all_config: true, ..environment() };
    assert_eq!(conf::load(missing, &strict).report.test_exit_code(), 4);
}

#[test]
fn directories_and_executable_files_are_no_configuration() {
    let directory = Directory::new("kinds");
    let (_, daemon, lines) = outcome(&directory.0);
    assert_eq!(daemon, Some(6));
    assert!(lines[0].ends_with("/' is a directory - skipping"), "{lines:?}");
    let file = directory.write("x.conf", "");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    let (_, daemon, lines) = outcome(&file);
    assert_eq!(daemon, Some(6));
    assert!(lines[0].contains("is not a regular non-executable file"), "{lines:?}");
}

#[test]
fn includes_are_read_in_place_and_relative_to_their_file() {
    let directory = Directory::new("include");
    fs::create_dir_all(directory.0.join("d")).unwrap();
    directory.write("d/a.conf", "interface eth0\ninclude b.txt\n");
    directory.write("d/b.txt", "virtual_router_id 7 }\n");
    let main = "vrrp_instance V {\n include d/*.conf\nglobal_defs { router_id after }\n";
    let loaded = conf::load(&directory.write("main", main), &environment());
    assert_eq!(loaded.config.globals.router_id.as_deref(), Some("after"));
    assert_eq!(loaded.config.vrrp.instances[0].vrid.number(), 7);
}

#[test]
fn include_checks_decide_whether_a_problem_stops_the_daemon() {
    let directory = Directory::new("checks");
    directory.write("here.conf", "");
    // compat 01 §14, the table.
    let rows = [
        ("include /nonexistent", 0, 1),
        ("includer /nonexistent", 0, 1),
        ("includem /nonexistent", 6, 1),
        ("includew nomatch*", 6, 1),
        ("includer .", 6, 1),
        ("includeb {here,missing}.conf", 6, 1),
        ("include {here,missing}.conf", 0, 1),
        ("include h*.conf", 0, 0),
    ];
    for (line, expected, messages) in rows {
        let (test, _, lines) = outcome(&directory.write("main", line));
        assert_eq!((test, lines.len()), (expected, messages), "{line}: {lines:?}");
    }
}

#[test]
fn files_that_include_themselves_end() {
    let directory = Directory::new("loop");
    let (test, _, lines) = outcome(&directory.write("main", "include main\n"));
    assert_eq!(test, 5);
    assert!(lines[0].contains("is not read"), "{lines:?}");
}

#[test]
fn includes_go_through_the_preprocessor() {
    let directory = Directory::new("prepared");
    fs::create_dir_all(directory.0.join("d")).unwrap();
    directory.write("d/one", "$A=late\nzz1\nzz${_PWD}\n");
    directory.write("d/two", "zz2\n");
    directory.write("d/three", "zz3 }\n");
    let main = "$F=d/one\n$I=include d/t\ninclude $F\n@lb1 include d/two\n@lb2 include d/one\n\
                zz$A\n~LST(f,two,three) include d/$f\n${I}wo\nglobal_defs { include d/three\n\
                $M=\\\ninclude d/two \\\nzz4\n$M\nzz5\n";
    let (_, _, lines) = outcome(&directory.write("main", main));
    let unknown = lines.iter().filter_map(|line| line.split("Unknown keyword '").nth(1));
    let words: Vec<&str> = unknown.filter_map(|rest| rest.split('\'').next()).collect();
    let pwd = format!("zz{}", fs::canonicalize(directory.0.join("d")).unwrap().display());
    let expected =
        ["zz1", &pwd, "zz2", "zzlate", "zz2", "zz3", "}", "zz2", "zz3", "zz2", "zz4", "zz5"];
    assert_eq!(words, expected, "{lines:?}");
}

#[test]
fn files_that_include_each_other_again_and_again_end() {
    let directory = Directory::new("again");
    directory.write("a", "include b\ninclude b\n");
    directory.write("b", "include a\ninclude a\nzz\n");
    let (test, _, lines) = outcome(&directory.write("main", "include a\ninclude a\n"));
    assert_eq!(test, 5);
    assert!(lines.iter().any(|line| line.contains("it includes itself")), "{lines:?}");
}

#[test]
fn line_ends_and_long_lines_do_not_matter() {
    let directory = Directory::new("lines");
    let long = "x".repeat(100_000);
    let text = format!("$A={long}\r\nglobal_defs {{\r\n router_id \"${{A}} ${{A}}\" \\\r\n}}\r");
    let loaded = conf::load(&directory.write("main", &text), &environment());
    assert!(loaded.report.diagnostics().is_empty(), "{}", loaded.report.render(false));
    let expected = format!("{long} {long}");
    assert_eq!(loaded.config.globals.router_id.as_deref(), Some(expected.as_str()));
}

#[test]
fn a_file_that_is_no_text_is_one_finding() {
    let directory = Directory::new("no-text");
    let text = "global_defs {\n router_id x\n}\n".repeat(100);
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let archive: Vec<u8> =
        (0..100_000_u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    for (bytes, words) in [(utf16, "is in UTF-16 - skipping"), (archive, "is no text - skipping")] {
        let file = directory.write("main", "");
        fs::write(&file, &bytes).unwrap();
        let (test, daemon, lines) = outcome(&file);
        assert_eq!((test, daemon, lines.len()), (5, Some(2), 1), "{lines:?}");
        assert!(lines[0].contains(words), "{lines:?}");
        // As an included file it does not keep the others from being used.
        fs::rename(&file, directory.0.join("odd")).unwrap();
        let (test, daemon, lines) = outcome(&directory.write("main", "include odd\n"));
        assert_eq!((test, daemon, lines.len()), (5, None, 1), "{lines:?}");
    }
}

#[test]
fn odd_ways_of_writing_text_are_read_with_a_word() {
    let directory = Directory::new("odd-text");
    let rows: [(&[u8], &str, &str); 4] = [
        (b"\xef\xbb\xbfglobal_defs {\n router_id x\n}\n", "x", "byte order mark"),
        (b"global_defs {\r router_id x\r}\r", "x", "Each CR is read"),
        (b"global_defs {\n router_id x\xe4 # \xe4\n}\n", "x\u{fffd}", "no UTF-8"),
        (b"global_defs { # \xe4\n router_id x\n}", "x", ""),
    ];
    for (bytes, router_id, words) in rows {
        let file = directory.write("main", "");
        fs::write(&file, bytes).unwrap();
        let loaded = conf::load(&file, &environment());
        assert_eq!(loaded.config.globals.router_id.as_deref(), Some(router_id));
        let lines: Vec<String> = loaded.report.log_lines().collect();
        assert_eq!(loaded.report.test_exit_code(), 0, "{lines:?}");
        assert_eq!(lines.len(), usize::from(!words.is_empty()), "{lines:?}");
        assert!(lines.iter().all(|line| line.contains(words)), "{lines:?}");
    }
}

#[test]
fn lines_with_nul_are_left_out_one_by_one() {
    let directory = Directory::new("nul");
    let (test, daemon, lines) = outcome(&directory.write("main", "zz\0\nzz\n\0\0\n"));
    assert_eq!((test, daemon), (5, None));
    let nul = "configuration appears to have embedded NULs - ignoring line";
    let shown: Vec<&str> = lines.iter().map(|line| line.rsplit_once("Line ").unwrap().1).collect();
    assert_eq!(shown, [&format!("1) {nul}"), "2) Unknown keyword 'zz'", &format!("3) {nul}")]);
}

#[test]
fn findings_about_endless_lines_stay_readable() {
    let long = |c: &str| c.repeat(100_000);
    for text in [
        format!("{}\n", long("z")),
        format!("global_defs {{ router_id {} {{ {}\n", long("x"), long("é")),
        format!("vrrp_instance V {{\n priority {}\n}}\n", long("9")),
        format!("a {}\"\n", long("b ")),
        format!("$A={}\nzz$A\n", long("z")),
    ] {
        let report = conf::load_text("t", text.as_bytes(), &environment()).report;
        assert!(!report.diagnostics().is_empty(), "{}", &text[..40]);
        for line in report.log_lines() {
            assert!(line.chars().count() < 2_500, "{} characters", line.chars().count());
        }
        let each = report.render(false).chars().count() / report.diagnostics().len();
        assert!(each < 4_000, "{each} characters: {}", report.render(false));
    }
}
