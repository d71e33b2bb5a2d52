//! What is in the table already when the daemon starts: services of somebody else, which it never
//! touches, and what a killed run left behind, which it puts right. What it leaves itself when it
//! is told to, and what the kernel does not take at first. The original puts nothing right and
//! tries nothing again.

use std::collections::BTreeSet;
use std::time::Duration;

use testkit::guest;
use testkit::lab::Lab;

use crate::support::{LIMIT, everything, under_test};

const VIP: &str = "192.0.2.51";

/// Two services; the second one is not in [`FEWER`].
const BOTH: &str = "
virtual_server 192.0.2.51 80 {
    lvs_sched wrr
    lvs_method NAT
    protocol TCP
    real_server 192.0.2.11 8080 {
        weight 3
        uthreshold 100
        lthreshold 10
    }
    real_server 192.0.2.12 8080 { weight 1 }
    real_server 192.0.2.13 80 {
        lvs_method TUN type gue port 5555
    }
}
virtual_server 192.0.2.52 53 {
    lvs_sched rr
    lvs_method DR
    protocol UDP
    persistence_timeout 30
    real_server 192.0.2.11 53 {
    }
}
";
const FEWER: &str = "
virtual_server 192.0.2.51 80 {
    lvs_sched wlc
    lvs_method NAT
    protocol TCP
    real_server 192.0.2.11 8080 {
    }
}
";

/// What somebody has set up by hand: another port of our address, an address of its own, a mark.
const FOREIGN: [&str; 7] = [
    "-A -t 192.0.2.51:443 -s sh -p 33 -b sh-port",
    "-a -t 192.0.2.51:443 -r 192.0.2.11:443 -i -w 7 -x 5 -y 2",
    "-A -t 192.0.2.99:80 -s wrr",
    "-a -t 192.0.2.99:80 -r 192.0.2.11:8080 -m -w 0",
    "-a -t 192.0.2.99:80 -r 192.0.2.12:8080 -m -w 4",
    "-A -f 9 -s rr",
    "-a -f 9 -r 192.0.2.11:0 -g -w 1",
];

/// What happens to our table while nobody looks after it.
const DAMAGE: [&str; 5] = [
    "-E -t 192.0.2.51:80 -s rr -p 99",
    "-e -t 192.0.2.51:80 -r 192.0.2.11:8080 -m -w 9",
    "-d -t 192.0.2.51:80 -r 192.0.2.12:8080",
    "-a -t 192.0.2.51:80 -r 192.0.2.77:80 -g -w 5",
    "-D -u 192.0.2.52:53",
];

