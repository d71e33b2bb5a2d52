//! The same configuration on Debian's keepalived and on ours, on two hosts of one guest: what
//! `ipvsadm` lists afterwards is the same text. Passes on the original by construction.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use testkit::guest::Guest;
use testkit::lab::{Daemon, Host, Lab, Program};

use crate::support::{LIMIT, everything, under_test};

/// A configuration, and what has to be among the lines that `ipvsadm` tells of it.
struct Case {
    name: &'static str,
    configuration: &'static str,
    lines: &'static [&'static str],
}

const PERSISTENCE: Case = Case {
    name: "persistence",
    configuration: "
virtual_server 192.0.2.51 80 {
    lvs_sched wlc
    lvs_method DR
    protocol TCP
    persistence_timeout 50
    persistence_granularity 255.255.255.0
    real_server 192.0.2.11 80 { weight 3 }
    real_server 192.0.2.12 80 { weight 1 }
}
virtual_server 192.0.2.52 443 {
    lvs_sched rr
    lvs_method NAT
    protocol TCP
    persistence_timeout
    real_server 192.0.2.11 8443 {
    }
}
virtual_server 192.0.2.52 5060 {
    lvs_sched rr
    lvs_method NAT
    protocol UDP
    persistence_timeout 120
    persistence_engine sip
    real_server 192.0.2.11 5060 {
    }
}
virtual_server 2001:db8::51 80 {
    lvs_sched wrr
    lvs_method DR
    protocol TCP
    persistence_timeout 300
    persistence_granularity 64
    real_server 2001:db8::11 80 { weight 2 }
}
",
    lines: &[
        "-A -t 192.0.2.51:80 -s wlc -p 50 -M 255.255.255.0",
        "-A -t 192.0.2.52:443 -s rr -p 360",
        "-A -u 192.0.2.52:5060 -s rr -p 120 --pe sip",
        "-A -t [2001:db8::51]:80 -s wrr -p 300 -M 64",
        "-a -t [2001:db8::51]:80 -r [2001:db8::11]:80 -g -w 2",
    ],
};

const FLAGS: Case = Case {
    name: "flags",
    configuration: "
virtual_server 192.0.2.51 53 {
    lvs_sched rr
    lvs_method NAT
    protocol UDP
    ops
    real_server 192.0.2.11 53 {
    }
}
virtual_server 192.0.2.52 80 {
    lvs_sched sh
    sh-port
    sh-fallback
    lvs_method DR
    protocol TCP
    real_server 192.0.2.11 80 {
    }
}
virtual_server 192.0.2.53 80 {
    lvs_sched mh
    mh-port
    lvs_method DR
    protocol TCP
    real_server 192.0.2.11 80 {
    }
}
virtual_server 192.0.2.54 80 {
    lvs_sched wrr
    flag-1
    flag-3
    lvs_method DR
    protocol TCP
    real_server 192.0.2.11 80 {
    }
}
virtual_server 192.0.2.55 80 {
    lvs_sched mh
    mh-fallback
    lvs_method DR
    protocol TCP
    persistence_timeout 30
    real_server 192.0.2.11 80 {
    }
}
",
    lines: &[
        "-A -u 192.0.2.51:53 -s rr -o",
        "-A -t 192.0.2.52:80 -s sh -b sh-fallback,sh-port",
        "-A -t 192.0.2.53:80 -s mh -b mh-port",
        "-A -t 192.0.2.54:80 -s wrr -b flag-1,flag-3",
        "-A -t 192.0.2.55:80 -s mh -p 30 -b mh-fallback",
    ],
};

const WEIGHTS: Case = Case {
    name: "weights and thresholds",
    configuration: "
virtual_server 192.0.2.51 80 {
    lvs_sched wlc
    lvs_method NAT
    protocol TCP
    weight 5
    real_server 192.0.2.11 8080 {
    }
    real_server 192.0.2.12 8080 {
        weight 0
        uthreshold 1000
        lthreshold 10
    }
    real_server 192.0.2.13 {
        weight 65535
        uthreshold 7
    }
}
virtual_server 192.0.2.52 {
    lvs_sched wlc
    lvs_method DR
    protocol TCP
    persistence_timeout 60
    real_server 192.0.2.11 {
        weight 2
        lthreshold 3
        uthreshold 4
    }
}
virtual_server 192.0.2.53 0 {
    lvs_sched rr
    lvs_method DR
    protocol UDP
    real_server 192.0.2.11 0 {
    }
}
virtual_server 192.0.2.54 25 {
    protocol TCP
    real_server 192.0.2.11 25 {
    }
    real_server 192.0.2.1 25 {
    }
}
",
    lines: &[
        "-a -t 192.0.2.51:80 -r 192.0.2.11:8080 -m -w 5",
        "-a -t 192.0.2.51:80 -r 192.0.2.12:8080 -m -w 0",
        "TCP 192.0.2.51:80 wlc -> 192.0.2.12:8080 1000 10 0 0",
        "-a -t 192.0.2.51:80 -r 192.0.2.13:80 -m -w 65535",
        "TCP 192.0.2.51:80 wlc -> 192.0.2.13:80 7 0 0 0",
        "-A -t 192.0.2.52:0 -s wlc -p 60",
        "-A -u 192.0.2.53:0 -s rr -p 360",
        "-A -t 192.0.2.54:25 -s wlc",
    ],
};

