//! How much the kernel keeps for a daemon that does not come to read: the receive buffers of VRRP.
//! Of adverts it is seen with a daemon that is stopped while they come in, of netlink in the
//! kernel's list of sockets.

use std::fs;
use std::time::Duration;

use testkit::lab::{Forged, Netlink};

use crate::support::{Alone, FAST, LIMIT, instance, usual};

/// More than any of the chosen buffers holds.
const ADVERTS: usize = 120;
/// What one advert takes in the kernel, at most; the last one may stick out.
const ONE: u64 = 1_500;

/// How many bytes wait in the fullest raw socket of the host.
fn waiting(scene: &Alone) -> u64 {
    let table = scene.host.inside_thread(|| fs::read_to_string("/proc/thread-self/net/raw"));
    let table = table.expect("the kernel lists raw sockets");
    let queue = |line: &str| {
        let (_, received) = line.split_whitespace().nth(4)?.split_once(':')?;
        u64::from_str_radix(received, 16).ok()
    };
    table.lines().filter_map(queue).max().expect("there is a raw socket")
}

/// The bytes that are kept under this configuration.
fn kept(label: &str, configuration: &str) -> u64 {
    let scene = Alone::new(label);
    let b = scene.lab.host("b", "192.0.2.2/24");
    let daemon = scene.start_master(configuration, "192.0.2.51");
    daemon.pause();
    let advert = Forged::v3("192.0.2.2", 51, 50, "192.0.2.51");
    (0..ADVERTS).for_each(|_| b.forge(&advert));
    scene
        .lab
        .wait_until("the last advert", LIMIT, || scene.capture.adverts_from("b").len() >= ADVERTS);
    // What was captured may still be on its way.
    let mut kept = waiting(&scene);
    scene.lab.wait_until("the queue to rest", LIMIT, || {
        std::thread::sleep(Duration::from_millis(300));
        let before = std::mem::replace(&mut kept, waiting(&scene));
        before == kept
    });
    kept
}

fn globally(keywords: &str) -> String {
    format!("global_defs {{\n  {keywords}\n}}\n{}", usual(""))
}

/// The kernel doubles what it is asked for.
fn assert_asked(bytes: u64, kept: u64) {
    assert!((2 * bytes..2 * bytes + ONE).contains(&kept), "{kept} bytes of twice {bytes}");
}

#[test]
fn without_a_word_the_kernel_decides() {
    let kept = kept("buffer-none", &usual(""));
    assert!(kept > 60_000, "{kept} bytes");
}

#[test]
fn an_instance_may_say_how_much_its_socket_keeps() {
    assert_asked(20_000, kept("buffer-own", &usual("kernel_rx_buf_size 20000")));
}

#[test]
fn instances_that_share_a_socket_add_up() {
    let first = usual("kernel_rx_buf_size 8000");
    let more = format!("{FAST}\n  kernel_rx_buf_size 12000");
    let both = format!("{first}{}", instance("VI_2", 52, "192.0.2.52", &more));
    assert_asked(20_000, kept("buffer-sum", &both));
}

#[test]
fn a_policy_gives_every_instance_a_number_of_bytes() {
    assert_asked(15_000, kept("buffer-bytes", &globally("vrrp_rx_bufs_policy 15000")));
}

#[test]
fn a_policy_counts_in_packets_of_the_link_or_in_adverts() {
    assert_asked(3 * 1_500, kept("buffer-mtu", &globally("vrrp_rx_bufs_policy MTU")));
    let ten = "vrrp_rx_bufs_policy MTU\n  vrrp_rx_bufs_multiplier 10";
    assert_asked(10 * 1_500, kept("buffer-mtu-10", &globally(ten)));
    let adverts = "vrrp_rx_bufs_policy ADVERT\n  vrrp_rx_bufs_multiplier 500";
    assert_asked(500 * 32, kept("buffer-advert", &globally(adverts)));
}

/// The program gets what it asks for, the kernel doubles it.
#[test]
fn the_sockets_of_netlink_have_the_buffers_that_were_chosen() {
    let scene = Alone::new("buffer-netlink");
    let sizes = "vrrp_netlink_cmd_rcv_bufs 50002\n  vrrp_netlink_monitor_rcv_bufs 60004";
    let _daemon = scene.start_master(&globally(sizes), "192.0.2.51");
    let buffers = Netlink::of(&scene.host).buffers(Netlink::ROUTE);
    assert!(buffers.contains(&100_004), "for commands: {buffers:?}");
    assert!(buffers.contains(&120_008), "for news: {buffers:?}");
}

#[test]
fn only_with_force_they_exceed_what_the_system_allows() {
    let sizes = |force: &str| {
        format!(
            "vrrp_netlink_cmd_rcv_bufs 5000002\n  vrrp_netlink_cmd_rcv_bufs_force {force}\n  \
             vrrp_netlink_monitor_rcv_bufs 6000004\n  vrrp_netlink_monitor_rcv_bufs_force {force}"
        )
    };
    for (force, given) in [("on", true), ("off", false)] {
        let scene = Alone::new(&format!("buffer-force-{force}"));
        let _daemon = scene.start_master(&globally(&sizes(force)), "192.0.2.51");
        let buffers = Netlink::of(&scene.host).buffers(Netlink::ROUTE);
        let has = |bytes: u64| buffers.contains(&bytes);
        assert_eq!((has(10_000_004), has(12_000_008)), (given, given), "{force}: {buffers:?}");
    }
}

/// That socket is in the first network namespace, where the kernel tells of processes.
#[test]
fn so_has_the_one_that_tells_of_processes() {
    let block = "vrrp_track_process p {\n  process nobody-runs-this\n}\n";
    let tracking = usual("track_process {\n    p weight 5\n  }");
    for (bytes, force) in [(70_006, ""), (7_000_008, "\n  process_monitor_rcv_bufs_force")] {
        let scene = Alone::new("buffer-processes");
        let size = format!("process_monitor_rcv_bufs {bytes}{force}");
        let configuration = format!("global_defs {{\n  {size}\n}}\n{block}{tracking}");
        let daemon = scene.daemon().from_outside().start(&configuration);
        daemon.wait_for_log("proc_events has confirmed it is configured", LIMIT);
        let buffers = Netlink::of_first_namespace().buffers(Netlink::CONNECTOR);
        assert!(buffers.contains(&(2 * bytes)), "{bytes}: {buffers:?}");
    }
}
