//! What a tutorial does with `ipvsadm` by hand, done by the daemon instead: the table is the same
//! text, requests are answered in proportion to the weights, and a reload changes the weights
//! under the clients. The configuration has the obsolete lines that such tutorials have.

use std::collections::BTreeMap;

use testkit::guest;
use testkit::lab::{Host, Lab};
use testkit::site::Site;

use crate::support::{LIMIT, under_test};

const VIP: &str = "192.0.2.51";
const REQUESTS: usize = 40;

/// The director of the tutorial, with these weights.
fn configuration(weights: [u32; 2]) -> String {
    let [first, second] = weights;
    format!(
        "! Configuration File for keepalived
global_defs {{
    router_id LVS_DEVEL
}}

vrrp_instance VI_1 {{
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 1
    authentication {{
        auth_type PASS
        auth_pass 1111
    }}
    virtual_ipaddress {{
        {VIP}
    }}
}}

virtual_server {VIP} 80 {{
    delay_loop 6
    lb_algo wrr
    lb_kind DR
    nat_mask 255.255.255.0
    persistence_timeout 0
    protocol TCP

    real_server 192.0.2.11 80 {{
        weight {first}
        TCP_CHECK {{
            connect_timeout 10
            nb_get_retry 3
            delay_before_retry 3
            connect_port 80
        }}
    }}
    real_server 192.0.2.12 80 {{
        weight {second}
        TCP_CHECK {{
            connect_timeout 10
            nb_get_retry 3
            delay_before_retry 3
            connect_port 80
        }}
    }}
}}
"
    )
}

/// What the tutorial types, on a host of its own, and what `ipvsadm -Sn` makes of it.
fn typed(lab: &Lab, name: &str, weights: [u32; 2]) -> String {
    let host = lab.host(name, "192.0.2.9/24");
    host.ipvsadm(&format!("-A -t {VIP}:80 -s wrr"));
    for (last, weight) in [11, 12].into_iter().zip(weights) {
        host.ipvsadm(&format!("-a -t {VIP}:80 -r 192.0.2.{last}:80 -g -w {weight}"));
    }
    saved(&host)
}

fn saved(host: &Host) -> String {
    host.ok(["ipvsadm", "-Sn"])
}

/// Who answered how many of the requests.
fn answers(site: &Site) -> BTreeMap<String, usize> {
    let url = format!("http://{VIP}/");
    let mut answers = BTreeMap::new();
    for _ in 0..REQUESTS {
        let text = site.client.ok(["curl", "-sS", "--max-time", "10", &url]);
        *answers.entry(text.trim().to_owned()).or_default() += 1;
    }
    answers
}

fn proportions(real1: usize, real2: usize) -> BTreeMap<String, usize> {
    BTreeMap::from([("real1".to_owned(), real1), ("real2".to_owned(), real2)])
}

#[test]
fn the_table_and_the_proportions_are_those_of_ipvsadm_by_hand() {
    guest::run(|| {
        let site = Site::direct_routing("by-hand", &[VIP]);
        let _web = site.web_servers(80);
        let [equal, uneven] = [("even", [3, 3]), ("uneven", [3, 1])]
            .map(|(name, weights)| typed(&site.lab, name, weights));
        let mut daemon = site.a.daemon(&under_test()).start(&configuration([3, 3]));
        for warning in ["Unknown keyword 'nat_mask'", "persistence_timeout invalid"] {
            daemon.wait_for_log(warning, LIMIT);
        }
        site.lab.wait_until("the address", LIMIT, || site.a.holds(VIP));
        site.lab.wait_until("the table typed by hand", LIMIT, || saved(&site.a) == equal);
        assert_eq!(answers(&site), proportions(REQUESTS / 2, REQUESTS / 2));

        daemon.reload(&configuration([3, 1]));
        site.lab.wait_until("the other weights", LIMIT, || saved(&site.a) == uneven);
        let changed = "Changing weight from 3 to 1 for active service [192.0.2.12]:tcp:80 of VS \
                       [192.0.2.51]:tcp:80";
        daemon.wait_for_log(changed, LIMIT);
        assert_eq!(answers(&site), proportions(REQUESTS / 4 * 3, REQUESTS / 4));

        assert!(daemon.stop().success());
        assert_eq!(saved(&site.a), "");
    });
}
