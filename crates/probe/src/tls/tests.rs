use std::time::Duration;

use lvs::{Connect, HttpVersion};
use openssl::ssl::SslAcceptor;
use tokio::io::duplex;

use super::*;

#[path = "../../tests/attempt/acceptor.rs"]
mod acceptor;

use acceptor::acceptor;

const NAME: &str = "www.example.com";
const ADDRESS: &str = "192.0.2.11";

fn request(virtual_host: Option<&str>) -> Request {
    let timeout = Duration::from_secs(5);
    let to = (ADDRESS.parse::<IpAddr>().unwrap(), 443).into();
    Request {
        connect: Connect { to, from: None, link: None, mark: 0, timeout },
        patience: timeout,
        path: "/".to_owned(),
        host: ADDRESS.to_owned(),
        virtual_host: virtual_host.map(str::to_owned),
        version: HttpVersion::V1_0,
        statuses: Vec::new(),
        digest: None,
        pattern: None,
        tls: None,
    }
}

/// What a client that trusts this certificate agrees on with the server.
async fn agree(
    (server, certificate): &(SslAcceptor, X509),
    tls: &Tls,
    virtual_host: Option<&str>,
) -> Result<(), HandshakeFailed> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ca.pem");
    fs::write(&path, certificate.to_pem().unwrap()).unwrap();
    let authorities = Some(path.to_str().unwrap().to_owned());
    let client = Client::new(&TlsMaterial { authorities, ..TlsMaterial::default() }).unwrap();
    let (ours, theirs) = duplex(10_000);
    let mut theirs = SslStream::new(Ssl::new(server.context()).unwrap(), theirs).unwrap();
    let request = request(virtual_host);
    let client = client.shake_hands(tls, &request, ours);
    tokio::join!(client, Pin::new(&mut theirs).accept()).0.map(drop)
}

#[tokio::test]
async fn a_certificate_is_verified_for_the_name_else_the_virtual_host_else_the_address() {
    let (named, placed) = (acceptor(NAME).unwrap(), acceptor(ADDRESS).unwrap());
    let verified = |name: Option<&str>| {
        let name = name.map(str::to_owned);
        Tls { name, verify: true, ..Tls::default() }
    };
    for (server, name, host, good) in [
        (&named, Some(NAME), None, true),
        (&named, Some(NAME), Some("example.com"), true),
        (&named, Some("example.com"), Some(NAME), false),
        (&named, None, Some(NAME), true),
        (&named, None, Some("example.com"), false),
        (&named, None, None, false),
        (&placed, None, None, true),
        (&placed, None, Some(ADDRESS), true),
        (&placed, None, Some("192.0.2.12"), false),
        (&placed, Some(NAME), None, false),
    ] {
        let agreed = agree(server, &verified(name), host).await;
        assert_eq!(agreed.is_ok(), good, "{name:?} {host:?} {agreed:?}");
        if let Err(HandshakeFailed(flaw)) = agreed {
            let told = flaw.is_some_and(|TlsFlaw(text)| text.ends_with("mismatch"));
            assert!(told, "{name:?} {host:?} {flaw:?}");
        }
        // Nobody asks.
        let tls = Tls { verify: false, ..verified(name) };
        assert_eq!(agree(server, &tls, host).await, Ok(()), "{name:?} {host:?}");
    }
    let stranger = (acceptor(NAME).unwrap().0, named.1.clone());
    let refused = agree(&stranger, &verified(Some(NAME)), None).await;
    // By somebody else; he may be called the same.
    assert!(matches!(refused, Err(HandshakeFailed(Some(_)))), "{refused:?}");
}
