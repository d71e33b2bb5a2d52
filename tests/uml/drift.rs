//! What somebody else does to the table by hand: it is noticed and told, what is gone is put back,
//! what is changed stays so, and what is not ours is left alone. The original notices nothing, so
//! these tests are about ours.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use testkit::guest;
use testkit::site::Site;

use crate::director::{Director, real, service};
use crate::support::{LIMIT, everything};

const TABLE: &str = "192.0.2.11:80=3 192.0.2.12:80=3";
const OTHER_TABLE: &str = "192.0.2.11:81=3 192.0.2.12:81=3";

/// Two services of two servers without checks, looked at so often.
fn text(interval: u8) -> String {
    let servers = |port: u16| {
        let place = |last: u8| format!("192.0.2.{last} {port}");
        [11, 12].map(|last| real(&place(last), "weight 3")).concat()
    };
    format!(
        "global_defs {{\n lvs_audit_interval {interval}\n}}\n{}{}",
        service(80, "", &servers(80)),
        service(81, "persistence_timeout 60", &servers(81))
    )
}

/// A director whose table is as it shall be, beside a service that is not its own.
fn start(label: &str, interval: u8) -> Director {
    let site = Site::direct_routing(label, &["192.0.2.51"]);
    site.a.ipvsadm("-A -t 192.0.2.99:99 -s sh");
    site.a.ipvsadm("-a -t 192.0.2.99:99 -r 192.0.2.13 -m");
    let director = Director::start(site, &text(interval));
    director.wait_for_table(80, TABLE);
    director.wait_for_table(81, OTHER_TABLE);
    director.changes();
    director
}

#[test]
fn what_is_removed_by_hand_is_put_back_and_what_is_changed_stays_so() {
    guest::run(|| {
        let mut director = start("drift", 1);
        let host = &director.site.a;
        let whole = everything(host);
        // A look that finds nothing writes nothing: several go by.
        thread::sleep(Duration::from_secs(4));
        assert_eq!(director.changes(), [""; 0]);

        let told = |line: &str| {
            let line = format!("IPVS: {line} by somebody else");
            director.daemon.wait_for_log_times(&line, 1, LIMIT);
        };
        let undone = |by_hand: &str, before: &BTreeSet<String>| {
            host.ipvsadm(by_hand);
            let lab = &director.site.lab;
            lab.wait_until(&format!("{by_hand} to be undone"), LIMIT, || {
                everything(host) == *before
            });
        };
        let server = |last| format!("(192.0.2.51:tcp:80 -> 192.0.2.{last}:80)");
        undone("-d -t 192.0.2.51:80 -r 192.0.2.11", &whole);
        told(&format!("{} was removed", server(11)));
        undone("-D -t 192.0.2.51:80", &whole);
        told("(192.0.2.51:tcp:80) was removed");

        host.ipvsadm("-e -t 192.0.2.51:80 -r 192.0.2.12 -g -w 0");
        told(&format!("{} was changed", server(12)));
        host.ipvsadm("-a -t 192.0.2.51:80 -r 192.0.2.13 -g -w 1");
        told(&format!("{} was added", server(13)));
        host.ipvsadm("-E -t 192.0.2.51:80 -s wlc");
        told("(192.0.2.51:tcp:80) was changed");
        // One that goes comes back beside them.
        let by_hand = everything(host);
        undone("-d -t 192.0.2.51:80 -r 192.0.2.11", &by_hand);
        assert_eq!(director.daemon.log().count("by somebody else"), 6);

        // Others may do with theirs what they like, and an emptied table is filled with ours.
        host.ipvsadm("-E -t 192.0.2.99:99 -s rr");
        host.ipvsadm("-C");
        host.ipvsadm("-A -t 192.0.2.98:98 -s rr");
        director.wait_for_table(80, TABLE);
        director.wait_for_table(81, OTHER_TABLE);
        director.daemon.wait_for_log_times("was removed by somebody else", 5, LIMIT);
        let names: Vec<String> = host.ipvs().services.into_iter().map(|one| one.name).collect();
        assert!(names.contains(&"TCP 192.0.2.98:98".to_owned()) && names.len() == 3, "{names:?}");
        assert!(director.daemon.stop().success());
        assert_eq!(host.ipvs().services.len(), 1, "only what is not ours is left");
    });
}

#[test]
fn nobody_looks_when_that_is_not_wanted_and_a_reload_changes_that() {
    guest::run(|| {
        let director = start("drift-off", 0);
        director.site.a.ipvsadm("-d -t 192.0.2.51:80 -r 192.0.2.12");
        thread::sleep(Duration::from_secs(4));
        assert_eq!(director.table(80), "192.0.2.11:80=3");
        director.daemon.reload(&text(1));
        director.wait_for_table(80, TABLE);
        assert_eq!(director.daemon.log().count("was removed by somebody else"), 1);
    });
}
