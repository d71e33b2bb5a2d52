//! Any datagram or line from a server of mail, names, datagrams or echoes: it is judged, and only
//! what is an answer is one.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use lvs::config::{Reply, ReplyByte, UdpCheck};
use lvs::{Connect, UdpFailure};
use probe::fuzzing::Echo;

fuzz_target!(|data: &[u8]| {
    let [kind, choice, said @ ..] = data else { return };
    match kind % 4 {
        0 => mail(said),
        1 => name(*choice, said),
        2 => datagram(*choice, said),
        _ => echo(*choice, said),
    }
});

fn mail(said: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let good = runtime.expect("a runtime").block_on(probe::fuzzing::mail(said)).is_ok();
    assert!(!good || said.starts_with(b"220"));
}

fn name(choice: u8, said: &[u8]) {
    let id = u16::from_be_bytes([choice, choice]);
    if let Some(code) = probe::fuzzing::dns_answer(id, said) {
        assert!(code < 16 && said.len() >= 12 && said.starts_with(&[choice, choice]));
    }
}

fn datagram(choice: u8, said: &[u8]) {
    let connect = Connect {
        to: ([127, 0, 0, 1], 53).into(),
        from: None,
        link: None,
        mark: 0,
        timeout: Duration::from_secs(1),
    };
    let like = Reply::Like(vec![ReplyByte { value: choice & 0xf0, mask: 0xf0 }; 3]);
    let (min_length, max_length) = (2, u16::from(choice));
    let check = UdpCheck { connect, payload: None, reply: like, min_length, max_length };
    let good = said.len() >= 2
        && said.len() <= usize::from(choice)
        && said.iter().take(3).all(|byte| byte & 0xf0 == choice & 0xf0);
    let verdict = if good { Ok(()) } else { Err(UdpFailure::Mismatch) };
    assert_eq!(probe::fuzzing::udp_verdict(&check, said), verdict);
}

fn echo(choice: u8, said: &[u8]) {
    let (v6, raw) = (choice & 1 != 0, choice & 2 != 0);
    let echo = Echo { v6, raw, id: 0x0102, sequence: 0x0304 };
    let good = echo.is_answered_by(said);
    assert!(!good || said.windows(2).any(|window| window == [3, 4]));
}
