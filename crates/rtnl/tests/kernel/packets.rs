//! Adverts and announcements on a cable between two namespaces.

use std::io::{ErrorKind, Read};
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use net::Family;
use socket2::{Domain, Protocol, Socket, Type};
use sys::packet::PacketSender;
use sys::raw::{Bound, ReceiveBatch, VrrpReceiver, VrrpSender};

use crate::laboratory::{Pair, name};

const GROUP: IpAddr = IpAddr::V4(Ipv4Addr::new(224, 0, 0, 18));

/// VRRPv2, router 51, priority 100, one second, 192.0.2.51; the kernel fills in the checksum of
/// the IP header, and the last byte is for telling packets apart.
const ADVERT: [u8; 40] = [
    0x45, 0xc0, 0, 40, 0, 1, 0, 0, 255, 112, 0, 0, 192, 0, 2, 1, 224, 0, 0, 18, // IP
    0x21, 51, 100, 1, 0, 1, 0xb8, 0x96, 192, 0, 2, 51, 0, 0, 0, 0, 0, 0, 0, 0, // VRRP
];

fn sender(pair: &Pair) -> VrrpSender {
    let link = pair.here.link("here");
    pair.here.run(|| VrrpSender::open(Bound::to_link(&link.name, link.index), Family::V4).unwrap())
}

fn receiver(pair: &Pair) -> VrrpReceiver {
    let link = pair.there.link("there");
    let receiver = pair
        .there
        .run(|| VrrpReceiver::open(Bound::to_link(&link.name, link.index), Family::V4).unwrap());
    receiver.join(GROUP).unwrap();
    receiver.set_receive_buffer(1 << 20).unwrap();
    receiver
}

