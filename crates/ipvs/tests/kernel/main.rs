//! The real kernel's IPVS, in network namespaces that these tests make and that end with them.
//!
//! The host's kernel may have no IPVS, so they all run in one guest that has: the one test that
//! is not ignored starts the others there. Besides they need `ip` and `ipvsadm`, and fail without.

#[cfg(test)]
mod destinations;
#[cfg(test)]
mod laboratory;
#[cfg(test)]
mod load;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod services;

use std::process::Command;

/// Every test of this binary that is marked as ignored.
#[test]
fn all_of_them_in_a_guest() {
    testkit::guest::run(|| {
        let program = std::env::current_exe().expect("a program has a path");
        let tests = Command::new(program).args(["--ignored", "--test-threads=1"]).output();
        let tests = tests.expect("this program can be started again");
        let text = String::from_utf8_lossy(&tests.stdout);
        assert!(tests.status.success() && !text.contains(" 0 passed"), "{text}");
    });
}
