//! Quorum and sorry server.

use crate::config::{Quorum, SorryServer, VirtualServer};
use crate::tests::site::{
    Site, VS, alpha, command, config, inhibited, key, real, rs, sorry, vs, weighing,
};

const SORRY: &str = "[10.1.0.99]:tcp:80";

fn with_sorry(inhibit: bool, servers: Vec<crate::config::RealServer>) -> VirtualServer {
    VirtualServer { sorry_server: sorry(inhibit), ..vs(1, servers) }
}

/// The example of compat 21 §5.2.
#[test]
fn hysteresis_keeps_a_quorum_as_it_is() {
    let mut server = with_sorry(false, vec![weighing(2, real(1)), weighing(2, real(2))]);
    server.quorum = Quorum { needed: 3, hysteresis: 1 };
    server.quorum_up = command("/up");
    server.quorum_down = command("/down");
    let mut site = Site::new(config(vec![server]));
    assert_eq!(site.take_log()[0], format!("Gained quorum 3+1=4 <= 4 for VS {VS}"));
    site.run_to(1);
    site.take_log();
    site.set(1, false);
    site.run_to(8);
    assert_eq!(site.table(0), "10.1.0.2=2");
    assert_eq!(site.take_log().len(), 2);
    site.take_notices();
    site.set(2, false);
    site.run_to(14);
    assert_eq!(
        site.take_log(),
        [
            format!("TCP_CHECK on service {} failed after 1 retries.", rs(2)),
            format!("Removing service {} from VS {VS}", rs(2)),
            format!("Lost quorum 3-1=2 > 0 for VS {VS}"),
            format!("Adding sorry server {SORRY} to VS {VS}"),
            format!("Removing alive servers from the pool for VS {VS}"),
        ]
    );
    let told = site.take_notices();
    assert_eq!(told, [format!("RS {} {VS} DOWN", rs(2)), format!("VS {VS} DOWN /down")]);
    assert_eq!(site.table(0), "10.1.0.99=1");
    let orders = site.order_count;
    site.set(1, true);
    site.run_to(20);
    assert_eq!((site.table(0), site.order_count), ("10.1.0.99=1".to_owned(), orders));
    // Nothing moves in the kernel, so there is nothing to wait for.
    assert_eq!(site.take_notices(), [format!("RS {} {VS} UP", rs(1))]);
    site.take_log();
    site.set(2, true);
    site.run_to(26);
    assert_eq!(
        site.take_log(),
        [
            format!("TCP connection to {} success.", rs(2)),
            format!("Adding service {} to VS {VS}", rs(2)),
            format!("Gained quorum 3+1=4 <= 4 for VS {VS}"),
            format!("Removing sorry server {SORRY} from VS {VS}"),
            format!("Adding alive servers to the pool for VS {VS}"),
        ]
    );
    assert_eq!(site.table(0), "10.1.0.1=2 10.1.0.2=2");
    assert_eq!(site.take_notices().last().unwrap(), &format!("VS {VS} UP /up"));
}

#[test]
fn a_server_that_fails_behind_the_sorry_server_moves_nothing() {
    let mut server = with_sorry(false, vec![real(1), real(2)]);
    server.quorum.needed = 2;
    let mut site = Site::with(config(vec![server]), &[1], true);
    site.run_to(6);
    assert_eq!(site.table(0), "10.1.0.99=1");
    let orders = site.order_count;
    site.take_log();
    site.take_notices();
    site.set(2, false);
    site.run_to(9);
    assert_eq!(
        site.take_log(),
        [
            format!("TCP_CHECK on service {} failed after 1 retries.", rs(2)),
            format!("Removing service {} from VS {VS}", rs(2)),
        ]
    );
    assert_eq!(site.take_notices(), [format!("RS {} {VS} DOWN", rs(2))]);
    assert_eq!(site.order_count, orders);
}