/// Every packet that comes until there are so many, each with whether it was cut.
fn receive(receiver: &VrrpReceiver, mut batch: ReceiveBatch, count: usize) -> Vec<(Vec<u8>, bool)> {
    let (mut packets, deadline) = (Vec::new(), Instant::now() + Duration::from_secs(10));
    while packets.len() < count {
        assert!(Instant::now() < deadline, "only {} packets", packets.len());
        match receiver.receive(&mut batch) {
            Ok(received) => assert_eq!(received, batch.packets().len()),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                assert_eq!(batch.packets().len(), 0);
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        packets.extend(batch.packets().map(|packet| (packet.bytes.to_vec(), packet.truncated)));
    }
    packets
}

#[test]
fn an_advert_arrives_byte_for_byte_with_ttl_255() {
    let pair = Pair::new();
    let (sender, receiver) = (sender(&pair), receiver(&pair));
    assert!(sender.send(&[(GROUP, &ADVERT)]).is_empty());
    let mut expected = ADVERT;
    expected[10..12].copy_from_slice(&[0x18, 0x91]);
    assert_eq!(receive(&receiver, ReceiveBatch::default(), 1), [(expected.to_vec(), false)]);
    let mut unicast = ADVERT;
    unicast[16..20].copy_from_slice(&[192, 0, 2, 2]);
    assert!(sender.send(&[([192, 0, 2, 2].into(), &unicast)]).is_empty());
    let packets = receive(&receiver, ReceiveBatch::default(), 1);
    assert_eq!(packets[0].0[16..], unicast[16..], "unicast arrives too");
}

#[test]
fn a_packet_that_cannot_go_does_not_hold_the_others_back() {
    let pair = Pair::new();
    let (sender, receiver) = (sender(&pair), receiver(&pair));
    let numbered: Vec<[u8; 40]> = (0..200)
        .map(|i| {
            let mut advert = ADVERT;
            advert[39] = i;
            advert
        })
        .collect();
    let too_long = vec![0x45; 3000];
    let mut packets: Vec<(IpAddr, &[u8])> =
        numbered.iter().map(|advert| (GROUP, advert.as_slice())).collect();
    packets.insert(0, (GROUP, &too_long));
    packets.insert(100, (GROUP, &too_long));
    packets.insert(150, ([192, 0, 2, 2].into(), &too_long));
    let failed: Vec<_> =
        sender.send(&packets).iter().map(|f| (f.index, f.error.raw_os_error())).collect();
    let too_big = Some(90);
    assert_eq!(failed, [(0, too_big), (100, too_big), (150, too_big)]);
    let received = receive(&receiver, ReceiveBatch::new(16, 64), 200);
    let order: Vec<u8> = received.iter().map(|(bytes, _)| bytes[39]).collect();
    assert_eq!(order, (0..200).collect::<Vec<_>>());
}

#[test]
fn a_packet_longer_than_its_room_is_marked() {
    let pair = Pair::new();
    let (sender, receiver) = (sender(&pair), receiver(&pair));
    assert!(sender.send(&[(GROUP, &ADVERT), (GROUP, &ADVERT[..36])]).is_empty());
    let packets = receive(&receiver, ReceiveBatch::new(2, 36), 2);
    assert_eq!(
        packets.iter().map(|(bytes, cut)| (bytes.len(), *cut)).collect::<Vec<_>>(),
        [(36, true), (36, false)]
    );
}

#[test]
fn tokio_wakes_the_receiver() {
    let pair = Pair::new();
    let (sender, receiver) = (sender(&pair), receiver(&pair));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let bytes = runtime.block_on(async {
        let watched = receiver.watch().unwrap();
        let mut batch = ReceiveBatch::default();
        assert!(sender.send(&[(GROUP, &ADVERT)]).is_empty());
        loop {
            let ready = watched.readable();
            let mut ready =
                tokio::time::timeout(Duration::from_secs(10), ready).await.unwrap().unwrap();
            if let Ok(received) = ready.try_io(|inner| inner.get_ref().receive(&mut batch)) {
                assert_eq!(received.unwrap(), 1);
                return batch.packets().next().unwrap().bytes.to_vec();
            }
        }
    });
    assert_eq!(bytes[12..], ADVERT[12..]);
}

#[test]
fn gratuitous_arps_arrive_as_they_were_built() {
    let pair = Pair::new();
    let (link, mac) = (pair.here.link("here"), net::MacAddress([2, 0, 0, 0, 0, 10]));
    let arp = i32::from(0x0806_u16.to_be());
    let mut tap = pair.there.run(|| {
        let socket = Socket::new(Domain::PACKET, Type::RAW, Some(Protocol::from(arp))).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        socket.set_recv_buffer_size(1 << 20).unwrap();
        socket
    });
    let frames: Vec<_> =
        (0..200).map(|i| rtnl::gratuitous_arp(mac, [192, 0, 2, i].into())).collect();
    let sender = pair.here.run(|| PacketSender::open().unwrap());
    assert_eq!(sender.send(link.index, &frames).unwrap(), 200);
    for frame in &frames {
        let mut buffer = [0; 128];
        let length = tap.read(&mut buffer).unwrap();
        assert_eq!(buffer[..length], frame[..]);
    }
}

#[test]
fn frames_for_a_link_that_is_down_or_gone_are_errors() {
    let pair = Pair::new();
    let link = pair.here.link("here");
    let sender = pair.here.run(|| PacketSender::open().unwrap());
    let frame = [rtnl::gratuitous_arp(net::MacAddress::BROADCAST, [192, 0, 2, 1].into())];
    pair.here.ip("link set here down");
    assert_eq!(sender.send(link.index, &frame).unwrap_err().kind(), ErrorKind::NetworkDown);
    pair.here.ip("link del here");
    let (no_such_device, none): (_, &[[u8; 42]]) = (Some(6), &[]);
    assert_eq!(sender.send(link.index, &frame).unwrap_err().raw_os_error(), no_such_device);
    assert_eq!(sender.send(link.index, none).unwrap(), 0);
}

#[test]
fn sockets_need_a_link_that_exists() {
    let pair = Pair::new();
    let index = pair.here.link("here").index;
    pair.here.run(|| {
        let missing = name("missing");
        assert!(VrrpSender::open(Bound::to_link(&missing, index), Family::V4).is_err());
        assert!(VrrpReceiver::open(Bound::to_link(&missing, index), Family::V4).is_err());
    });
}
