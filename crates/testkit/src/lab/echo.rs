//! A server that answers every line with its name and the line, and a client that keeps its
//! connection open: what a test watches when it asks whether connections survive.

use std::io::{self, BufRead, BufReader, IoSlice, IoSliceMut, Write};
use std::net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::libc::in6_pktinfo;
use nix::sys::socket::sockopt::Ipv6RecvPacketInfo;
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrIn6, recvmsg, sendmsg, setsockopt,
};
use socket2::{Domain, Protocol, Socket, Type};

use super::Host;
use super::run::must;

/// How often a server looks whether it shall stop.
const STOP_CHECK: Duration = Duration::from_millis(50);
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
const ANSWER_LIMIT: Duration = Duration::from_secs(3);
const LONGEST_DATAGRAM: usize = 2048;

/// A running echo server. It closes everything when dropped.
pub struct EchoServer {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

/// One TCP connection of a client.
#[derive(Debug)]
pub struct Conversation {
    stream: BufReader<TcpStream>,
}

impl Host {
    /// Answers each line that comes to this port with `<host>: <line>`, over TCP and UDP of both
    /// families.
    pub fn echo_server(&self, port: u16) -> EchoServer {
        let stop = Arc::new(AtomicBool::new(false));
        let (listener, datagrams) = self.inside_thread(|| (listener(port), datagrams(port)));
        let connections = self.accepting(listener, &stop);
        let (name, end) = (self.name().to_owned(), Arc::clone(&stop));
        let packets = thread::spawn(move || answer_datagrams(&datagrams, &name, &end));
        EchoServer { stop, threads: vec![connections, packets] }
    }

    /// Answers each line that comes to this address and port over SCTP. An association knows of no
    /// other addresses of the host.
    pub fn sctp_echo_server(&self, ip: &str, port: u16) -> EchoServer {
        let ip: IpAddr = must("read an address", ip.parse());
        let stop = Arc::new(AtomicBool::new(false));
        let listener = self.inside_thread(|| {
            let at = SocketAddr::from((ip, port));
            let kind = (Domain::for_address(at), Type::STREAM, Some(Protocol::SCTP));
            let socket = must("open an SCTP socket", Socket::new(kind.0, kind.1, kind.2));
            must("take the echo port", socket.bind(&at.into()));
            listening(socket)
        });
        EchoServer { threads: vec![self.accepting(listener, &stop)], stop }
    }

    fn accepting(&self, listener: TcpListener, stop: &Arc<AtomicBool>) -> JoinHandle<()> {
        let (name, end) = (self.name().to_owned(), Arc::clone(stop));
        thread::spawn(move || accept(&listener, &name, &end))
    }

    /// Opens a connection (to `192.0.2.51:7`) that stays open until it is dropped.
    ///
    /// # Errors
    /// When nobody accepts it within three seconds.
    pub fn converse(&self, with: &str) -> io::Result<Conversation> {
        self.converse_by(Protocol::TCP, None, with)
    }

    /// The same, from this address of the host.
    ///
    /// # Errors
    /// When nobody accepts it within three seconds.
    pub fn converse_from(&self, from: &str, with: &str) -> io::Result<Conversation> {
        self.converse_by(Protocol::TCP, Some(from), with)
    }

    /// The same, as an association of SCTP.
    ///
    /// # Errors
    /// When nobody accepts it within three seconds.
    pub fn associate_from(&self, from: &str, with: &str) -> io::Result<Conversation> {
        self.converse_by(Protocol::SCTP, Some(from), with)
    }

    fn converse_by(
        &self,
        protocol: Protocol,
        from: Option<&str>,
        with: &str,
    ) -> io::Result<Conversation> {
        let to: SocketAddr = must("read an address and a port", with.parse());
        let stream = self.inside_thread(|| {
            let socket = Socket::new(Domain::for_address(to), Type::STREAM, Some(protocol))?;
            if let Some(from) = from {
                let ip: IpAddr = must("read an address", from.parse());
                socket.bind(&SocketAddr::from((ip, 0)).into())?;
            }
            socket.connect_timeout(&to.into(), CONNECT_LIMIT)?;
            io::Result::Ok(TcpStream::from(socket))
        })?;
        stream.set_read_timeout(Some(ANSWER_LIMIT))?;
        Ok(Conversation { stream: BufReader::new(stream) })
    }

    /// Sends one datagram and gives the answer.
    ///
    /// # Errors
    /// When there is none within three seconds.
    pub fn ask_datagram(&self, to: &str, text: &str) -> io::Result<String> {
        let any = if to.starts_with('[') { "::" } else { "0.0.0.0" };
        self.ask_datagram_from(any, to, text)
    }

