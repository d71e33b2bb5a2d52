//! Any datagram as an answer about IPVS: reading it must end, and what was understood must be
//! something that can be asked for in the same words.
#![no_main]

use ipvs::Change;
use ipvs::fuzzing::{read, write};
use libfuzzer_sys::fuzz_target;
use net::{Family, ServiceKey};

fuzz_target!(|datagram: &[u8]| {
    let found = read(datagram);
    for service in found.services {
        let again = read(&write(&Change::AddService(service.clone()))).services;
        assert_eq!(again, [service]);
    }
    let of = ServiceKey::Mark { family: Family::V4, mark: 1 };
    for destination in found.destinations {
        let again = read(&write(&Change::AddDestination(of, destination))).destinations;
        assert_eq!(again, [destination]);
    }
});
