//! What include lines find, leave out and refuse. Statuses and messages are those of the original
//! (2.2.7), seen by running each row, unless the row says otherwise; the advice in parentheses is
//! ours.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::files::{Directory, outcome};

/// What is made before, the lines of the main file, the status of a test, what is said.
type Row = (&'static str, &'static str, u8, &'static [&'static str]);

/// Makes what these words name: `d/` a directory, `x` a file, `x=a+b` one that holds a line,
/// `x->y` a link, `x|` a FIFO; behind a colon its mode.
fn make(directory: &Path, words: &str) {
    let mut modes = Vec::new();
    for word in words.split_whitespace() {
        let (what, mode) = word.split_once(':').unwrap_or((word, ""));
        let (name, text) = what.split_once('=').unwrap_or((what, ""));
        let path = directory.join(name.trim_end_matches(['/', '|']));
        if let Some((link, to)) = name.split_once("->") {
            symlink(to, directory.join(link)).expect("a link can be made");
        } else if name.ends_with('/') {
            fs::create_dir(&path).expect("a directory can be made");
        } else if name.ends_with('|') {
            assert!(
                Command::new("mkfifo").arg(&path).status().is_ok_and(|status| status.success())
            );
        } else {
            fs::write(&path, text.replace('+', " ") + "\n").expect("a file can be written");
        }
        modes.extend(u32::from_str_radix(mode, 8).ok().map(|mode| (path, mode)));
    }
    // Last, since a closed directory cannot be filled.
    for (path, mode) in modes {
        fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode can be set");
    }
}

fn check(name: &str, rows: &[Row]) {
    for (at, (made, main, status, said)) in rows.iter().enumerate() {
        let directory = Directory::new(&format!("{name}-{at}"));
        make(&directory.0, made);
        let (test, _, lines) = outcome(&directory.write("main", &format!("{main}\n")));
        let shown = directory.0.display().to_string();
        let lines: Vec<String> =
            lines.iter().map(|line| line.replace(&format!("{shown}/"), "")).collect();
        let expected: Vec<String> = said.iter().map(|line| spelled(line)).collect();
        assert_eq!((test, lines), (*status, expected), "made {made}; {main}");
    }
}

/// `1: text` is said of line 1 of the main file, `x:1: text` of another one; `?zz` is an unknown
/// keyword.
fn spelled(line: &str) -> String {
    let (place, text) = line.split_once(": ").expect("each line has a place");
    let (file, number) = place.rsplit_once(':').unwrap_or(("main", place));
    let text = match text.strip_prefix('?') {
        Some(word) => format!("Unknown keyword '{word}'"),
        None => text.to_owned(),
    };
    format!("({file}: Line {number}) {text}")
}

#[test]
fn names_that_are_missing_are_named_and_count_where_they_are_checked() {
    const MISSING: &[&str] = &["1: Config files missing 'no'."];
    let rows: [Row; 30] = [
        ("", "include no", 0, MISSING),
        ("", "includer no", 0, MISSING),
        ("", "includem no", 6, MISSING),
        ("", "includew no", 6, MISSING),
        ("", "includeb no", 0, MISSING),
        ("", "includea no", 6, MISSING),
        // Nothing in a directory of optional files is nothing to speak of.
        ("", "include no*", 0, &[]),
        ("", "includer no*", 0, &[]),
        ("", "includem no*", 0, &[]),
        ("", "includew no*", 6, &["1: No config files matched 'no*'."]),
        ("", "includeb no*", 0, &[]),
        ("", "includea no?", 6, &["1: No config files matched 'no?'."]),
        ("", "includew {a*,b*}", 6, &["1: No config files matched '{a*,b*}'."]),
        ("", "includeb {a*,b*}", 0, &[]),
        ("x=zz", "includeb {x,no*}", 5, &["x:1: ?zz"]),
        ("x=zz", "includew {x,no*}", 5, &["x:1: ?zz"]),
        (
            "a=zz",
            "include {a,b}",
            5,
            &["1: Some config files missing: \"{a,b}\". (there is no `b`)", "a:1: ?zz"],
        ),
        ("a", "includer {a,b}", 0, &["1: Some config files missing: \"{a,b}\". (there is no `b`)"]),
        ("a", "includem {a,b}", 0, &["1: Some config files missing: \"{a,b}\". (there is no `b`)"]),
        ("a", "includew {a,b}", 0, &["1: Some config files missing: \"{a,b}\". (there is no `b`)"]),
        (
            "a=zz",
            "includeb {a,b}",
            6,
            &["1: Some config files missing: \"{a,b}\". (there is no `b`)"],
        ),
        ("", "includem {a,b}", 0, &["1: Config files missing '{a,b}'. (there is no `a`, no `b`)"]),
        ("", "includeb {a,b}", 6, &["1: Config files missing '{a,b}'. (there is no `a`, no `b`)"]),
        ("", "includew {a*,b}", 0, &["1: Config files missing '{a*,b}'. (there is no `b`)"]),
        ("", "includem {a}", 0, &["1: Config files missing '{a}'. (there is no `a`)"]),
        ("", "includeb {a}", 6, &["1: Config files missing '{a}'. (there is no `a`)"]),
        ("x", "include \"x\"", 0, &["1: Config files missing '\"x\"'."]),
        ("x", "include x y", 0, &["1: Config files missing 'x y'."]),
        ("x", "includem x/y", 6, &["1: Config files missing 'x/y'."]),
        ("", "include ~", 0, &["1: Config files missing '~'."]),
    ];
    check("missing", &rows);
}

