//! Speaks TLS the way a check wants it: with whoever is there, in any version that the system's
//! library knows, unless verification is asked for (compat 21 §7).
//!
//! Decides nothing about when; what is sent over it is decided by whoever asked for it.

use std::fs;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;

use lvs::config::TlsMaterial;
use lvs::{Request, Tls, TlsFlaw};
use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::ssl::{Ssl, SslContext, SslContextBuilder, SslMethod, SslOptions, SslVerifyMode};
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::{X509, X509VerifyResult};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_openssl::SslStream;

/// Servers that cannot renegotiate safely are spoken with too; the crate has no name for it.
const LEGACY_SERVER_CONNECT: SslOptions = SslOptions::from_bits_retain(0x4);

/// What is shown of this machine, and whom it knows.
#[derive(Clone)]
pub(crate) struct Client(SslContext);

/// What is wrong with the `SSL` block.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The library refuses.
    #[error("SSL: {0}")]
    Library(#[from] ErrorStack),
    /// A file cannot be read.
    #[error("SSL {what} {path}: {why}")]
    File {
        /// The keyword.
        what: &'static str,
        /// The file.
        path: String,
        /// The reason.
        why: String,
    },
}

impl Client {
    /// Loads the files.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub(crate) fn new(material: &TlsMaterial) -> Result<Self, Error> {
        sys::tls::ignore_configuration();
        let mut builder = SslContext::builder(SslMethod::tls_client())?;
        builder.set_security_level(0);
        builder.set_cipher_list("ALL:@SECLEVEL=0")?;
        builder.set_options(LEGACY_SERVER_CONNECT);
        builder.set_verify(SslVerifyMode::NONE);
        own_key(&mut builder, material)?;
        authorities(&mut builder, material)?;
        Ok(Self(builder.build()))
    }

    /// Agrees on TLS over a connection.
    ///
    /// # Errors
    /// When the server does not agree.
    pub(crate) async fn shake_hands<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        tls: &Tls,
        request: &Request,
        stream: S,
    ) -> Result<SslStream<S>, HandshakeFailed> {
        let mut ssl = Ssl::new(&self.0)?;
        if let Some(name) = &tls.name {
            ssl.set_hostname(name)?;
        }
        if tls.verify {
            ssl.set_verify(SslVerifyMode::PEER);
            let name = tls.name.as_ref().or(request.virtual_host.as_ref());
            match name.map(|name| (name, name.parse::<IpAddr>())) {
                Some((name, Err(_))) => ssl.param_mut().set_host(name)?,
                Some((_, Ok(ip))) => ssl.param_mut().set_ip(ip)?,
                None => ssl.param_mut().set_ip(request.connect.to.ip())?,
            }
        }
        let mut stream = SslStream::new(ssl, stream)?;
        match Pin::new(&mut stream).connect().await {
            Ok(()) => Ok(stream),
            Err(error) => {
                let verdict = stream.ssl().verify_result();
                let refused = tls.verify && verdict != X509VerifyResult::OK;
                let known = refused.then(|| TlsFlaw(verdict.error_string()));
                Err(HandshakeFailed(known.or_else(|| error.ssl_error().and_then(last))))
            }
        }
    }
}

/// There is no agreement, and why, if the library says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HandshakeFailed(pub(crate) Option<TlsFlaw>);

impl From<ErrorStack> for HandshakeFailed {
    fn from(errors: ErrorStack) -> Self {
        Self(last(&errors))
    }
}

/// What the library says of a read that failed.
pub(crate) fn flaw(error: &io::Error) -> Option<TlsFlaw> {
    let error = error.get_ref()?.downcast_ref::<openssl::ssl::Error>()?;
    error.ssl_error().and_then(last)
}

/// The last one says most of a conversation.
fn last(errors: &ErrorStack) -> Option<TlsFlaw> {
    errors.errors().last()?.reason().map(TlsFlaw)
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

/// The certificate and the key that are shown to servers who want them.
fn own_key(builder: &mut SslContextBuilder, material: &TlsMaterial) -> Result<(), Error> {
    if let Some(path) = &material.certificate {
        // The library has no words for a file that is not there.
        fs::File::open(path).map_err(|error| unusable("certificate", path, &error))?;
        let loaded = builder.set_certificate_chain_file(path);
        loaded.map_err(|errors| flawed("certificate", path, &errors))?;
    }
    let Some(path) = &material.key else { return Ok(()) };
    let text = fs::read(path).map_err(|error| unusable("key", path, &error))?;
    let phrase = material.password.as_ref().map(|password| password.0.as_bytes());
    // Without a pass phrase the library would ask whoever sits at the terminal.
    let key = PKey::private_key_from_pem_passphrase(&text, phrase.unwrap_or_default());
    let key = key.map_err(|errors| flawed("key", path, &errors))?;
    builder.set_private_key(&key).map_err(|errors| flawed("key", path, &errors))?;
    if material.certificate.is_some() {
        builder.check_private_key().map_err(|errors| flawed("key", path, &errors))?;
    }
    Ok(())
}

/// Who may have signed the certificates of servers that are verified.
fn authorities(builder: &mut SslContextBuilder, material: &TlsMaterial) -> Result<(), Error> {
    let Some(path) = &material.authorities else {
        return Ok(builder.set_default_verify_paths()?);
    };
    let text = fs::read(path).map_err(|error| unusable("ca", path, &error))?;
    let certificates = X509::stack_from_pem(&text).map_err(|errors| flawed("ca", path, &errors))?;
    if certificates.is_empty() {
        return Err(unusable("ca", path, &"it holds no certificate"));
    }
    let mut store = X509StoreBuilder::new()?;
    for certificate in certificates {
        store.add_cert(certificate)?;
    }
    builder.set_cert_store(store.build());
    Ok(())
}

/// The first error is what the others have led to.
fn flawed(what: &'static str, path: &str, errors: &ErrorStack) -> Error {
    let reason = errors.errors().first().and_then(openssl::error::Error::reason);
    unusable(what, path, &reason.unwrap_or("it cannot be used"))
}

fn unusable(what: &'static str, path: &str, why: &dyn ToString) -> Error {
    Error::File { what, path: path.to_owned(), why: why.to_string() }
}

#[cfg(test)]
mod tests;
