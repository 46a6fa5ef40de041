//! Why reqwest has no answer, told by the types of its errors: their words name addresses, and change from one version to the next.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError, PeerIncompatible};

use crate::cloud::gate::{Flaw, Why};

use super::names::Unfound;

type Link = dyn Error + 'static;

/// An error's causes, the nearest first. An `io::Error` keeps what it wraps to itself, so that is unwrapped here.
fn chain(error: &reqwest::Error) -> impl Iterator<Item = &Link> {
    std::iter::successors(error.source(), deeper)
}

fn deeper<'a>(link: &&'a Link) -> Option<&'a Link> {
    match link.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => (*link).source(),
    }
}

/// The innermost cause in its own words.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    chain(error).last().map_or_else(|| "no details".to_owned(), ToString::to_string)
}

/// What broke.
pub(super) fn why(error: &reqwest::Error) -> Why {
    for link in chain(error) {
        // A proxy's tunnel. hyper-util does not let anybody name this type; its first words are all there is.
        if let Some(words) = link.to_string().strip_prefix("tunnel error: ") {
            let deeper = innermost(error);
            return Why::Proxy(if deeper.starts_with("tunnel error: ") { words.to_owned() } else { deeper });
        }
        if link.is::<Unfound>() {
            return Why::Dns;
        }
        if let Some(error) = link.downcast_ref::<rustls::Error>() {
            return tls(error);
        }
        match link.downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => return Why::Refused,
            Some(io::ErrorKind::TimedOut) => return Why::Timeout,
            Some(
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof,
            ) => return Why::Closed,
            _ => {}
        }
    }
    if error.is_timeout() { Why::Timeout } else { Why::Other }
}

fn tls(error: &rustls::Error) -> Why {
    match error {
        rustls::Error::InvalidCertificate(error) => {
            flaw(error).map_or_else(|| Why::Tls(error.to_string()), Why::Distrust)
        }
        rustls::Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        )
        | rustls::Error::AlertReceived(AlertDescription::ProtocolVersion) => Why::Distrust(Flaw::Old),
        rustls::Error::InvalidMessage(_) => Why::Tls("what it sent is no TLS".to_owned()),
        other => Why::Tls(other.to_string()),
    }
}

fn flaw(error: &CertificateError) -> Option<Flaw> {
    Some(match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Flaw::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Flaw::NotYet,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Flaw::Name,
        // A bad signature: an authority of the same name as a trusted one, with another key.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => Flaw::Issuer,
        // webpki's own error, which rustls passes on: a certificate that signs, shown as a server's, has signed itself.
        CertificateError::Other(other) if other.to_string() == "CaUsedAsEndEntity" => Flaw::SelfSigned,
        CertificateError::Revoked => Flaw::Revoked,
        _ => return None,
    })
}
