//! Any answer at all, in pieces of any size: judging it must end, must not depend on the pieces,
//! and must be no better than the answer is.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use lvs::{Connect, Failure, HttpVersion, Outcome, Passed, Pattern, Proof, Request, WebFailure};
use probe::{Judge, compile};

fuzz_target!(|data: &[u8]| {
    let [choice, size, answer @ ..] = data else { return };
    let request = request(*choice);
    let outcome = judge(&request, answer, usize::from(*size) + 1);
    assert_eq!(outcome, judge(&request, answer, usize::MAX), "it depends on the pieces");
    let header = &answer[..answer.len().min(4095)];
    let end = header.windows(4).position(|window| window == b"\r\n\r\n");
    assert_eq!(end.is_none(), outcome == Outcome::Failed(Failure::Web(WebFailure::NoData)));
    let body = end.map_or(0, |end| answer.len() - end - 4) as u64;
    if let Some(pattern) = &request.pattern {
        // Without a body nothing is looked for.
        let found = body > 0 && answer.windows(2).any(|window| window == b"ab");
        let good = matches!(outcome, Outcome::Passed(_));
        assert!(!good || found != pattern.unwanted, "the pattern counts");
    }
    let length = match outcome {
        Outcome::Passed(Passed::Answered { by, length }) => {
            assert_eq!(by == Proof::Pattern, request.pattern.is_some());
            assert!(by != Proof::Digest || request.digest.is_some());
            length
        }
        Outcome::Failed(Failure::Web(WebFailure::WrongStatus(status, length))) => {
            assert!(status.is_none_or(|status| status < 1000 && !request.accepts(status)));
            length
        }
        Outcome::Failed(Failure::Web(WebFailure::WrongDigest(length))) => {
            assert!(request.digest.is_some());
            length
        }
        Outcome::Failed(Failure::Web(WebFailure::WrongPattern(length))) => {
            assert!(request.pattern.is_some());
            length
        }
        Outcome::Failed(Failure::Web(WebFailure::NoData)) => None,
        other => panic!("no verdict on an answer: {other:?}"),
    };
    if let Some(length) = length {
        assert_eq!(length.received, body);
        assert_ne!(length.declared, body);
    }
});

/// The verdict on an answer that comes in pieces of this size.
fn judge(request: &Request, answer: &[u8], size: usize) -> Outcome {
    let pattern = request.pattern.as_deref().map(|pattern| compile(pattern).expect("a pattern"));
    let mut judge = Judge::new(request, pattern.as_ref());
    for piece in answer.chunks(size) {
        if judge.feed(piece).is_break() {
            break;
        }
    }
    judge.finish()
}

fn request(choice: u8) -> Request {
    // The digest of no bytes at all.
    const EMPTY: [u8; 16] = 0xd41d_8cd9_8f00_b204_e980_0998_ecf8_427e_u128.to_be_bytes();
    let (text, pattern, unwanted) = ("ab".to_owned(), choice & 4 != 0, choice & 8 != 0);
    Request {
        connect: Connect {
            to: ([127, 0, 0, 1], 80).into(),
            from: None,
            link: None,
            mark: 0,
            timeout: Duration::from_secs(5),
        },
        patience: Duration::from_secs(30),
        path: "/".to_owned(),
        host: "localhost".to_owned(),
        virtual_host: None,
        version: HttpVersion::V1_0,
        statuses: if choice & 1 == 0 { vec![(200, 299)] } else { vec![(0, 99), (404, 404)] },
        digest: (choice & 2 != 0).then_some(EMPTY),
        pattern: pattern.then(|| Box::new(Pattern { text, unwanted, ..Pattern::default() })),
        tls: None,
    }
}