#[test]
fn directories_that_a_pattern_goes_through_have_to_be_there() {
    const MISSING: &[&str] = &["1: Config files missing 'e/*'. (there is no `e`)"];
    let rows: [Row; 14] = [
        ("", "include e/*", 0, MISSING),
        ("", "includer e/*", 0, MISSING),
        ("", "includem e/*", 6, MISSING),
        ("", "includeb e/*", 0, MISSING),
        (
            "d/ d/x=a",
            "include {d,e}/*",
            5,
            &["1: Some config files missing: \"{d,e}/*\". (there is no `e`)", "d/x:1: ?a"],
        ),
        (
            "d/ d/x=a",
            "includew {d,e}/*",
            5,
            &["1: Some config files missing: \"{d,e}/*\". (there is no `e`)", "d/x:1: ?a"],
        ),
        (
            "d/ d/x=a",
            "includeb {d,e}/*",
            6,
            &["1: Some config files missing: \"{d,e}/*\". (there is no `e`)"],
        ),
        // Files beside directories are nothing to speak of, directories without the file are.
        ("d/ d/x=a", "includea */x", 5, &["d/x:1: ?a"]),
        ("d/ f", "includem [df]/*", 0, &[]),
        (
            "d/ e/ d/x=a",
            "include */x",
            5,
            &["1: Some config files missing: \"*/x\". (there is no `e/x`)", "d/x:1: ?a"],
        ),
        (
            "d/ e/ d/x=a",
            "includea [de]/x",
            6,
            &["1: Some config files missing: \"[de]/x\". (there is no `e/x`)"],
        ),
        (
            "d/ e/",
            "includem [de]/x",
            6,
            &["1: Config files missing '[de]/x'. (there is no `d/x`, no `e/x`)"],
        ),
        (
            "d/ e/ d/e/",
            "include [de]/e/*",
            0,
            &["1: Config files missing '[de]/e/*'. (there is no `e/e`)"],
        ),
        ("", "includem a\\b", 0, &[]),
    ];
    check("directories", &rows);
}