#[test]
fn what_is_ours_is_put_right_and_what_is_foreign_is_left_alone() {
    guest::run(|| {
        let lab = Lab::new("leftovers");
        let host = lab.host("a", "192.0.2.1/24");
        FOREIGN.iter().for_each(|words| host.ipvsadm(words));
        let foreign = everything(&host);
        // What a daemon makes of an empty table is what it shall make of any other.
        let clean = lab.host("b", "192.0.2.2/24");
        let reference = |configuration: &str, lines: usize| {
            let mut daemon = clean.daemon(&under_test()).start(configuration);
            let saved = || clean.ok(["ipvsadm", "-Sn"]).lines().count();
            lab.wait_until("the table on a clean host", LIMIT, || saved() == lines);
            let table = everything(&clean);
            assert!(daemon.stop().success());
            &table | &foreign
        };
        let (both, fewer) = (reference(BOTH, 6), reference(FEWER, 2));
        let wait_for = |what: &str, table: &BTreeSet<String>| {
            lab.wait_until(what, LIMIT, || everything(&host) == *table);
        };

        let mut killed = host.daemon(&under_test()).start(BOTH);
        wait_for("both services", &both);
        killed.kill_9();
        DAMAGE.iter().for_each(|words| host.ipvsadm(words));
        assert_ne!(everything(&host), both);
        let daemon = host.daemon(&under_test()).start(BOTH);
        wait_for("the damage to be repaired", &both);
        daemon.wait_for_log("service 192.0.2.51:tcp:80 is there already - taking it over", LIMIT);
        assert_eq!(daemon.log().count("taking it over"), 1, "the other one was gone");

        daemon.reload(FEWER);
        wait_for("the reload", &fewer);
        daemon.reload(BOTH);
        wait_for("the reload back", &both);
        drop(daemon);

        let mut keeping = host.daemon(&under_test()).option("-I").start(BOTH);
        keeping.wait_for_log("Startup complete", LIMIT);
        assert!(keeping.stop().success());
        assert_eq!(everything(&host), both, "-I leaves everything");

        // What an earlier run left, and nobody asks for any more, is nobody's.
        let mut last = host.daemon(&under_test()).option("--dont-release-ipvs").start(FEWER);
        let left_alone = |text: &&String| text.contains("192.0.2.52:53");
        let left: BTreeSet<String> = both.iter().filter(left_alone).cloned().collect();
        wait_for("the smaller configuration", &(&fewer | &left));
        assert!(last.stop().success());
        assert_eq!(everything(&host), &fewer | &left);

        let mut releasing = host.daemon(&under_test()).start(BOTH);
        wait_for("both services again", &both);
        assert!(releasing.stop().success());
        assert_eq!(everything(&host), foreign, "only what is foreign is left");
    });
}

/// With this netmask the second server is the broadcast address, which IPVS takes for nobody.
const TOO_SMALL: &str = "192.0.2.1/28";
const REFUSED: &str = "IPVS cmd IP_VS_SO_SET_ADDDEST(1159) error: Invalid operation.  Possibly \
                       wrong module version, address not unicast, ...(22) (192.0.2.51:tcp:80 -> \
                       192.0.2.15:80)";

#[test]
fn a_server_that_the_kernel_refuses_is_told_of_once_and_added_when_it_can_be() {
    guest::run(|| {
        let lab = Lab::new("refused");
        let host = lab.host("a", TOO_SMALL);
        let real = |last: u8| format!(" real_server 192.0.2.{last} 80 {{\n }}\n");
        let configuration = format!(
            "virtual_server {VIP} 80 {{\n lvs_sched rr\n lvs_method DR\n protocol TCP\n{}{}{}}}\n",
            real(14),
            real(15),
            real(17)
        );
        let mut daemon = host.daemon(&under_test()).start(&configuration);
        daemon.wait_for_log("Startup complete", LIMIT);
        let servers = || {
            let table = host.ipvs();
            let found = table.service("TCP 192.0.2.51:80").map(|one| one.servers.clone());
            found.unwrap_or_default().into_iter().map(|one| one.address).collect::<BTreeSet<_>>()
        };
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let others: BTreeSet<String> = set(&["192.0.2.14:80", "192.0.2.17:80"]);
        lab.wait_until("the other servers", LIMIT, || servers() == others);
        daemon.wait_for_log(REFUSED, LIMIT);
        // Two further attempts are made in this time.
        std::thread::sleep(Duration::from_secs(11));
        assert_eq!(daemon.log().count(REFUSED), 1, "{}", lab.logs());

        host.add_address("eth0", "192.0.2.1/24");
        host.remove_address("eth0", TOO_SMALL);
        let all: BTreeSet<String> = set(&["192.0.2.14:80", "192.0.2.15:80", "192.0.2.17:80"]);
        lab.wait_until("the server that can be reached now", LIMIT, || servers() == all);
        let over = "IPVS: (192.0.2.51:tcp:80 -> 192.0.2.15:80) is as it shall be now";
        daemon.wait_for_log(over, LIMIT);
        assert_eq!(daemon.log().count(over), 1);
        assert!(daemon.stop().success());
        assert_eq!(host.ipvs().services, []);
    });
}