const METHODS: Case = Case {
    name: "methods and tunnels",
    configuration: "
virtual_server 192.0.2.51 80 {
    lb_algo rr
    lb_kind TUN
    protocol TCP
    real_server 192.0.2.11 80 {
        lvs_method TUN type ipip
    }
    real_server 192.0.2.12 80 {
        lvs_method TUN type gue port 5555
    }
    real_server 192.0.2.13 80 {
        lvs_method TUN type gue port 5556 csum
    }
    real_server 192.0.2.14 80 {
        lvs_method TUN type gue port 5557 remcsum
    }
    real_server 192.0.2.15 80 {
        lvs_method TUN type gre
    }
    real_server 192.0.2.16 80 {
        lvs_method TUN type gre csum
    }
    real_server 192.0.2.17 80 {
        lvs_method DR
    }
    real_server 192.0.2.18 8080 {
        lvs_method NAT
    }
    real_server 192.0.2.19 80 {
    }
}
virtual_server 192.0.2.52 80 {
    lb_algo wlc
    lb_kind DR
    protocol TCP
    real_server 192.0.2.11 8080 {
    }
}
virtual_server 192.0.2.53 80 {
    lb_algo rr
    lb_kind DR
    protocol TCP
    real_server 192.0.2.11 80 {
    }
}
virtual_server 192.0.2.53 80 {
    lb_algo rr
    lb_kind TUN
    protocol TCP
    real_server 192.0.2.12 80 {
    }
}
virtual_server 2001:db8::51 80 {
    lb_algo wlc
    lvs_method TUN
    protocol TCP
    real_server 2001:db8::11 80 {
    }
    real_server 192.0.2.11 80 {
    }
}
",
    lines: &[
        "-a -t 192.0.2.51:80 -r 192.0.2.11:80 -i -w 1 --tun-type ipip",
        "-a -t 192.0.2.51:80 -r 192.0.2.13:80 -i -w 1 --tun-type gue --tun-port 5556 --tun-csum",
        "-a -t 192.0.2.51:80 -r 192.0.2.16:80 -i -w 1 --tun-type gre --tun-csum",
        "-a -t 192.0.2.51:80 -r 192.0.2.18:8080 -m -w 1",
        "-a -t 192.0.2.52:80 -r 192.0.2.11:80 -g -w 1",
        "-a -t 192.0.2.53:80 -r 192.0.2.11:80 -g -w 1",
        "-a -t 192.0.2.53:80 -r 192.0.2.12:80 -i -w 1 --tun-type ipip",
        "-a -t [2001:db8::51]:80 -r 192.0.2.11:80 -i -w 1 --tun-type ipip",
    ],
};

const MARKS: Case = Case {
    name: "marks",
    configuration: "
virtual_server fwmark 7 {
    lvs_sched rr
    lvs_method DR
    persistence_timeout 20
    real_server 192.0.2.11 80 {
    }
}
virtual_server fwmark 8 {
    lvs_sched rr
    lvs_method NAT
    real_server 192.0.2.11 8080 {
    }
    real_server 192.0.2.12 {
    }
}
virtual_server fwmark 7 {
    lvs_sched lc
    ip_family inet6
    lvs_method TUN
    real_server 2001:db8::11 {
    }
}
",
    lines: &["-A -f 7 -s rr -p 20", "-A -f 7 -6 -s lc", "-a -f 8 -r 192.0.2.11:8080 -m -w 1"],
};

