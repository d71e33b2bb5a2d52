//! What a script finds around it: its account, its environment, its limits, its signals.

use std::os::unix::fs::chown;

use testkit::lab::{Daemon, Host};

use crate::support::{Alone, LIMIT, under_test, usual};

const NOBODY: u32 = 65_534;

/// A script that writes what these commands say into `seen`, which an account may write that can
/// do nothing else.
fn seeing(host: &Host, commands: &str) -> String {
    let seen = host.write("seen", "");
    chown(&seen, Some(NOBODY), Some(NOBODY)).expect("the file is the test's own");
    for directory in seen.ancestors().skip(1).take_while(|path| path.starts_with("/tmp/")) {
        host.ok(["chmod", "a+rx", &directory.display().to_string()]);
    }
    let body = format!("{{ {commands}; echo END; }} >{}", seen.display());
    host.script("see", &body).display().to_string()
}

/// What it has written, once it has.
fn seen(scene: &Alone) -> String {
    scene.lab.wait_until("a script to look", LIMIT, || scene.host.read("seen").ends_with("END\n"));
    scene.host.read("seen").trim_end_matches("END\n").to_owned()
}

fn start(scene: &Alone, through: &[&str], configuration: &str) -> Daemon {
    scene.daemon().through(through).start(configuration)
}

/// A script that is tracked.
fn checked(script: &str) -> String {
    let instance = usual("track_script {\n    chk\n  }");
    let block = format!("vrrp_script chk {{\n  script {script}\n  interval 600\n}}\n");
    format!("global_defs {{\n  script_user root\n}}\n{block}{instance}")
}

#[test]
fn a_script_has_nothing_of_the_daemons_groups_signals_and_limits() {
    let scene = Alone::new("around");
    let commands = "cat /proc/$$/status; echo FILES $(ulimit -Sn); readlink /proc/$$/fd/0";
    let configuration = checked(&seeing(&scene.host, commands));
    // Its standard input is a file.
    let input = ["sh", "-c", "exec \"$@\" </etc/passwd", "sh"];
    let limits = ["setpriv", "--groups", "4,20", "prlimit", "--nofile=1500:20000"];
    let through = [&limits[..], &input].concat();
    let _daemon = start(&scene, &through, &configuration);
    let seen = seen(&scene);
    let field = |name: &str| {
        let line = seen.lines().find(|line| line.starts_with(name));
        line.map(|line| line[name.len()..].trim().to_owned())
    };
    // 2.2.7 leaves it the group that it has anyway.
    assert!(field("Groups:").is_some_and(|groups| groups.is_empty() || groups == "0"), "{seen}");
    assert_eq!(field("FILES").as_deref(), Some("1500"), "{seen}");
    assert_eq!(seen.lines().last(), Some("/dev/null"), "{seen}");
    let ignored = field("SigIgn:").expect("a field of the kernel's");
    let ignored = u64::from_str_radix(&ignored, 16).expect("a set of signals");
    // 32 and 33 belong to the C library.
    assert_eq!(ignored & !(0b11 << 31), 0, "{seen}");
}

/// 2.2.7 hands everything on.
#[test]
fn a_script_gets_the_daemons_environment_but_for_what_is_dangerous_in_it() {
    if !under_test().is_ours() {
        println!("*** newer than the original: this part DID NOT RUN ***");
        return;
    }
    let scene = Alone::new("around-environment");
    let configuration = checked(&seeing(&scene.host, "tr '\\0' '\\n' </proc/$$/environ"));
    let variables = ["KEPT=yes", "IFS=x", "LD_PRELOAD=libm.so.6", "LD_LIBRARY_PATH=/nowhere"];
    let through = [&["env", "NOTIFY_SOCKET=/nowhere"][..], &variables].concat();
    let _daemon = start(&scene, &through, &configuration);
    let seen = seen(&scene);
    let has = |name: &str| seen.lines().any(|line| line.starts_with(&format!("{name}=")));
    assert!(has("KEPT") && has("TMPDIR"), "{seen}");
    for name in ["IFS", "LD_PRELOAD", "LD_LIBRARY_PATH", "NOTIFY_SOCKET"] {
        assert!(!has(name), "{name}: {seen}");
    }
}

#[test]
fn the_reader_of_a_pipe_and_the_scripts_of_the_start_have_their_own_accounts() {
    // 2.2.7 waits for ever for the script of its start, if that has another account.
    let kinds: &[&str] = match under_test().is_ours() {
        true => &["startup_script", "notify_fifo_script"],
        false => &["notify_fifo_script"],
    };
    for kind in kinds {
        let scene = Alone::new("around-account");
        let script = seeing(&scene.host, "id -u; id -G");
        let pipe = scene.host.file("pipe");
        let globals = format!("notify_fifo {}\n  {kind} {script} nobody nogroup", pipe.display());
        let configuration =
            format!("global_defs {{\n  script_user root\n  {globals}\n}}\n{}", usual(""));
        let _daemon = scene.start(&configuration);
        assert_eq!(seen(&scene), "65534\n65534\n", "{kind}");
    }
}
