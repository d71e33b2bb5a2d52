//! How the kernel schedules VRRP and BFD: nice values, real time, locked memory, processors, and
//! what of it a reload changes.

use testkit::lab::{Part, Scheduling};

use crate::support::{Alone, LIMIT, under_test, usual};

const SESSION: &str = "bfd_instance b1 {\n  neighbor_ip 192.0.2.2\n}\n";
/// Longer than anything here computes without a break.
const LONG: u64 = 2_000_000;

fn globally(keywords: &str) -> String {
    format!("global_defs {{\n{keywords}\n}}\n{SESSION}{}", usual(""))
}

#[test]
fn parts_are_scheduled_as_wished_and_anew_by_a_reload() {
    let scene = Alone::new("scheduling");
    let first = globally(&format!(
        "vrrp_priority 5\nvrrp_cpu_affinity 0\nbfd_rt_priority 3\nbfd_rlimit_rttime {LONG}\n\
         bfd_no_swap"
    ));
    let mut daemon = scene.start_master(&first, "192.0.2.51");
    let wait = |what: &str, part, thread, is: &dyn Fn(Scheduling) -> bool| {
        scene.lab.wait_until(what, LIMIT, || daemon.scheduling(part, thread).is_some_and(is));
    };
    let vrrp = |what, is: &dyn Fn(Scheduling) -> bool| wait(what, Part::Vrrp, "vrrp", is);
    let bfd = |what, is: &dyn Fn(Scheduling) -> bool| wait(what, Part::Bfd, "bfd", is);
    vrrp("VRRP to be nice, on one processor", &|now| {
        (now.nice, now.realtime, &*now.processors) == (5, None, "0")
    });
    bfd("BFD in real time, in memory", &|now| {
        (now.realtime, now.realtime_limit, now.locks_memory) == (Some(3), Some(LONG), true)
    });
    daemon.reload(&globally(&format!(
        "vrrp_rt_priority 4\nvrrp_rlimit_rttime {LONG}\nvrrp_cpu_affinity 0\nbfd_priority -3"
    )));
    vrrp("VRRP in real time", &|now| {
        (now.realtime, now.realtime_limit, &*now.processors) == (Some(4), Some(LONG), "0")
    });
    bfd("BFD to be urgent, no longer in memory", &|now| {
        (now.nice, now.realtime, now.locks_memory) == (-3, None, false)
    });
    // The original leaves VRRP on the last processors that were wished for.
    daemon.reload(&globally(""));
    let usual = if under_test().is_ours() { -10 } else { 0 };
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    vrrp("VRRP without wishes", &|now| {
        let free = (now.processors != "0") == (all > 1 && under_test().is_ours());
        (now.nice, now.realtime, free) == (usual, None, true)
    });
    bfd("BFD without wishes", &|now| (now.nice, now.realtime) == (usual, None));
    assert!(daemon.stop().success());
}

/// The kernel warns before it ends a part that computes for too long.
#[test]
fn a_warning_of_the_kernel_is_passed_on() {
    let scene = Alone::new("computing");
    for (prefix, name, file) in [("vrrp", "VRRP", 1), ("bfd", "BFD", 3)] {
        let limited = format!("{prefix}_rt_priority 4\n{prefix}_rlimit_rttime {LONG}");
        let mut daemon = scene.start_master(&globally(&limited), "192.0.2.51");
        let pid = std::fs::read_to_string(&daemon.pid_files()[file]).expect("the part's number");
        scene.host.ok(["kill", "-XCPU", pid.trim()]);
        let line = format!(
            "{name} process has used too much CPU time, {prefix}_rlimit_rttime may need to be \
             increased"
        );
        daemon.wait_for_log(&line, LIMIT);
        let said = daemon.log().texts().into_iter().filter(|text| text.contains("CPU time"));
        assert_eq!(said.count(), 1, "{}", scene.lab.logs());
        assert!(daemon.stop().success());
    }
}

/// What a part is urged to do is not for its scripts; where it runs is.
#[test]
fn scripts_keep_to_the_processors_of_their_part_and_to_nothing_else() {
    let scene = Alone::new("script-scheduling");
    let told = scene.host.file("told");
    // Its own nice value and policy, and the processors that it may use.
    let body = format!(
        "read -r line </proc/$$/stat\nset -- ${{line##*) }}\n\
         echo \"${{17}} ${{39}} $(sed -n 's/^Cpus_allowed_list:\\t//p' /proc/$$/status)\" >>{}\n",
        told.display()
    );
    let script = scene.host.script("tells", &body).display().to_string();
    let text = format!(
        "global_defs {{\nscript_user root\nvrrp_priority 7\nvrrp_cpu_affinity 0\n}}\n{}",
        usual(&format!("notify {script}"))
    );
    let mut daemon = scene.start_master(&text, "192.0.2.51");
    let heard = || std::fs::read_to_string(&told).unwrap_or_default();
    scene.lab.wait_until("two states", LIMIT, || heard().lines().count() >= 2);
    assert!(daemon.stop().success());
    assert!(heard().lines().all(|line| line == "0 0 0"), "{}", heard());
}