/// Nobody listens on port 9 of a host, so every check of it fails.
const FAILING: Case = Case {
    name: "servers that are down",
    configuration: "
virtual_server 192.0.2.51 80 {
    delay_loop 1
    warmup 0
    lvs_sched rr
    lvs_method DR
    protocol TCP
    sorry_server 192.0.2.19 80
    real_server 192.0.2.11 80 {
        TCP_CHECK { connect_ip 127.0.0.1
            connect_port 9 }
    }
    real_server 192.0.2.12 80 {
        TCP_CHECK { connect_ip 127.0.0.1
            connect_port 9 }
    }
}
virtual_server 192.0.2.52 80 {
    delay_loop 1
    warmup 0
    lvs_sched wlc
    lvs_method NAT
    protocol TCP
    inhibit_on_failure
    sorry_server 192.0.2.19 8080
    sorry_server_inhibit
    sorry_server_lvs_method TUN
    real_server 192.0.2.11 80 {
        TCP_CHECK { connect_ip 127.0.0.1
            connect_port 9 }
    }
}
virtual_server 192.0.2.53 80 {
    delay_loop 1
    warmup 0
    alpha
    lvs_sched wlc
    lvs_method NAT
    protocol TCP
    quorum 2
    real_server 192.0.2.11 80 {
        inhibit_on_failure
        weight 3
        TCP_CHECK { connect_ip 127.0.0.1
            connect_port 9 }
    }
    real_server 192.0.2.12 80 { weight 2 }
}
virtual_server 192.0.2.54 80 {
    delay_loop 1
    warmup 0
    lvs_sched wlc
    lvs_method NAT
    protocol TCP
    sorry_server 192.0.2.19 8080
    sorry_server_inhibit
    real_server 192.0.2.12 80 {
    }
}
",
    lines: &[
        "-a -t 192.0.2.51:80 -r 192.0.2.19:80 -g -w 1",
        "-a -t 192.0.2.52:80 -r 192.0.2.11:80 -m -w 0",
        "-a -t 192.0.2.52:80 -r 192.0.2.19:80 -i -w 1 --tun-type ipip",
        "-a -t 192.0.2.53:80 -r 192.0.2.11:80 -m -w 0",
        "-a -t 192.0.2.54:80 -r 192.0.2.19:8080 -m -w 0",
    ],
};

const BEFORE: Case = Case {
    name: "before the reload",
    configuration: "
virtual_server 192.0.2.51 80 {
    lvs_sched wlc
    lvs_method DR
    protocol TCP
    persistence_timeout 50
    real_server 192.0.2.11 80 { weight 3 }
    real_server 192.0.2.12 80 {
    }
}
virtual_server 192.0.2.52 80 {
    lvs_sched wrr
    lvs_method NAT
    protocol TCP
    real_server 192.0.2.11 80 { weight 3 }
    real_server 192.0.2.12 80 {
        lvs_method TUN type gue port 5555
    }
}
virtual_server 192.0.2.53 80 {
    lvs_sched rr
    lvs_method NAT
    protocol TCP
    real_server 192.0.2.11 80 {
    }
}
virtual_server fwmark 3 {
    lvs_sched rr
    lvs_method DR
    real_server 192.0.2.11 {
    }
}
",
    lines: &["-A -t 192.0.2.51:80 -s wlc -p 50", "-A -f 3 -s rr"],
};

/// Another scheduler, persistence, flags, weights, methods, servers and services.
const AFTER: Case = Case {
    name: "after the reload",
    configuration: "
virtual_server 192.0.2.51 80 {
    lvs_sched sh
    sh-port
    lvs_method DR
    protocol TCP
    real_server 192.0.2.11 80 { weight 1 }
    real_server 192.0.2.13 80 {
    }
}
virtual_server 192.0.2.52 80 {
    lvs_sched wrr
    lvs_method DR
    protocol TCP
    persistence_timeout 70
    persistence_granularity 255.255.0.0
    real_server 192.0.2.11 80 {
        weight 2
        uthreshold 100
        lthreshold 50
    }
    real_server 192.0.2.12 80 {
        lvs_method TUN type gre csum
    }
}
virtual_server 192.0.2.53 81 {
    lvs_sched rr
    lvs_method NAT
    protocol TCP
    real_server 192.0.2.11 80 {
    }
}
virtual_server fwmark 4 {
    lvs_sched rr
    lvs_method DR
    real_server 192.0.2.11 {
    }
}
",
    lines: &[
        "-A -t 192.0.2.51:80 -s sh -b sh-port",
        "-a -t 192.0.2.51:80 -r 192.0.2.11:80 -g -w 1",
        "-A -t 192.0.2.52:80 -s wrr -p 70 -M 255.255.0.0",
        "-a -t 192.0.2.52:80 -r 192.0.2.12:80 -i -w 1 --tun-type gre --tun-csum",
        "TCP 192.0.2.52:80 wrr persistent 70 mask 255.255.0.0 -> 192.0.2.11:80 100 50 0 0",
        "-A -t 192.0.2.53:81 -s rr",
        "-A -f 4 -s rr",
    ],
};

