//! `MISC_CHECK` with a program that not even SIGKILL ends.

use testkit::broken_disk::BrokenDisk;
use testkit::guest;
use testkit::site::Site;

use crate::director::{Director, real, service};
use crate::support::{LIMIT, under_test};

#[test]
fn a_program_that_cannot_be_killed_fails_and_has_no_second_one_beside_it() {
    guest::run(|| {
        let site = Site::direct_routing("undying", &["192.0.2.51"]);
        let a = &site.a;
        let place = |name: &str| a.file(name).display().to_string();
        let disk = a.file("disk");
        std::fs::create_dir(&disk).expect("a directory");
        let broken = BrokenDisk::at(&disk);
        let hangs = format!(
            "echo $$ >>{}\n[ -e {} ] || exec cat {}/page",
            place("begun"),
            place("repaired"),
            disk.display()
        );
        let scripts = [
            ("192.0.2.11 80", a.script("hangs", &hangs)),
            ("192.0.2.12 80", a.script("works", "")),
        ];
        let servers = scripts.map(|(server, script)| {
            let words = format!("misc_path {}\n misc_timeout 1", script.display());
            real(server, &format!("MISC_CHECK {{\n {words}\n delay_loop 1\n warmup 0\n }}"))
        });
        let head = "global_defs {\n script_user root\n}\n";
        let text = format!("{head}{}", service(80, "", &servers.concat()));
        let director = Director::start(site, &text);
        if under_test().is_ours() {
            // The original waits for it with the server in the table.
            director.wait_for_table(80, "192.0.2.12:80=1");
            director.daemon.wait_for_log("hangs] timed out", LIMIT);
        }
        director.daemon.wait_for_log_times("failed to terminate after kill", 2, LIMIT);
        let (a, lab) = (&director.site.a, &director.site.lab);
        let begun = a.read("begun");
        assert_eq!(begun.lines().count(), 1, "{}", lab.logs());
        let undead = format!("Child (PID {}) failed to terminate after kill", begun.trim());
        assert!(director.daemon.log().has(&undead), "{}", lab.logs());
        a.write("repaired", "");
        drop(broken);
        lab.wait_until("the next run", LIMIT, || a.read("begun").lines().count() > 1);
        director.wait_for_table(80, "192.0.2.11:80=1 192.0.2.12:80=1");
    });
}
