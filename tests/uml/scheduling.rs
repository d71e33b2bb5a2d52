//! How the kernel schedules load balancing, and what of it a reload changes and programs inherit.
//! Passes on the original too, which has one thread for all of it.

use testkit::guest;
use testkit::lab::{Daemon, Lab, Part, Scheduling};

use crate::support::{LIMIT, under_test};

/// Longer than anything here computes without a break.
const LONG: u64 = 2_000_000;

/// These wishes, and a server whose program tells how it is scheduled.
fn text(wishes: &str, program: &str) -> String {
    format!(
        "global_defs {{\n script_user root\n {wishes}\n}}\nvirtual_server 192.0.2.51 80 {{\n \
         delay_loop 1\n warmup 0\n lb_algo rr\n lb_kind DR\n protocol TCP\n real_server \
         192.0.2.11 80 {{\n  MISC_CHECK {{\n   misc_path {program}\n  }}\n }}\n}}\n"
    )
}

/// Waits until both threads, or the one process, are scheduled so.
fn wait(lab: &Lab, daemon: &Daemon, what: &str, is: impl Fn(&Scheduling) -> bool) {
    for thread in ["director", "ipvs"] {
        lab.wait_until(&format!("{thread} {what}"), LIMIT, || {
            daemon.scheduling(Part::Checkers, thread).as_ref().is_some_and(&is)
        });
    }
}

#[test]
fn checks_are_scheduled_as_wished_and_anew_by_a_reload() {
    guest::run(|| {
        let lab = Lab::new("scheduling");
        let host = lab.host("a", "192.0.2.1/24");
        let told = host.file("told");
        // Its own nice value and policy.
        let body = format!(
            "read -r line </proc/$$/stat\nset -- ${{line##*) }}\necho \"${{17}} ${{39}}\" >>{}\n",
            told.display()
        );
        let program = host.script("tells", &body).display().to_string();
        let first =
            format!("checker_rt_priority 3\n checker_rlimit_rttime {LONG}\n checker_no_swap");
        let mut daemon = host.daemon(&under_test()).start(&text(&first, &program));
        daemon.wait_for_log("Startup complete", LIMIT);
        wait(&lab, &daemon, "in real time, in memory", |now| {
            (now.realtime, now.realtime_limit, now.locks_memory) == (Some(3), Some(LONG), true)
        });
        let pid = std::fs::read_to_string(&daemon.pid_files()[2]).expect("the checkers' number");
        host.ok(["kill", "-XCPU", pid.trim()]);
        daemon.wait_for_log(
            "Checker process has used too much CPU time, checker_rlimit_rttime may need to be \
             increased",
            LIMIT,
        );
        daemon.reload(&text("checker_priority 5\n checker_cpu_affinity 0", &program));
        wait(&lab, &daemon, "to be nice, no longer in memory", |now| {
            let Scheduling { nice, realtime, ref processors, locks_memory, .. } = *now;
            (nice, realtime, &**processors, locks_memory) == (5, None, "0", false)
        });
        let heard = || std::fs::read_to_string(&told).unwrap_or_default();
        let so_far = heard().lines().count();
        lab.wait_until("more programs", LIMIT, || heard().lines().count() > so_far + 1);
        assert!(heard().lines().all(|line| line == "0 0"), "{}", heard());
        daemon.reload(&text("checker_priority -4", &program));
        wait(&lab, &daemon, "to be urgent", |now| (now.nice, now.realtime) == (-4, None));
        daemon.reload(&text("", &program));
        wait(&lab, &daemon, "without wishes", |now| (now.nice, now.realtime) == (0, None));
        assert!(daemon.stop().success());
    });
}
