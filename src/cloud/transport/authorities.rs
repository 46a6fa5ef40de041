//! Certificate authorities that somebody named beside the machine's own.

use reqwest::Certificate;
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

/// The authorities in a bundle that can be used; what else is in it (keys, certificates in a form of long ago) is passed over.
pub(super) fn usable(pem: &[u8]) -> Vec<Certificate> {
    let found = CertificateDer::pem_slice_iter(pem).filter_map(Result::ok);
    found
        .filter(|one| RootCertStore::empty().add(one.clone()).is_ok())
        .filter_map(|one| Certificate::from_der(&one).ok())
        .collect()
}

/// How many certificate authorities a PEM bundle holds that can be used.
pub fn authorities(pem: &[u8]) -> usize {
    usable(pem).len()
}
