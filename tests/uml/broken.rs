//! Load balancing that breaks in a running daemon: it is said, and started again, or with `-R` it is
//! the end.

use std::fs;

use testkit::guest;
use testkit::lab::Daemon;
use testkit::site::Site;

use crate::director::{QUICK, real, service};
use crate::support::{LIMIT, preload, under_test};

/// Once there is a file `now`, the kernel fails the director's thread in a way that nobody expects.
const FAILING: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

int epoll_wait(int fd, struct epoll_event *events, int most, int timeout) {
    int (*next)(int, struct epoll_event *, int, int) = dlsym(RTLD_NEXT, "epoll_wait");
    char name[16] = "";
    prctl(PR_GET_NAME, name);
    if (strcmp(name, "director") == 0 && unlink(getenv("NOW")) == 0) {
        errno = EBADF;
        return -1;
    }
    return next(fd, events, most, timeout);
}
"#;

/// A director with one server, with this option.
fn start(site: &Site, options: &[&str]) -> Daemon {
    let now = format!("NOW={}", site.a.file("now").display());
    let words = ["env", &now, &preload(&site.a, FAILING)];
    let mut builder = site.a.daemon(&under_test()).through(&words);
    for option in options {
        builder = builder.option(option);
    }
    let servers = real("192.0.2.11 80", "TCP_CHECK {\n retry 0\n }");
    let daemon = builder.start(&service(80, &format!("delay_loop 1\n {QUICK}"), &servers));
    daemon.wait_for_log("TCP connection to [192.0.2.11]:tcp:80 success.", LIMIT);
    daemon
}

/// The original has a process of its own for it.
fn break_it(site: &Site, daemon: &Daemon) {
    if daemon.is_ours() {
        site.a.write("now", "");
        return;
    }
    let name = "keepalived-checkers.pid";
    let file = daemon.pid_files().iter().find(|file| file.ends_with(name)).expect("its pid file");
    site.a.ok(["kill", "-9", fs::read_to_string(file).expect("a pid").trim()]);
}

fn is_served(site: &Site) -> bool {
    site.a.ipvs().server("TCP 192.0.2.51:80", "192.0.2.11:80").is_some()
}

#[test]
fn what_breaks_is_said_and_started_again() {
    guest::run(|| {
        let site = Site::direct_routing("broken", &["192.0.2.51"]);
        let mut listening = site.web_servers(80);
        let mut daemon = start(&site, &[]);
        break_it(&site, &daemon);
        let who = if daemon.is_ours() { "Healthcheck part" } else { "Healthcheck child process" };
        daemon.wait_for_log("died: Respawning", LIMIT);
        assert!(daemon.log().texts().iter().any(|text| text.starts_with(who)));
        assert!(is_served(&site), "the table is left as it is");
        // Whoever checks now is another one.
        drop(listening.remove(0));
        site.lab.wait_until("the dead server to go", LIMIT, || !is_served(&site));
        assert!(daemon.stop().success());
    });
}

#[test]
fn what_breaks_is_the_end_where_nothing_is_started_again() {
    guest::run(|| {
        let site = Site::direct_routing("broken-off", &["192.0.2.51"]);
        let _listening = site.web_servers(80);
        let mut daemon = start(&site, &["-R"]);
        break_it(&site, &daemon);
        daemon.wait_for_log("died: Exiting", LIMIT);
        let status = if daemon.is_ours() { 70 } else { 0 };
        assert_eq!(daemon.wait_exit().code(), Some(status), "{}", site.lab.logs());
        assert_eq!(is_served(&site), !daemon.is_ours(), "{}", site.lab.logs());
    });
}