const GROUPS: Case = Case {
    name: "groups",
    configuration: "
virtual_server_group WEB {
    192.0.2.51 80
    192.0.2.61-63 8080
    fwmark 77
}
virtual_server_group SIX {
    2001:db8::51-53 80
}
virtual_server group WEB {
    lvs_sched wrr
    lvs_method NAT
    protocol TCP
    persistence_timeout 50
    real_server 192.0.2.11 8000 { weight 2 }
    real_server 192.0.2.12 8000 { weight 1 }
    sorry_server 192.0.2.13 8000
}
virtual_server group WEB {
    lvs_sched rr
    lvs_method DR
    protocol UDP
    real_server 192.0.2.14 0 { weight 3 }
}
virtual_server group SIX {
    lvs_sched rr
    lvs_method DR
    protocol TCP
    real_server 2001:db8::11 80 { weight 3 }
}
",
    lines: &[
        "-A -t 192.0.2.51:80 -s wrr -p 50",
        "-a -t 192.0.2.51:80 -r 192.0.2.11:8000 -m -w 2",
        "-A -t 192.0.2.62:8080 -s wrr -p 50",
        "-a -t 192.0.2.63:8080 -r 192.0.2.12:8000 -m -w 1",
        "-A -f 77 -s wrr -p 50",
        "-a -f 77 -r 192.0.2.11:8000 -m -w 2",
        "-a -f 77 -r 192.0.2.14:0 -g -w 3",
        "-A -u 192.0.2.61:8080 -s rr",
        "-a -u 192.0.2.61:8080 -r 192.0.2.14:8080 -g -w 3",
        "-A -t [2001:db8::53]:80 -s rr",
        "-a -t [2001:db8::53]:80 -r [2001:db8::11]:80 -g -w 3",
    ],
};

/// Each test starts and stops many daemons.
fn guest() -> Guest {
    Guest::new().limit(Duration::from_secs(240))
}

/// Two hosts that are equal but for who runs on them.
struct Beside {
    lab: Lab,
    ours: Host,
    original: Host,
}

impl Beside {
    fn new(label: &str) -> Self {
        let lab = Lab::new(label);
        let (ours, original) = (lab.host("ours", "192.0.2.1/24"), lab.host("deb", "192.0.2.1/24"));
        for host in [&ours, &original] {
            host.enable_ipv6();
            host.add_address("eth0", "2001:db8::1/64");
        }
        Self { lab, ours, original }
    }

    fn start(&self, configuration: &str) -> [Daemon; 2] {
        let pairs = [(&self.ours, &under_test()), (&self.original, &Program::Original)];
        pairs.map(|(host, program)| host.daemon(program).start(configuration))
    }

    /// What there is of ours and not of the original's, what is the other way round, and what of
    /// the case is in neither.
    fn differences(&self, case: &Case) -> [Vec<String>; 3] {
        let (ours, original) = (everything(&self.ours), everything(&self.original));
        let more = |of: &BTreeSet<String>, than: &BTreeSet<String>| {
            of.difference(than).cloned().collect::<Vec<_>>()
        };
        let wanted = case.lines.iter().map(|line| (*line).to_owned()).collect();
        [more(&ours, &original), more(&original, &ours), more(&wanted, &original)]
    }

    fn wait_until_equal(&self, case: &Case) {
        let start = Instant::now();
        loop {
            let differences = self.differences(case);
            if differences.iter().all(Vec::is_empty) {
                return;
            }
            if start.elapsed() > LIMIT {
                let [ours, original, neither] = differences;
                self.lab.fail(&format!(
                    "{}:\nours only {ours:#?}\noriginal only {original:#?}\nmissing {neither:#?}",
                    case.name
                ));
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn expect_nothing(&self, case: &Case) {
        let left = [&self.ours, &self.original].map(everything);
        assert_eq!(left, [BTreeSet::new(), BTreeSet::new()], "{}: left behind", case.name);
    }
}

#[test]
fn the_same_configuration_gives_the_table_of_the_original() {
    guest().run(|| {
        let beside = Beside::new("parity");
        for case in [&PERSISTENCE, &FLAGS, &WEIGHTS, &METHODS, &MARKS, &GROUPS, &FAILING] {
            let mut daemons = beside.start(case.configuration);
            beside.wait_until_equal(case);
            // What is to come with the checks has come.
            thread::sleep(Duration::from_secs(2));
            beside.wait_until_equal(case);
            assert!(daemons.iter_mut().all(|daemon| daemon.stop().success()), "{}", case.name);
            beside.expect_nothing(case);
        }
    });
}

#[test]
fn a_reload_changes_the_table_as_the_original_does() {
    guest().run(|| {
        let beside = Beside::new("parity-reload");
        let mut daemons = beside.start(BEFORE.configuration);
        beside.wait_until_equal(&BEFORE);
        for case in [&AFTER, &BEFORE, &AFTER] {
            daemons.iter().for_each(|daemon| daemon.reload(case.configuration));
            beside.wait_until_equal(case);
        }
        assert!(daemons.iter_mut().all(|daemon| daemon.stop().success()));
        beside.expect_nothing(&AFTER);
    });
}
