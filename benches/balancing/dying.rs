//! x
use crate::settings::Settings;
use testkit::beside::{Programs, Report, say};
pub(crate) fn measure(p: &Programs, _: &Settings, _: &mut Report) {
    let _ = p;
    let lab = testkit::lab::Lab::new("x");
    let host = lab.host("a", "192.0.2.1/24");
    let size = crate::virtual_servers::Size { services: 2277, servers: 16 };
    host.write("x.conf", &size.configuration());
    host.write("y.conf", &size.with_weight("198.19.0.5".parse().unwrap(), 77));
    let bin = std::env::var("KEEPALIVED_BIN").unwrap();
    let out = host.run(["sh", "-c", &format!("cd {}; strace -f -tt -T -o st {bin} -n -l -G -D -f x.conf -p p1 -c p2 -r p3 >log 2>&1 & sleep 10; cp st st1;  cat y.conf > x.conf; kill -HUP $(cat p1); sleep 4; cp st st2; kill -TERM $(cat p1); sleep 4; for t in st1; do head -c 9000000 st1 | grep -v -E 'mprotect|brk' | cut -c1-110 | tail -n +130 | head -70; echo; echo mprotect: $(grep -c mprotect st1) brk: $(grep -c brk st1); done; echo RELOAD; tail -n +$(grep -c . st1) st2 | cut -c1-130 | head -150; echo RELOAD COUNT; tail -n +$(grep -c . st1) st2 | awk '{{print $1,$3}}' | cut -d'(' -f1 | sort | uniq -c | sort -rn | head -20; ", host.directory().display())]);
    say(&format!("{}", out.text()));
}
