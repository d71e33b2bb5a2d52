use std::num::NonZeroU8;

use proptest::prelude::*;

use super::*;

/// As keepalived 2.2.7 sends it at its start: version 1, down, ×5, 24 bytes.
const AT_START: [u8; LENGTH] = [
    0x20, 0x40, 5, 24, 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 0, 0, 0x0f, 0x42, 0x40, 0, 0, 0x27, 0x10,
    0, 0, 0, 0,
];

fn with(changes: &[(usize, u8)]) -> Result<Packet, Discard> {
    let mut bytes = AT_START;
    for (at, byte) in changes {
        bytes[*at] = *byte;
    }
    Packet::decode(&bytes)
}

#[test]
fn the_first_packet_of_a_session() {
    let packet = Packet {
        diagnostic: Diagnostic::None,
        state: StateKind::Down,
        question: Question::None,
        control_plane_independent: false,
        demand: false,
        multiplier: NonZeroU8::new(5).unwrap(),
        mine: Discriminator::new(0x1234_5678).unwrap(),
        yours: None,
        desired_min_tx: Interval::from_micros(1_000_000),
        required_min_rx: Interval::from_micros(10_000),
        required_min_echo_rx: Interval::from_micros(0),
    };
    assert_eq!(packet.encode(), AT_START);
    assert_eq!(Packet::decode(&AT_START), Ok(packet));
}

#[test]
fn whatever_rfc_5880_refuses_is_refused() {
    assert_eq!(Packet::decode(&AT_START[..23]), Err(Discard::TooShort(23)));
    assert_eq!(with(&[(0, 0x00)]), Err(Discard::Version(0)));
    assert_eq!(with(&[(0, 0x40)]), Err(Discard::Version(2)));
    assert_eq!(with(&[(3, 23)]), Err(Discard::Length { claimed: 23, received: 24 }));
    assert_eq!(with(&[(3, 25)]), Err(Discard::Length { claimed: 25, received: 24 }));
    assert_eq!(with(&[(2, 0)]), Err(Discard::NoMultiplier));
    assert_eq!(with(&[(1, 0x41)]), Err(Discard::Multipoint));
    assert_eq!(with(&[(4, 0), (5, 0), (6, 0), (7, 0)]), Err(Discard::NoDiscriminator));
    assert_eq!(with(&[(1, 0x80)]), Err(Discard::NotAddressed(StateKind::Init)));
    assert_eq!(with(&[(1, 0xc0)]), Err(Discard::NotAddressed(StateKind::Up)));
    assert_eq!(with(&[(1, 0x70)]), Err(Discard::PollAndFinal));
    assert_eq!(with(&[(0, 0x29)]), Err(Discard::Diagnostic(9)));
    assert_eq!(with(&[(1, 0x44)]), Err(Discard::Authenticated));
}

#[test]
fn admin_down_needs_no_discriminator_of_ours_and_flags_are_read() {
    let packet = with(&[(0, 0x27), (1, 0x2a)]).unwrap();
    assert_eq!((packet.state, packet.diagnostic), (StateKind::AdminDown, Diagnostic::AdminDown));
    assert_eq!(packet.question, Question::Poll);
    assert!(packet.control_plane_independent && packet.demand);
}

fn packets() -> impl Strategy<Value = Packet> {
    let kinds = (0_u8..4, 0_u8..9, 0_u8..3, any::<(bool, bool)>(), 1_u8..);
    (kinds, 1_u32.., 1_u32.., any::<bool>(), any::<[u32; 3]>()).prop_map(
        |((state, diagnostic, question, flags, multiplier), mine, yours, known, intervals)| {
            let state = StateKind::from_bits(state);
            let needs = matches!(state, StateKind::Init | StateKind::Up);
            Packet {
                diagnostic: Diagnostic::from_bits(diagnostic).unwrap(),
                state,
                question: [Question::None, Question::Poll, Question::Final][usize::from(question)],
                control_plane_independent: flags.0,
                demand: flags.1,
                multiplier: NonZeroU8::new(multiplier).unwrap(),
                mine: Discriminator::new(mine).unwrap(),
                yours: Discriminator::new(yours).filter(|_| known || needs),
                desired_min_tx: Interval::from_micros(intervals[0]),
                required_min_rx: Interval::from_micros(intervals[1]),
                required_min_echo_rx: Interval::from_micros(intervals[2]),
            }
        },
    )
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let _ = Packet::decode(&bytes);
    }

    #[test]
    fn what_is_accepted_is_what_was_sent(bytes in any::<[u8; LENGTH]>(), claimed in any::<bool>()) {
        let mut bytes = bytes;
        if claimed {
            (bytes[0], bytes[3]) = (bytes[0] & 0x07 | 0x20, 24);
        }
        if let Ok(packet) = Packet::decode(&bytes) {
            prop_assert_eq!(packet.encode(), bytes);
        }
    }

    #[test]
    fn a_packet_survives_the_wire(packet in packets()) {
        prop_assert_eq!(Packet::decode(&packet.encode()), Ok(packet));
    }
}
