//! Certificate authorities that somebody named beside the machine's own.

use std::ffi::OsString;

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

/// The machine's own authorities, where SSL_CERT_FILE is set to nothing: rustls reads them from a file of that name, and finds none.
/// An empty variable is as good as none.
#[cfg(target_os = "linux")]
pub(super) fn unnamed(variable: impl Fn(&str) -> Option<OsString>) -> Vec<Certificate> {
    let set = |name: &str| variable(name).map(|text| !text.is_empty());
    if set("SSL_CERT_FILE") != Some(false) || set("SSL_CERT_DIR") == Some(true) {
        return Vec::new();
    }
    let file = openssl_probe::probe().cert_file;
    file.and_then(|file| std::fs::read(file).ok()).map(|pem| usable(&pem)).unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn unnamed(_: impl Fn(&str) -> Option<OsString>) -> Vec<Certificate> {
    Vec::new()
}

/// How many certificate authorities a PEM bundle holds that can be used.
pub fn authorities(pem: &[u8]) -> usize {
    usable(pem).len()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_is_empty_is_as_good_as_none() {
        let with = |file: Option<&str>, dir: Option<&str>| {
            let (file, dir) = (file.map(OsString::from), dir.map(OsString::from));
            unnamed(|name| if name == "SSL_CERT_FILE" { file.clone() } else { dir.clone() }).len()
        };
        assert_eq!((with(None, None), with(Some("/a.pem"), None), with(Some(""), Some("/a"))), (0, 0, 0));
        if openssl_probe::probe().cert_file.is_some() {
            assert!(with(Some(""), None) > 0 && with(Some(""), Some("")) > 0);
        }
    }
}
