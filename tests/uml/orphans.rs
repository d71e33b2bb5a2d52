//! What scripts leave behind goes to a daemon that only balances, too.

use std::fs;

use testkit::guest;
use testkit::site::Site;

use crate::director::{Director, real, service};
use crate::support::LIMIT;

/// The processes that the daemon, by this number, is the parent of.
fn children(daemon: u32) -> Vec<String> {
    let threads = fs::read_dir(format!("/proc/{daemon}/task")).into_iter().flatten().flatten();
    let lists =
        threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[test]
fn what_checks_leave_behind_is_adopted_and_buried_where_nothing_is_routed() {
    guest::run(|| {
        let site = Site::direct_routing("orphans", &["192.0.2.51"]);
        let (left, go) = (site.a.file("left"), site.a.file("go"));
        let body = format!(
            "[ ! -e {0} ] || exit 0\n(while [ ! -e {1} ]; do sleep 0.1; done) &\n\
             echo $! >{0}.new; mv {0}.new {0}",
            left.display(),
            go.display()
        );
        let script = site.a.script("leaves", &body).display().to_string();
        let check = format!("MISC_CHECK {{\n misc_path {script}\n warmup 0\n }}");
        let head = "global_defs {\n script_user root\n}\n";
        let text = format!("{head}{}", service(80, "", &real("192.0.2.11 80", &check)));
        let director = Director::start(site, &text);
        let (lab, daemon) = (&director.site.lab, director.daemon.pid());
        lab.wait_until("the script", LIMIT, || left.exists());
        let left = director.site.a.read("left").trim().to_owned();
        lab.wait_until("it to be adopted", LIMIT, || children(daemon).contains(&left));
        director.site.a.write("go", "");
        lab.wait_until("it to be buried", LIMIT, || !children(daemon).contains(&left));
    });
}
