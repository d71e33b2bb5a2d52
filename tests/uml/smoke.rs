//! The guest itself: it has IPVS, and each namespace in it a table of its own.

use testkit::guest;
use testkit::lab::Lab;

#[test]
fn a_virtual_service_is_in_the_table_of_its_own_namespace_only() {
    guest::run(|| {
        let lab = Lab::new("tables");
        let (a, b) = (lab.host("a", "192.0.2.1/24"), lab.host("b", "192.0.2.2/24"));
        a.ipvsadm("-A -t 192.0.2.51:80 -s wrr -p 300");
        a.ipvsadm("-a -t 192.0.2.51:80 -r 192.0.2.2:80 -g -w 5");
        let table = a.ipvs();
        let service = table.service("TCP 192.0.2.51:80").expect("it was added");
        assert_eq!((&*service.scheduler, &*service.options), ("wrr", "persistent 300"));
        assert_eq!(service.weights(), [("192.0.2.2:80", 5)]);
        assert_eq!(b.ipvs().services, []);
    });
}
