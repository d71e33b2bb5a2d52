//! x
use crate::settings::Settings;
use testkit::beside::{Programs, Report, say};
pub(crate) fn measure(p: &Programs, _: &Settings, _: &mut Report) {
    let _ = p;
    let lab = testkit::lab::Lab::new("x");
    let host = lab.host("a", "192.0.2.1/24");
    let conf = crate::virtual_servers::Size { services: 2277, servers: 16 }.configuration();
    host.write("x.conf", &conf);
    let bin = std::env::var("KEEPALIVED_BIN").unwrap();
    let out = host.run(["sh", "-c", &format!("cd {}; f() {{ /usr/bin/time -f '%e s %R faults' \"$@\"; }}; for i in 1 2 3; do f {bin} -v; f {bin} -t -f x.conf; f keepalived -t -f x.conf; GLIBC_TUNABLES=glibc.malloc.mmap_threshold=67108864:glibc.malloc.trim_threshold=268435456  f {bin} -t -f x.conf; GLIBC_TUNABLES=glibc.malloc.mmap_threshold=67108864:glibc.malloc.trim_threshold=268435456:glibc.malloc.top_pad=67108864 f {bin} -t -f x.conf; GLIBC_TUNABLES=glibc.malloc.hugetlb=1 f {bin} -t -f x.conf; done 2>&1 | grep faults", host.directory().display())]);
    say(&format!("{}", out.text()));
}
