//! A guest must run the body, be private and be gone afterwards; failures must come out of it.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::{Guest, is_inside, run};

/// What `run` panics with on the host. In the guest the test simply fails, as it is meant to.
fn failure(guest: &Guest, body: impl FnOnce()) -> String {
    if is_inside() {
        guest.run(body);
        return String::new();
    }
    let failed = catch_unwind(AssertUnwindSafe(|| guest.run(body))).expect_err("it fails");
    *failed.downcast::<String>().expect("it says why")
}

#[test]
fn a_guest_writes_nothing_on_the_host() {
    let file = "/etc/written-by-a-guest";
    run(|| {
        fs::write(file, "by the guest").expect("its root can be written");
        assert!(fs::read_dir("/proc/1/task").is_ok_and(|tasks| tasks.count() == 1));
    });
    assert!(is_inside() || fs::metadata(file).is_err());
}

#[test]
fn a_panic_in_a_guest_comes_out_of_it() {
    let text = failure(&Guest::new(), || panic!("said {} in the guest", 1 + 1));
    assert!(is_inside() || text.contains("said 2 in the guest"), "{text}");
}

#[test]
fn a_test_that_hangs_is_killed_with_its_guest() {
    let short = Guest::new().limit(Duration::from_secs(8));
    let text = failure(&short, || {
        println!("now it hangs");
        std::thread::sleep(Duration::from_secs(1_000));
    });
    assert!(is_inside() || text.contains("no end within 8s") && text.contains("now it hangs"));
}

#[test]
fn the_exit_status_of_a_program_comes_out_of_its_guest() {
    let status = Guest::new().run_program(&["--no-such-option-of-a-test-binary"]);
    assert!(status > 1, "{status}");
}
