//! What the kernel refuses, and how the log says it.

use ipvs::Change::{
    self, AddDestination, AddService, EditDestination, EditService, RemoveDestination,
    RemoveService,
};
use ipvs::Socket;
use net::{Destination, Forwarding, Granularity, Protocol, Service, ServiceKey};

use crate::laboratory::{apply, destination, in_bare_guest, in_guest, key, persistent, service};

/// The log lines of the changes that failed, each with a star when the table is to be read again.
fn lines(socket: &mut Socket, changes: &[Change]) -> Vec<String> {
    let failures = socket.apply(changes);
    let star = |drift| if drift { "*" } else { "" };
    failures.iter().map(|failure| format!("{}{failure}", star(failure.means_drift()))).collect()
}

fn of() -> ServiceKey {
    key(Protocol::Tcp, "192.0.2.1", 80)
}

fn server(last: u32) -> Destination {
    destination(&format!("198.51.100.{last}"), 80, Forwarding::Direct)
}

#[test]
#[ignore = "needs a kernel with IPVS: run by all_of_them_in_a_guest"]
fn what_is_there_already() {
    in_guest(|socket| {
        let adds = [AddService(service(of(), "rr")), AddDestination(of(), server(1))];
        apply(socket, &adds);
        assert_eq!(
            lines(socket, &adds),
            [
                "*IPVS cmd IP_VS_SO_SET_ADD(1154) error: Service already exists(17) \
                 (192.0.2.1:tcp:80)",
                "*IPVS cmd IP_VS_SO_SET_ADDDEST(1159) error: Destination already exists(17) \
                 (192.0.2.1:tcp:80 -> 198.51.100.1:80)",
            ]
        );
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: run by all_of_them_in_a_guest"]
fn what_is_not_there() {
    in_guest(|socket| {
        assert_eq!(
            lines(
                socket,
                &[
                    EditService(service(of(), "rr")),
                    RemoveService(of()),
                    AddDestination(of(), server(1)),
                    EditDestination(of(), server(1)),
                    RemoveDestination(of(), server(1).key),
                ]
            ),
            [
                "*IPVS cmd IP_VS_SO_SET_EDIT(1155) error: No such service(3) (192.0.2.1:tcp:80)",
                "*IPVS cmd IP_VS_SO_SET_ADDDEST(1159) error: No such service(3) \
                 (192.0.2.1:tcp:80 -> 198.51.100.1:80)",
                "*IPVS cmd IP_VS_SO_SET_EDITDEST(1161) error: No such service(3) \
                 (192.0.2.1:tcp:80 -> 198.51.100.1:80)",
            ]
        );
        apply(socket, &[AddService(service(of(), "rr"))]);
        assert_eq!(
            lines(
                socket,
                &[EditDestination(of(), server(1)), RemoveDestination(of(), server(1).key)]
            ),
            ["*IPVS cmd IP_VS_SO_SET_EDITDEST(1161) error: No such destination(2) \
              (192.0.2.1:tcp:80 -> 198.51.100.1:80)"]
        );
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: run by all_of_them_in_a_guest"]
fn modules_that_do_not_exist() {
    in_guest(|socket| {
        let whole = Granularity::whole(of().family());
        let persistence = Some(persistent(60, whole, "nonsense"));
        let engine = Service { persistence, ..service(of(), "rr") };
        let missing = "Scheduler or persistence engine not found(2) (192.0.2.1:tcp:80)";
        let line = |option| format!("IPVS cmd {option} error: {missing}");
        let adds = [AddService(service(of(), "nonsense")), AddService(engine.clone())];
        let add = line("IP_VS_SO_SET_ADD(1154)");
        assert_eq!(lines(socket, &adds), [add.clone(), add]);
        apply(socket, &[AddService(service(of(), "rr"))]);
        let edits = [EditService(service(of(), "nonsense")), EditService(engine)];
        let edit = line("IP_VS_SO_SET_EDIT(1155)");
        assert_eq!(lines(socket, &edits), [edit.clone(), edit]);
    });
}

const IMPOSSIBLE: &str =
    "error: Invalid operation.  Possibly wrong module version, address not unicast, ...(22)";

#[test]
#[ignore = "needs a kernel with IPVS: run by all_of_them_in_a_guest"]
fn addresses_that_cannot_be_destinations() {
    in_guest(|socket| {
        apply(socket, &[AddService(service(of(), "rr"))]);
        let multicast = destination("224.0.0.1", 80, Forwarding::Direct);
        let other = destination("2001:db8::2", 80, Forwarding::Direct);
        let adds = [AddDestination(of(), multicast), AddDestination(of(), other)];
        let line = |server| {
            let cmd = "IPVS cmd IP_VS_SO_SET_ADDDEST(1159)";
            format!("{cmd} {IMPOSSIBLE} (192.0.2.1:tcp:80 -> {server})")
        };
        assert_eq!(lines(socket, &adds), [line("224.0.0.1:80"), line("2001:db8::2:80")]);
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: run by all_of_them_in_a_guest"]
fn a_namespace_without_any_address_takes_no_destination() {
    in_bare_guest(|socket| {
        apply(socket, &[AddService(service(of(), "rr"))]);
        let line = format!(
            "IPVS cmd IP_VS_SO_SET_ADDDEST(1159) {IMPOSSIBLE} \
             (192.0.2.1:tcp:80 -> 198.51.100.1:80)"
        );
        assert_eq!(lines(socket, &[AddDestination(of(), server(1))]), [line]);
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: run by all_of_them_in_a_guest"]
fn thresholds_the_wrong_way_round() {
    in_guest(|socket| {
        apply(socket, &[AddService(service(of(), "rr"))]);
        let server = Destination { upper_threshold: 1, lower_threshold: 2, ..server(1) };
        assert_eq!(
            lines(socket, &[AddDestination(of(), server)]),
            ["IPVS cmd IP_VS_SO_SET_ADDDEST(1159) error: Numerical result out of range(34) \
              (192.0.2.1:tcp:80 -> 198.51.100.1:80)"]
        );
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: run by all_of_them_in_a_guest"]
fn a_failure_in_the_middle_keeps_nothing_back() {
    in_guest(|socket| {
        apply(socket, &[AddService(service(of(), "rr"))]);
        let all = (0..600).map(|i| {
            let last = if i % 2 == 0 { 1 } else { 2 + i / 2 };
            let ip = format!("198.51.{}.{}", last / 250, last % 250 + 1);
            AddDestination(of(), destination(&ip, 80, Forwarding::Nat))
        });
        let failures = socket.apply(&all.collect::<Vec<_>>());
        let places: Vec<_> = failures.iter().map(|failure| failure.change).collect();
        assert_eq!(places, (2..600).step_by(2).collect::<Vec<_>>());
        assert!(failures.iter().all(|f| f.errno == 17 && f.answered && f.means_drift()));
        assert_eq!(socket.destinations(of()).unwrap().len(), 301);
    });
}