#[test]
fn what_is_no_regular_file_is_left_out_with_a_word() {
    const SKIPPED: &str = "1: Configuration file 'd/' is a directory - skipping";
    const DIRECTORY: &[&str] = &[SKIPPED];
    const FIFO: &[&str] =
        &["1: Configuration file 'x' is not a regular non-executable file - skipping"];
    const EXECUTABLE: &[&str] = &["1: Configuration file 'x' is not a regular non-executable \
                                   file - skipping (try: chmod a-x x)"];
    const DANGLING: &[&str] = &["1: Configuration file 'x' is not a regular non-executable \
                                 file - skipping (No such file or directory)"];
    let rows: [Row; 17] = [
        ("d/", "include d", 0, DIRECTORY),
        ("d/", "includer d", 6, DIRECTORY),
        // The original writes two slashes here.
        ("d/", "include d/", 0, DIRECTORY),
        ("d/ d/x=zz", "include */", 0, DIRECTORY),
        // The original names the line of the file that it has read last.
        ("d/ d.conf=zz", "include d*", 5, &[SKIPPED, "d.conf:1: ?zz"]),
        ("d/ y=zz", "includer {d,y}", 6, &[SKIPPED, "y:1: ?zz"]),
        ("x=zz:755", "include x", 0, EXECUTABLE),
        ("x=zz:610", "includer x", 6, EXECUTABLE),
        ("x=zz:601", "includem x", 6, EXECUTABLE),
        ("x|", "include x", 0, FIFO),
        ("x|", "includer x", 6, FIFO),
        ("x->no", "include x", 0, DANGLING),
        ("x->no", "includer x", 6, DANGLING),
        ("x->no", "includem x", 6, DANGLING),
        ("x->no", "includew x*", 6, DANGLING),
        ("y=zz x->y", "includea x", 5, &["x:1: ?zz"]),
        ("x", "includea x", 0, &[]),
    ];
    check("kinds", &rows);
}

#[test]
fn patterns_are_those_of_the_shell() {
    let rows: [Row; 20] = [
        ("d/ d/x=zz .h=hidden", "include */*", 5, &["d/x:1: ?zz"]),
        (".h=zz", "include .h*", 5, &[".h:1: ?zz"]),
        (".h=zz", "include [.]h*", 0, &[]),
        ("b=b a=a B=B", "include [abB]", 5, &["B:1: ?B", "a:1: ?a", "b:1: ?b"]),
        ("b=b a=a B=B", "include {b,a,B}", 5, &["b:1: ?b", "a:1: ?a", "B:1: ?B"]),
        ("xa=a xb=b", "include x[^a]", 5, &["xb:1: ?b"]),
        ("x1=a xb=b", "include x[\\!1]", 5, &["xb:1: ?b"]),
        // What follows `!` is a comment.
        ("x1=a xb=b", "include x[!1]", 0, &[]),
        ("x1=a xb=b", "include x[[:digit:]]", 5, &["x1:1: ?a"]),
        ("x]=a", "include x[]]", 5, &["x]:1: ?a"]),
        ("x=a", "include \\x", 5, &["x:1: ?a"]),
        ("a*=a ab=b", "include a\\*", 5, &["a*:1: ?a"]),
        ("x{1=a", "include x\\{1", 5, &["x{1:1: ?a"]),
        ("x,1=a y=b", "include {x\\,1,y}", 5, &["x,1:1: ?a", "y:1: ?b"]),
        ("x=a", "include {x}", 5, &["x:1: ?a"]),
        ("x=a", "include x}", 0, &["1: Config files missing 'x}'."]),
        ("x=a", "include x {", 0, &["1: Config files missing 'x {'."]),
        ("x=a", "include x{", 0, &["1: Config files missing 'x{'."]),
        ("d/ d/e/ d/e/x=deep d/x=a", "include **/x", 5, &["d/x:1: ?a"]),
        ("d/ d/x=a", "include ./d/../d/x", 5, &["./d/../d/x:1: ?a"]),
    ];
    check("patterns", &rows);
}

