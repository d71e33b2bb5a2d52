use std::time::Duration;

use proptest::prelude::*;

use super::*;

const ECHO: Echo = Echo { v6: false, raw: true, id: 0x0102, sequence: 0x0304 };

#[test]
fn a_request_is_that_of_the_standard() {
    let request = ECHO.request();
    assert_eq!(request.len(), 136);
    assert_eq!((request[0], request[1]), (8, 0));
    assert_eq!(request[4..8], [1, 2, 3, 4]);
    assert_eq!(checksum(&request), 0, "the sum over a message with its checksum is none");
    let v6 = Echo { v6: true, ..ECHO };
    assert_eq!(v6.request()[..8], [128, 0, 0, 0, 1, 2, 3, 4]);
}

/// The answer to a request, as a raw socket shows it.
fn answer(mut request: Vec<u8>) -> Vec<u8> {
    request[0] = 0;
    let mut packet = vec![0x45];
    packet.resize(20, 0);
    packet.extend(request);
    packet
}

#[test]
fn only_the_echo_of_the_request_counts() {
    let good = answer(ECHO.request());
    assert!(ECHO.is_answered_by(&good));
    let other = |at: usize| {
        let mut packet = good.clone();
        packet[at] ^= 1;
        packet
    };
    assert!(!ECHO.is_answered_by(&other(20)), "another type");
    assert!(!ECHO.is_answered_by(&other(21)), "another code");
    assert!(!ECHO.is_answered_by(&other(24)), "another process's");
    assert!(!ECHO.is_answered_by(&other(27)), "another request's");
    let kernel = Echo { raw: false, ..ECHO };
    assert!(kernel.is_answered_by(&other(24)[20..]), "the kernel has told them apart");
}

#[tokio::test]
async fn this_machine_answers_in_both_families() {
    for to in ["127.0.0.1:0", "[::1]:0"] {
        let (to, timeout) = (to.parse().unwrap(), Duration::from_secs(5));
        let wish = Connect { to, from: None, link: None, mark: 0, timeout };
        assert_eq!(attempt(&wish).await, Outcome::Passed(Passed::Worked), "{to}");
    }
}

proptest! {
    #[test]
    fn any_packet_is_judged(packet: Vec<u8>, v6: bool, raw: bool) {
        let _ = Echo { v6, raw, ..ECHO }.is_answered_by(&packet);
    }
}
