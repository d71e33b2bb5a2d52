//! Any bytes at all in place of TLS: the attempt ends, and no server is good that has not agreed.
#![no_main]

use std::sync::OnceLock;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use lvs::{Connect, HttpVersion, Outcome, Request, Tls};
use probe::Equipment;

static TOOLS: OnceLock<(Request, Equipment)> = OnceLock::new();

fuzz_target!(|said: &[u8]| {
    let (request, equipment) = TOOLS.get_or_init(tools);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let outcome =
        runtime.expect("a runtime").block_on(probe::fuzzing::web(request, equipment, said));
    assert!(matches!(outcome, Outcome::Failed(_)), "{outcome:?}");
});

fn tools() -> (Request, Equipment) {
    let timeout = Duration::from_secs(600);
    let to = ([127, 0, 0, 1], 443).into();
    let request = Request {
        connect: Connect { to, from: None, link: None, mark: 0, timeout },
        patience: timeout,
        path: "/".to_owned(),
        host: "localhost".to_owned(),
        virtual_host: None,
        version: HttpVersion::V1_0,
        statuses: vec![(0, 999)],
        digest: None,
        pattern: None,
        tls: Some(Box::new(Tls { compliant: true, ..Tls::default() })),
    };
    let equipment = Equipment::for_one(&request).expect("TLS");
    (request, equipment)
}
