//! What a server says in place of TLS, and what becomes of TLS that is damaged on its way: the
//! attempt ends, and no server is good that has not agreed and answered.
#![no_main]

use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use lvs::{Connect, HttpVersion, Outcome, Request, Tls};
use openssl::asn1::Asn1Time;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::ssl::{Ssl, SslAcceptor, SslContext, SslMethod, SslVersion};
use openssl::x509::X509Builder;
use probe::Equipment;
use tokio::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex,
};
use tokio_openssl::SslStream;

/// The digest of the body of [`ANSWER`]: whatever else is taken for it is no answer.
const DIGEST: u128 = 0xacbd_18db_4cc2_f85c_edef_654f_ccc4_a4d8;
const ANSWER: &[u8] = b"HTTP/1.0 200 OK\r\n\r\nfoo";
const ROOM: usize = 1 << 16;

struct Tools {
    request: Request,
    equipment: Equipment,
    /// For TLS 1.2 and before, and for TLS 1.3.
    servers: [SslContext; 2],
}

static TOOLS: OnceLock<Tools> = OnceLock::new();

fuzz_target!(|data: &[u8]| {
    let [choice, data @ ..] = data else { return };
    let tools = TOOLS.get_or_init(tools);
    // Whoever waits for what never comes is at the end of its patience at once.
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        match choice % 3 {
            0 => noise(tools, data).await,
            version => damaged(tools, usize::from(version) - 1, data).await,
        }
    });
});

async fn noise(tools: &Tools, said: &[u8]) {
    let outcome = probe::fuzzing::web(&tools.request, &tools.equipment, said).await;
    assert!(matches!(outcome, Outcome::Failed(_)), "{outcome:?}");
}

async fn damaged(tools: &Tools, version: usize, damage: &[u8]) {
    let (ours, theirs) = duplex(ROOM);
    let stream = Damaged { stream: ours, damage, place: 0 };
    let attempt = probe::fuzzing::web_over(&tools.request, &tools.equipment, stream);
    let (outcome, ()) = tokio::join!(attempt, serve(&tools.servers[version], theirs));
    let untouched = damage.chunks_exact(3).all(|one| one[2] == 0);
    assert!(!untouched || matches!(outcome, Outcome::Passed(_)), "{outcome:?}");
}

/// Goes as far as the client does.
async fn serve(context: &SslContext, stream: DuplexStream) {
    let ssl = Ssl::new(context).expect("a session");
    let mut stream = SslStream::new(ssl, stream).expect("a stream");
    if Pin::new(&mut stream).accept().await.is_err() {
        return;
    }
    let mut asked = [0; 1024];
    if stream.read(&mut asked).await.is_ok_and(|length| length > 0) {
        // The client may have gone.
        let _ = stream.write_all(ANSWER).await;
        let _ = stream.shutdown().await;
    }
}

/// Three bytes each: which byte of all that comes, and which of its bits are other ones.
struct Damaged<'d> {
    stream: DuplexStream,
    damage: &'d [u8],
    place: usize,
}

impl AsyncRead for Damaged<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = space.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, space))?;
        let come = &mut space.filled_mut()[before..];
        for one in self.damage.chunks_exact(3) {
            let place = usize::from(u16::from_be_bytes([one[0], one[1]]));
            if let Some(byte) = place.checked_sub(self.place).and_then(|at| come.get_mut(at)) {
                *byte ^= one[2];
            }
        }
        self.place += come.len();
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Damaged<'_> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

fn tools() -> Tools {
    let timeout = Duration::from_secs(600);
    let to = ([127, 0, 0, 1], 443).into();
    let request = Request {
        connect: Connect { to, from: None, link: None, mark: 0, timeout },
        patience: timeout,
        path: "/".to_owned(),
        host: "localhost".to_owned(),
        virtual_host: None,
        version: HttpVersion::V1_0,
        statuses: vec![(200, 200)],
        digest: Some(DIGEST.to_be_bytes()),
        pattern: None,
        tls: Some(Box::new(Tls { compliant: true, ..Tls::default() })),
    };
    let equipment = Equipment::for_one(&request).expect("TLS");
    let servers = [SslVersion::TLS1_2, SslVersion::TLS1_3];
    let servers = servers.map(|version| server(version).expect("a server"));
    Tools { request, equipment, servers }
}

/// A server with a key and a certificate of its own.
fn server(most: SslVersion) -> Result<SslContext, openssl::error::ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let key = PKey::from_ec_key(EcKey::generate(&group)?)?;
    let mut certificate = X509Builder::new()?;
    certificate.set_pubkey(&key)?;
    certificate.set_not_before(Asn1Time::days_from_now(0)?.as_ref())?;
    certificate.set_not_after(Asn1Time::days_from_now(1)?.as_ref())?;
    certificate.sign(&key, MessageDigest::sha256())?;
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    acceptor.set_max_proto_version(Some(most))?;
    acceptor.set_private_key(&key)?;
    acceptor.set_certificate(&certificate.build())?;
    Ok(acceptor.build().into_context())
}
