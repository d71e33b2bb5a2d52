//! Exit codes and messages of starts that fail, and of `-t`.

use std::ffi::OsString;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use testkit::lab::{Finished, Host};

use crate::support::{Alone, LIMIT, instance, under_test, usual};

/// Runs the program in the namespace to its end, which has to come soon.
fn run(host: &Host, options: &[&str]) -> Finished {
    let program = under_test();
    let mut words: Vec<OsString> = vec![program.path().into()];
    words.extend(options.iter().map(OsString::from));
    soon(host, words)
}

/// Starts it with this configuration as tests usually do, expecting its end.
fn start(scene: &Alone, configuration: &str) -> Finished {
    soon(&scene.host, scene.daemon().command_line(configuration))
}

fn soon(host: &Host, words: Vec<OsString>) -> Finished {
    host.run(["timeout", "20"].map(OsString::from).into_iter().chain(words))
}

fn in_foreground(scene: &Alone, file: &Path) -> Finished {
    run(&scene.host, &["-n", "-l", "-G", "-f", &file.display().to_string()])
}

fn test(scene: &Alone, configuration: &str) -> Finished {
    let file = scene.host.write("test.conf", configuration);
    run(&scene.host, &["-t", "-f", &file.display().to_string()])
}

#[test]
fn a_missing_file_ends_the_start_with_status_6() {
    let scene = Alone::new("no-file");
    let done = in_foreground(&scene, &scene.host.file("absent.conf"));
    assert_eq!(done.code, Some(6), "{}", done.text());
    assert!(done.text().contains("absent.conf"), "{}", done.text());
}

#[test]
fn a_directory_instead_of_a_file_ends_the_start_with_status_6() {
    let scene = Alone::new("directory");
    let done = in_foreground(&scene, scene.host.directory());
    assert_eq!(done.code, Some(6), "{}", done.text());
}

#[test]
fn a_missing_interface_ends_the_start_with_status_2() {
    let scene = Alone::new("no-interface");
    let done = start(&scene, &usual("").replace("eth0", "eth9"));
    assert_eq!(done.code, Some(2), "{}", done.text());
    assert!(done.text().contains("eth9"), "{}", done.text());
}

#[test]
fn a_keyword_without_its_parameter_ends_the_start_with_status_2() {
    let scene = Alone::new("no-parameter");
    let done = start(&scene, &usual("garp_master_delay"));
    assert_eq!(done.code, Some(2), "{}", done.text());
    assert!(done.text().contains("garp_master_delay"), "{}", done.text());
}

#[test]
fn the_configuration_test_has_the_exit_codes_of_the_original() {
    let scene = Alone::new("config-test");
    let script = scene.host.script("true", "exit 0").display().to_string();
    let scripted = usual(&format!("notify {script}"));
    let secured =
        format!("global_defs {{\n  script_user root\n  enable_script_security\n}}\n{scripted}");
    let cases = [
        ("a good file", usual(""), 0),
        ("an empty file", String::new(), 0),
        ("an unknown keyword", usual("preemtp_delay 5"), 5),
        ("a missing interface", usual("").replace("eth0", "eth9"), 5),
        ("a missing parameter", usual("garp_master_delay"), 2),
        ("a priority out of range", usual("priority 300"), 5),
        ("a script without script security", scripted, 6),
        ("a script with script security", secured, 0),
        ("two instances of one id", two_of_one_id(), 5),
    ];
    for (what, configuration, code) in cases {
        let done = test(&scene, &configuration);
        assert_eq!(done.code, Some(code), "{what}: {}", done.text());
        assert_eq!(done.text().trim().is_empty(), code == 0, "{what}: {}", done.text());
    }
}

fn two_of_one_id() -> String {
    usual("") + &instance("VI_2", 51, "192.0.2.52", crate::support::FAST)
}

#[test]
fn the_configuration_test_of_a_missing_file_has_the_exit_code_of_the_original() {
    let scene = Alone::new("config-test-missing");
    let file = scene.host.file("absent.conf").display().to_string();
    let done = run(&scene.host, &["-t", "-f", &file]);
    assert_eq!(done.code, Some(0), "{}", done.text());
    let done = run(&scene.host, &["-t", "-e", "-f", &file]);
    assert_eq!(done.code, Some(4), "{}", done.text());
}

#[test]
fn the_configuration_test_names_file_line_and_word() {
    let scene = Alone::new("config-test-text");
    let done = test(&scene, &usual("preemtp_delay 5"));
    let named = done.stderr.lines().find(|line| line.contains("Unknown keyword 'preemtp_delay'"));
    assert!(named.is_some_and(|line| line.contains("Line 8) ")), "{}", done.text());
}

/// Runs it as nobody, with the usual configuration.
fn start_as_nobody(scene: &Alone) -> Finished {
    let nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
    let command = scene.daemon().command_line(&usual(""));
    soon(&scene.host, nobody.map(OsString::from).into_iter().chain(command).collect())
}

#[test]
fn without_root_it_ends_with_status_4_and_says_that_permission_is_missing() {
    let scene = Alone::new("not-root");
    let anyone = Permissions::from_mode(0o777);
    std::fs::set_permissions(scene.host.directory(), anyone).unwrap();
    let done = start_as_nobody(&scene);
    assert_eq!(done.code, Some(4), "{}", done.text());
    assert!(done.text().to_lowercase().contains("permission"), "{}", done.text());
}

/// The original ends with status 0 here, as if all were well; ours does not copy that.
#[test]
fn a_pid_file_that_cannot_be_written_ends_the_start_and_is_named() {
    let scene = Alone::new("no-pid-file");
    let done = start_as_nobody(&scene);
    assert_eq!(done.code == Some(0), !under_test().is_ours(), "{}", done.text());
    let names_it = |line: &str| line.contains("keepalived-keepalived.pid") && line.contains("open");
    assert!(done.text().lines().any(names_it), "{}", done.text());
}

#[test]
fn a_second_daemon_on_the_same_pid_files_says_so_and_ends_with_status_0() {
    let scene = Alone::new("twice");
    let first = scene.start_master(&usual(""), "192.0.2.51");
    let done = start(&scene, &usual(""));
    assert_eq!(done.code, Some(0), "{}", done.text());
    assert!(done.text().contains("daemon is already running"), "{}", done.text());
    assert!(scene.host.holds("192.0.2.51"));
    assert_eq!(
        std::fs::read_to_string(&first.pid_files()[0]).unwrap(),
        format!("{}\n", first.pid())
    );
}

#[test]
fn a_stale_pid_file_does_not_stop_a_start() {
    let scene = Alone::new("stale-pid");
    let mut first = scene.start_master(&usual(""), "192.0.2.51");
    first.kill_9();
    assert!(first.pid_files()[0].exists());
    let second = scene.start(&usual(""));
    second.wait_for_log("Entering MASTER STATE", LIMIT);
}

/// The kernel has none, or does not let it: either way nothing can be balanced.
#[test]
fn without_ipvs_there_is_no_balancing_and_status_1() {
    let scene = Alone::new("no-ipvs");
    let text = "virtual_server 192.0.2.51 80 {\n protocol TCP\n lb_algo rr\n lb_kind NAT\n \
                real_server 192.0.2.11 80 {\n }\n}\n";
    let powerless = ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin"];
    let done = soon(&scene.host, scene.daemon().through(&powerless).command_line(text));
    assert_eq!(done.code, Some(1), "{}", done.text());
    let said = done.text().contains("IPVS: Can't initialize ipvs: ");
    assert!(said, "{}", done.text());
}
