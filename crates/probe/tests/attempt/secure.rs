//! How connections over TLS end.

use std::net::{Shutdown, TcpStream};

use lvs::{Failure, Outcome, Probe, Request, Tls, WebFailure};
use openssl::asn1::Asn1Time;
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::ssl::{SslAcceptor, SslMethod, SslStream};
use openssl::x509::X509;
use probe::Equipment;

use crate::server::{request, serve};

fn acceptor() -> Result<SslAcceptor, ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let key = PKey::from_ec_key(EcKey::generate(&group)?)?;
    let mut certificate = X509::builder()?;
    certificate.set_pubkey(&key)?;
    let (from, to) = (Asn1Time::days_from_now(0)?, Asn1Time::days_from_now(9)?);
    certificate.set_not_before(&from)?;
    certificate.set_not_after(&to)?;
    certificate.sign(&key, MessageDigest::sha256())?;
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    acceptor.set_private_key(&key)?;
    acceptor.set_certificate(&certificate.build())?;
    Ok(acceptor.build())
}

/// What comes of a server that hears a request and then does this.
async fn after(end: impl FnOnce(&mut SslStream<TcpStream>) + Send + 'static) -> Outcome {
    let (address, server) = serve(move |stream, _| {
        let mut stream = acceptor().expect("a server").accept(stream).expect("a client");
        let _ = stream.ssl_read(&mut [0; 1000]);
        end(&mut stream);
    });
    let request = Request { tls: Some(Tls::default().into()), ..request(address) };
    let equipment = Equipment::for_one(&request).expect("equipment");
    let outcome = probe::attempt(&Probe::Http(request.into()), &equipment).await;
    server.join().expect("a server that ends");
    outcome
}

const fn failed(failure: WebFailure) -> Outcome {
    Outcome::Failed(Failure::Web(failure))
}

#[tokio::test]
async fn an_end_in_good_order_without_an_answer_is_an_error() {
    let outcome = after(|stream| drop(stream.shutdown())).await;
    assert_eq!(outcome, failed(WebFailure::ReadFailed { tls: true }));
}

#[tokio::test]
async fn an_end_of_the_connection_alone_is_no_answer() {
    let outcome = after(|stream| drop(stream.get_ref().shutdown(Shutdown::Both))).await;
    assert_eq!(outcome, failed(WebFailure::NoData));
}

#[tokio::test]
async fn a_header_that_is_too_long_is_no_answer() {
    let outcome = after(|stream| {
        let _ = stream.ssl_write(&[b'x'; 5000]);
        let _ = stream.shutdown();
    })
    .await;
    assert_eq!(outcome, failed(WebFailure::NoData));
}