#[test]
fn a_lost_quorum_without_sorry_server_changes_nothing_in_the_kernel() {
    let mut server = vs(1, vec![real(1), real(2)]);
    server.quorum.needed = 2;
    let mut site = Site::with(config(vec![server]), &[2], true);
    site.run_to(3);
    assert_eq!(site.table(0), "10.1.0.1=1");
    let log = site.take_log();
    assert_eq!(log.last().unwrap(), &format!("Lost quorum 2-0=2 > 1 for VS {VS}"));
    assert_eq!(site.order_count, 2);
}

#[test]
fn a_sorry_server_serves_from_the_start_until_there_is_a_quorum() {
    let mut server = with_sorry(false, vec![alpha(real(1))]);
    server.quorum_down = command("/down");
    let mut site = Site::new(config(vec![server]));
    assert_eq!(
        site.take_log(),
        [
            format!("Starting with quorum down 1-0=1 > 0 for VS {VS}"),
            format!("Adding sorry server {SORRY} to VS {VS}"),
            format!("Removing alive servers from the pool for VS {VS}"),
            format!("Activating healthchecker for service {} for VS {VS}", rs(1)),
        ]
    );
    assert_eq!(site.take_notices(), [format!("VS {VS} DOWN /down")]);
    assert_eq!((site.table(0), site.order_count), ("10.1.0.99=1".to_owned(), 1));
    site.run_to(1);
    assert_eq!(site.table(0), "10.1.0.1=1");
}

#[test]
fn an_inhibited_sorry_server_stays_with_weight_0() {
    let mut site = Site::new(config(vec![with_sorry(true, vec![real(1)])]));
    assert_eq!(site.table(0), "10.1.0.1=1 10.1.0.99=0");
    site.set(1, false);
    site.run_to(2);
    assert_eq!(site.table(0), "10.1.0.99=1");
    let log = site.take_log().join("\n");
    assert!(log.contains(&format!("Enabling sorry server {SORRY} to VS {VS}")));
    site.set(1, true);
    site.run_to(8);
    assert_eq!(site.table(0), "10.1.0.1=1 10.1.0.99=0");
    let log = site.take_log().join("\n");
    assert!(log.contains(&format!("Disabling sorry server {SORRY} from VS {VS}")));
}

#[test]
fn inhibited_servers_keep_their_entries_behind_the_sorry_server() {
    let mut server = with_sorry(false, vec![inhibited(real(1)), inhibited(real(2)), real(3)]);
    server.quorum.needed = 3;
    let mut site = Site::with(config(vec![server]), &[1], true);
    site.run_to(1);
    assert_eq!(site.table(0), "10.1.0.1=0 10.1.0.2=0 10.1.0.99=1");
    site.set(1, true);
    site.run_to(7);
    assert_eq!(site.table(0), "10.1.0.1=1 10.1.0.2=1 10.1.0.3=1");
}

#[test]
fn a_sorry_server_that_is_one_of_the_servers_has_one_entry() {
    for inhibit in [false, true] {
        let mut first = weighing(5, real(1));
        first.inhibit_on_failure = inhibit;
        let mut server = vs(1, vec![first, real(2)]);
        server.quorum.needed = 6;
        let forwarding = server.real_servers[0].forwarding;
        server.sorry_server = Some(SorryServer { key: key(1), forwarding, inhibit });
        let mut site = Site::new(config(vec![server]));
        assert_eq!(site.table(0), "10.1.0.1=5 10.1.0.2=1");
        site.set(1, false);
        site.run_to(1);
        assert_eq!(site.table(0), "10.1.0.1=1");
        site.set(1, true);
        site.set(2, false);
        site.run_to(8);
        assert_eq!(site.table(0), "10.1.0.1=1");
        site.set(2, true);
        site.run_to(14);
        assert_eq!(site.table(0), "10.1.0.1=5 10.1.0.2=1");
    }
}

#[test]
fn a_quorum_of_nothing_is_met_without_a_word() {
    let mut server = with_sorry(false, vec![weighing(0, real(1))]);
    server.quorum.needed = 0;
    let mut site = Site::with(config(vec![server]), &[1], true);
    site.run_to(20);
    assert_eq!(site.table(0), "");
    assert!(!site.take_log().join("\n").contains("quorum"));
    assert_eq!(site.take_notices(), [format!("RS {} {VS} DOWN", rs(1))]);
}