    /// The same, from this address of the host.
    ///
    /// # Errors
    /// When there is no answer within three seconds.
    pub fn ask_datagram_from(&self, from: &str, to: &str, text: &str) -> io::Result<String> {
        let to: SocketAddr = must("read an address and a port", to.parse());
        let from: IpAddr = must("read an address", from.parse());
        let socket = self.inside_thread(|| UdpSocket::bind((from, 0)))?;
        socket.set_read_timeout(Some(ANSWER_LIMIT))?;
        socket.connect(to)?;
        socket.send(text.as_bytes())?;
        let mut answer = [0; LONGEST_DATAGRAM];
        let length = socket.recv(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer[..length]).into_owned())
    }
}

impl Conversation {
    /// The client's port.
    ///
    /// # Panics
    /// When the socket does not know it.
    pub fn port(&self) -> u16 {
        must("name the client's end", self.stream.get_ref().local_addr()).port()
    }

    /// Says a line and gives the line that comes back.
    ///
    /// # Errors
    /// When the connection is reset or closed, or when nothing comes within three seconds.
    pub fn say(&mut self, line: &str) -> io::Result<String> {
        self.stream.get_mut().write_all(format!("{line}\n").as_bytes())?;
        let mut answer = String::new();
        if self.stream.read_line(&mut answer)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(answer.trim_end().to_owned())
    }
}

impl Drop for EchoServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // That it panicked has already been said by the panic itself.
            let _ = thread.join();
        }
    }
}

/// Listens on every address of both families.
fn listener(port: u16) -> TcpListener {
    listening(bound(Type::STREAM, Protocol::TCP, port))
}

fn listening(socket: Socket) -> TcpListener {
    must("listen", socket.listen(128));
    must("limit the waiting", socket.set_read_timeout(Some(STOP_CHECK)));
    socket.into()
}

fn datagrams(port: u16) -> UdpSocket {
    let socket: UdpSocket = bound(Type::DGRAM, Protocol::UDP, port).into();
    must("see which address is asked", setsockopt(&socket, Ipv6RecvPacketInfo, &true));
    must("limit the waiting", socket.set_read_timeout(Some(STOP_CHECK)));
    socket
}

fn bound(kind: Type, protocol: Protocol, port: u16) -> Socket {
    let socket = must("open a socket", Socket::new(Domain::IPV6, kind, Some(protocol)));
    must("speak both families", socket.set_only_v6(false));
    must("take the port again soon", socket.set_reuse_address(true));
    let any = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
    must("take the echo port", socket.bind(&any.into()));
    socket
}

fn accept(listener: &TcpListener, name: &str, stop: &AtomicBool) {
    thread::scope(|scope| {
        while !stop.load(Ordering::Relaxed) {
            match listener.accept() {
                Ok((stream, _)) => {
                    scope.spawn(move || answer_lines(stream, name, stop));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => thread::sleep(STOP_CHECK),
            }
        }
    });
}

/// Until the client closes, the connection breaks or the server is dropped.
fn answer_lines(stream: TcpStream, name: &str, stop: &AtomicBool) {
    must("limit the waiting", stream.set_read_timeout(Some(STOP_CHECK)));
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while !stop.load(Ordering::Relaxed) {
        match stream.read_line(&mut line) {
            Ok(0) => return,
            Ok(_) => {
                let answered = stream.get_mut().write_all(format!("{name}: {line}").as_bytes());
                if answered.is_err() {
                    return;
                }
                line.clear();
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}

fn answer_datagrams(socket: &UdpSocket, name: &str, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        // An error is mostly that nobody asked in time; that an answer was lost, the client's own
        // limit tells the test.
        let _ = answer_datagram(socket, name);
    }
}

/// Answers from the address that was asked: a real server has more than one.
fn answer_datagram(socket: &UdpSocket, name: &str) -> nix::Result<()> {
    let mut packet = [0; LONGEST_DATAGRAM];
    let mut parts = [IoSliceMut::new(&mut packet)];
    let mut space = nix::cmsg_space!(in6_pktinfo);
    let fd = socket.as_raw_fd();
    let got = recvmsg::<SockaddrIn6>(fd, &mut parts, Some(&mut space), MsgFlags::empty())?;
    let (from, length) = (got.address, got.bytes);
    let asked = got.cmsgs()?.find_map(|message| {
        if let ControlMessageOwned::Ipv6PacketInfo(asked) = message { Some(asked) } else { None }
    });
    let text = format!("{name}: {}", String::from_utf8_lossy(&packet[..length]));
    // Which link the answer leaves through, its route decides.
    let asked = asked.map(|asked| in6_pktinfo { ipi6_ifindex: 0, ..asked });
    let source: Vec<_> = asked.iter().map(ControlMessage::Ipv6PacketInfo).collect();
    let parts = [IoSlice::new(text.as_bytes())];
    sendmsg(fd, &parts, &source, MsgFlags::empty(), from.as_ref())?;
    Ok(())
}
