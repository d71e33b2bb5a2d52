//! A server of TLS with a certificate of its own. Also for the tests beside this folder, and for
//! those of the crate itself.

use openssl::asn1::Asn1Time;
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::ssl::{SslAcceptor, SslMethod};
use openssl::x509::extension::SubjectAlternativeName;
use openssl::x509::{X509, X509NameBuilder};

/// A server that shows a certificate for this name, which it has signed itself.
pub(crate) fn acceptor(of: &str) -> Result<(SslAcceptor, X509), ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let key = PKey::from_ec_key(EcKey::generate(&group)?)?;
    let mut certificate = X509::builder()?;
    certificate.set_version(2)?;
    certificate.set_pubkey(&key)?;
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_nid(Nid::COMMONNAME, "a server")?;
    let name = name.build();
    certificate.set_subject_name(&name)?;
    certificate.set_issuer_name(&name)?;
    let (from, to) = (Asn1Time::days_from_now(0)?, Asn1Time::days_from_now(9)?);
    certificate.set_not_before(&from)?;
    certificate.set_not_after(&to)?;
    let mut names = SubjectAlternativeName::new();
    match of.parse::<std::net::IpAddr>() {
        Ok(_) => names.ip(of),
        Err(_) => names.dns(of),
    };
    let names = names.build(&certificate.x509v3_context(None, None))?;
    certificate.append_extension(names)?;
    certificate.sign(&key, MessageDigest::sha256())?;
    let certificate = certificate.build();
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    acceptor.set_private_key(&key)?;
    acceptor.set_certificate(&certificate)?;
    Ok((acceptor.build(), certificate))
}
