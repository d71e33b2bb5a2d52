//! The options of `-t`, where it writes, and what it shows on a terminal.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use testkit::lab::Finished;

use crate::support::{Alone, under_test, usual};

const BAD: &str = "vrrp_instace V\n";

/// Tests a bad file with these words before `-f FILE`, and these variables of the environment.
fn run(scene: &Alone, variables: &[&str], options: &str) -> Finished {
    let file = scene.host.write("bad.conf", BAD).display().to_string();
    let program = under_test().path().display().to_string();
    let words = ["timeout", "20", "env", "-C", directory(scene).as_str()].map(str::to_owned);
    let words = words.into_iter().chain(variables.iter().map(|&word| word.to_owned()));
    let command = std::iter::once(program).chain(options.split_whitespace().map(str::to_owned));
    scene.host.run(words.chain(command).chain(["-f".to_owned(), file]))
}

fn directory(scene: &Alone) -> String {
    scene.host.directory().display().to_string()
}

#[test]
fn findings_go_to_the_log_file_that_is_attached_to_the_option() {
    let scene = Alone::new("test-log");
    // The original takes the equals sign behind a short option for a part of the name.
    let after_equals = if under_test().is_ours() { "log" } else { "=log" };
    for (options, name) in [
        ("-tlog", "log"),
        ("--config-test=log", "log"),
        ("--config-tes=log", "log"),
        ("-t=log", after_equals),
    ] {
        let log = scene.host.file(name);
        let done = run(&scene, &[], options);
        assert_eq!(done.code, Some(5), "{options}: {}", done.text());
        assert!(done.text().trim().is_empty(), "{options}: {}", done.text());
        let first = fs::read_to_string(&log).unwrap();
        assert!(first.contains("Line 1) Unknown keyword 'vrrp_instace'"), "{options}: {first}");
        assert_eq!(fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o600);
        run(&scene, &[], options);
        let both = fs::read_to_string(&log).unwrap();
        assert_eq!(both, first.repeat(2), "{options}");
        fs::remove_file(&log).unwrap();
    }
}

#[test]
fn a_word_apart_from_the_option_is_no_log_file() {
    let scene = Alone::new("test-words");
    for options in ["-t log", "--config-test log"] {
        let done = run(&scene, &[], options);
        assert_eq!(done.code, Some(5), "{}", done.text());
        assert_eq!(done.stdout, "Unexpected argument(s): log \n");
        assert!(done.stderr.contains("Unknown keyword 'vrrp_instace'"), "{}", done.text());
        assert!(!scene.host.file("log").exists());
    }
}

#[test]
fn a_log_file_that_cannot_be_opened_ends_the_test_with_status_1() {
    let scene = Alone::new("test-no-log");
    symlink(scene.host.file("elsewhere"), scene.host.file("link")).unwrap();
    fs::create_dir(scene.host.file("directory")).unwrap();
    for (name, why) in [
        ("link", "40 - Too many levels of symbolic links"),
        ("directory", "21 - Is a directory"),
        ("absent/log", "2 - No such file or directory"),
    ] {
        let done = run(&scene, &[], &format!("-t{name}"));
        assert_eq!(done.code, Some(1), "{}", done.text());
        let expected = format!("Unable to open config-test log file {name} {why}\n");
        assert_eq!(done.stderr, expected);
    }
    assert!(!scene.host.file("elsewhere").exists());
}

/// Each class of findings, the words that it comes with, and the status that it leads to.
#[test]
fn every_class_of_findings_has_its_status() {
    let scene = Alone::new("test-classes");
    let cases = [
        ("preemtp_delay 5".to_owned(), "Unknown keyword 'preemtp_delay'", 5),
        ("global_defs {\n{\n}\n".to_owned(), "Unexpected '{' - ignoring", 5),
        ("global_defs\nrouter_id x\n}\n".to_owned(), "Missing '{' at beginning of", 5),
        ("}\n".to_owned(), "Extra '}' found", 5),
        ("global_defs {\n".to_owned(), "There are 1 missing '}'s", 5),
        ("global_defs {\nrouter_id \"x\n}\n".to_owned(), "Unterminated quote", 5),
        (usual("garp_master_delay"), "is missing a parameter after keyword", 2),
        (usual("priority 1x"), "invalid number '1x'", 5),
        (usual("priority 300"), "outside range [1, 255]", 5),
        (usual("").replace("eth0", "eth9"), "eth9", 5),
        ("include absent\n".to_owned(), "Config files missing 'absent'.", 0),
        ("includem absent\n".to_owned(), "Config files missing 'absent'.", 6),
        ("includew absent*\nzz\n".to_owned(), "No config files matched 'absent*'.", 6),
        (usual("notify /bin/true"), "SECURITY VIOLATION", 6),
        // The missing word is the end of everything in the original.
        (usual("garp_master_delay\n notify /bin/true"), "is missing a parameter", 2),
    ];
    for (text, words, status) in cases {
        let file = scene.host.write("class.conf", &text).display().to_string();
        let done = test(&scene, &["-f", &file]);
        assert_eq!(done.code, Some(status), "{text}: {}", done.text());
        assert!(done.stderr.contains(words), "{text}: {}", done.text());
    }
    let pattern = scene.host.file("{class,bad}.conf").display().to_string();
    scene.host.write("class.conf", "");
    scene.host.write("bad.conf", "");
    let done = test(&scene, &["-f", &pattern]);
    assert_eq!(done.code, Some(5), "{}", done.text());
    assert!(done.stderr.contains("multiple configuration file matches"), "{}", done.text());
    let pattern = scene.host.file("{class,absent}.conf").display().to_string();
    for (options, status) in [(&["-f", &pattern][..], 0), (&["-e", "-f", &pattern], 4)] {
        let done = test(&scene, options);
        assert_eq!(done.code, Some(status), "{}", done.text());
        assert!(done.stderr.contains("Some config files missing: "), "{}", done.text());
    }
}

fn test(scene: &Alone, options: &[&str]) -> Finished {
    let program = under_test().path().display().to_string();
    let words = ["timeout", "20", &program, "-t"];
    scene.host.run(words.iter().chain(options).copied())
}

/// The original writes the same plain lines everywhere.
#[test]
fn on_a_terminal_ours_shows_the_line_and_colours_where_they_are_wanted() {
    if !under_test().is_ours() {
        return;
    }
    let scene = Alone::new("test-terminal");
    let file = scene.host.write("bad.conf", BAD).display().to_string();
    let command = format!("{} -t -f {file}", under_test().path().display());
    let look = |variables: &[&str]| {
        let words = ["timeout", "20", "env", "-u", "NO_COLOR", "-u", "TERM"];
        let script = ["script", "--quiet", "--return", "--command", &command, "/dev/null"];
        let done = scene.host.run(words.iter().chain(variables).chain(&script).copied());
        assert_eq!(done.code, Some(5), "{}", done.text());
        assert!(done.stdout.contains(":1:1"), "{}", done.text());
        assert!(done.stdout.contains("help"), "{}", done.text());
        done.stdout
    };
    assert!(look(&["TERM=xterm"]).contains("\u{1b}["));
    assert!(look(&["TERM=xterm", "NO_COLOR="]).contains("\u{1b}["));
    for plain in [&["TERM=xterm", "NO_COLOR=1"][..], &["TERM=dumb"], &[]] {
        assert!(!look(plain).contains('\u{1b}'), "{plain:?}");
    }
}