#[test]
fn files_inside_files_have_their_own_directory_and_checks() {
    let rows: [Row; 14] = [
        ("d/ d/x=include+y d/y=zz y=no", "include d/x\ninclude y", 5, &["y:1: ?zz", "y:1: ?no"]),
        ("d/ d/z=zz x=include+d/z", "include x", 5, &["d/z:1: ?zz"]),
        // The checks of a directive are not those of the file that it reads.
        ("d/ d/x=include+no", "includem d/x", 0, &["d/x:1: Config files missing 'no'."]),
        ("x=include+no", "includea x", 0, &["x:1: Config files missing 'no'."]),
        ("x=includem+no", "include x", 6, &["x:1: Config files missing 'no'."]),
        (
            "x=include+.",
            "includer x",
            0,
            &["x:1: Configuration file './' is a directory - skipping"],
        ),
        (
            "",
            "global_defs {\ninclude_check match\n}\ninclude no",
            6,
            &["4: Config files missing 'no'."],
        ),
        (
            "",
            "global_defs {\ninclude_check wildcard_match\n}\ninclude no*",
            6,
            &["4: No config files matched 'no*'."],
        ),
        (
            "",
            "global_defs {\ninclude_check brace_match\n}\ninclude {a}",
            6,
            &["4: Config files missing '{a}'. (there is no `a`)"],
        ),
        (
            "",
            "global_defs {\ninclude_check\n}\ninclude no*",
            6,
            &["4: No config files matched 'no*'."],
        ),
        (
            "",
            "global_defs {\ninclude_check match\ninclude_check -match\n}\ninclude no",
            0,
            &["5: Config files missing 'no'."],
        ),
        (
            "",
            "global_defs {\ninclude_check +match\ninclude no\ninclude_check -match\n}",
            6,
            &["3: Config files missing 'no'."],
        ),
        // What an included file says of checks ends with it.
        (
            "d/ x=global_defs{+include_check+match+}",
            "include x\ninclude no",
            0,
            &["2: Config files missing 'no'."],
        ),
        ("x=global_defs+{", "include x\nzz }", 5, &["2: ?zz"]),
    ];
    check("nested", &rows);
}

#[test]
fn what_may_not_be_read_is_named_with_the_reason() {
    let open = "1: Configuration file 'x' open problem (Permission denied) - skipping";
    let inside = "1: Configuration file 'd/x' is not a regular non-executable file - skipping";
    let rows = [
        ("x=zz:600", "include x", 0, open),
        ("x=zz:600", "includer x", 6, open),
        ("x=zz:600", "includem x", 6, open),
        ("d/:700 d/x=zz", "include d/x", 0, "1: Config files missing 'd/x'."),
        ("d/:700 d/x=zz", "includem d/x", 6, "1: Config files missing 'd/x'."),
        ("d/:700 d/x=zz", "includeb d/{x,y}", 6, "1: Config files missing 'd/{x,y}'."),
        ("d/:711 d/x=zz", "include d/*", 0, "1: Config files missing 'd/*'."),
        ("d/:711 d/x=zz", "includem d/*", 6, "1: Config files missing 'd/*'."),
        ("d/:711 d/x=zz", "includeb d/*", 0, "1: Config files missing 'd/*'."),
        ("d/:711 e/ e/x", "includew ?/*", 0, "1: Some config files missing: \"?/*\"."),
        ("d/:744 d/x=zz", "include d/*", 0, inside),
        ("d/:744 d/x=zz", "includew d/*", 6, inside),
        ("d/:711 d/x=zz", "include d/x", 5, "d/x:1: ?zz"),
    ];
    for (at, (made, main, status, said)) in rows.iter().enumerate() {
        let directory = Directory::new(&format!("denied-{at}"));
        fs::set_permissions(&directory.0, Permissions::from_mode(0o755)).unwrap();
        make(&directory.0, made);
        let file = directory.write("main", &format!("{main}\n"));
        let (code, text) = as_nobody(&file);
        let text = text.replace(&format!("{}/", directory.0.display()), "");
        assert_eq!(code, Some(*status), "made {made}; {main}: {text}");
        assert!(text.starts_with(&spelled(said)), "made {made}; {main}: {text}");
    }
    // A main file that may not be read is an error without any check.
    let directory = Directory::new("denied");
    fs::set_permissions(&directory.0, Permissions::from_mode(0o755)).unwrap();
    make(&directory.0, "main:0");
    let (code, text) = as_nobody(&directory.0.join("main"));
    assert_eq!(code, Some(4), "{text}");
    assert!(text.contains("Unable to read configuration file"), "{text}");
}

/// Runs a test of the file by somebody who may not read everything.
fn as_nobody(file: &Path) -> (Option<i32>, String) {
    let nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
    let root = nix::unistd::geteuid().is_root();
    let words = ["timeout", "20"].into_iter().chain(nobody.into_iter().filter(|_| root));
    let mut words = words.chain([env!("CARGO_BIN_EXE_keepalived"), "-t", "-f"]);
    let program = words.next().unwrap_or_default();
    let done = Command::new(program).args(words).arg(file).output();
    let done = done.expect("the program can be run");
    (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
}
