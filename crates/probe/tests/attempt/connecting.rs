//! Connections that are made, refused or never answered, and options that cannot be had.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

use lvs::{Connect, Failure, NotConnected, Obstacle, Outcome, Passed, WebFailure};
use net::LinkName;
use probe::Equipment;
use socket2::{Domain, Socket, Type};

use crate::server::{SHORT, connect, ends_well, http, request, serve, tcp};

const CONNECTED: Outcome = Outcome::Passed(Passed::Worked);
const REFUSED: Outcome = Outcome::Failed(Failure::Tcp(NotConnected::Failed));
const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

fn bind_fails(outcome: &Outcome, with: &str) {
    let Outcome::NotMade(Obstacle::Bind(text)) = outcome else { panic!("{outcome:?}") };
    assert!(text.starts_with(with), "{text}");
}

/// A port that is taken, but where nobody listens. The addresses keep tests out of each other's
/// way: a port that was taken once is free until the test takes it again.
fn deaf(on: [u8; 4]) -> (Socket, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.bind(&SocketAddr::from((on, 0)).into()).expect("a port");
    let address = socket.local_addr().ok().and_then(|address| address.as_socket());
    (socket, address.expect("its address"))
}

#[test]
fn an_attempt_may_move_between_threads() {
    fn movable<T: Send>(_: &T) {}
    let probe = lvs::Probe::Http(request(ANY_PORT).into());
    movable(&probe::attempt(&probe, &Equipment::default()));
}

#[tokio::test]
async fn a_connection_is_made_and_closed_in_the_ordinary_way() {
    let (address, server) = serve(|mut stream, _| ends_well(&mut stream));
    assert_eq!(tcp(connect(address)).await, CONNECTED);
    assert!(server.join().unwrap());
}

#[tokio::test]
async fn nobody_has_to_accept_a_connection() {
    let listener = TcpListener::bind(ANY_PORT).unwrap();
    assert_eq!(tcp(connect(listener.local_addr().unwrap())).await, CONNECTED);
}

#[tokio::test]
async fn ipv6_is_no_different() {
    let listener = TcpListener::bind("[::1]:0").unwrap();
    let address = listener.local_addr().unwrap();
    assert_eq!(tcp(connect(address)).await, CONNECTED);
    drop(listener);
    assert_eq!(tcp(connect(address)).await, REFUSED);
}

#[tokio::test]
async fn nobody_listens() {
    let (_taken, address) = deaf([127, 0, 0, 2]);
    assert_eq!(tcp(connect(address)).await, REFUSED);
    let refused = Failure::Web(WebFailure::NotConnected(NotConnected::Failed));
    assert_eq!(http(request(address)).await, Outcome::Failed(refused));
}

#[tokio::test]
async fn a_port_that_meets_itself_is_no_server() {
    let (taken, address) = deaf([127, 0, 0, 3]);
    drop(taken);
    let wish = Connect { from: Some(address), ..connect(address) };
    assert_eq!(tcp(wish).await, REFUSED);
}

#[tokio::test]
async fn a_server_whose_queue_is_full_does_not_answer() {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&ANY_PORT.into()).unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let full = || TcpStream::connect_timeout(&address, SHORT);
    let queue: Vec<_> = std::iter::from_fn(|| full().ok()).collect();
    assert!(!queue.is_empty());
    let wish = Connect { timeout: SHORT, ..connect(address) };
    assert_eq!(tcp(wish).await, Outcome::Failed(Failure::Tcp(NotConnected::Timeout)));
}

#[tokio::test]
async fn there_is_no_way_to_a_broadcast_address() {
    let address = SocketAddr::from(([127, 255, 255, 255], 80));
    let unreachable = NotConnected::Unreachable;
    let web = Failure::Web(WebFailure::NotConnected(unreachable));
    assert_eq!(http(request(address)).await, Outcome::Failed(web));
    assert_eq!(tcp(connect(address)).await, Outcome::Failed(Failure::Tcp(unreachable)));
}

#[tokio::test]
async fn the_source_address_is_the_configured_one() {
    let (address, server) = serve(|_, client| client.ip());
    let wish = Connect { from: Some(([127, 0, 0, 5], 0).into()), ..connect(address) };
    assert_eq!(tcp(wish).await, CONNECTED);
    assert_eq!(server.join().unwrap(), Ipv4Addr::new(127, 0, 0, 5));
}

#[tokio::test]
async fn the_source_port_is_the_configured_one() {
    let (taken, free) = deaf([127, 0, 0, 4]);
    drop(taken);
    let (address, server) = serve(|_, client| client);
    assert_eq!(tcp(Connect { from: Some(free), ..connect(address) }).await, CONNECTED);
    assert_eq!(server.join().unwrap(), free);
}

#[tokio::test]
async fn a_source_that_cannot_be_had_is_not_the_servers_fault() {
    let listener = TcpListener::bind(ANY_PORT).unwrap();
    let to = listener.local_addr().unwrap();
    for from in ["192.0.2.77:0", "[::1]:0"] {
        let wish = Connect { from: Some(from.parse().unwrap()), ..connect(to) };
        bind_fails(&tcp(wish).await, "Checker bind failed: ");
    }
    let (_taken, from) = deaf([127, 0, 0, 6]);
    let wish = Connect { from: Some(from), ..connect(to) };
    bind_fails(&tcp(wish).await, "Checker bind failed: ");
}

#[tokio::test]
async fn the_interface_is_the_configured_one() {
    let listener = TcpListener::bind(ANY_PORT).unwrap();
    let to = listener.local_addr().unwrap();
    let through = |name| Connect { link: LinkName::new(name).ok(), ..connect(to) };
    assert_eq!(tcp(through("lo")).await, CONNECTED);
    bind_fails(&tcp(through("nowhere0")).await, "Checker can't bind to device nowhere0: ");
}
