//! Whom to trust beside the machine's own certificate authorities: where a company's proxy looks into TLS, its authority
//! stands in a file that --ca-bundle, REQUESTS_CA_BUNDLE (az's and Python's) or the config names.

use std::path::{Path, PathBuf};

use super::files;
use crate::cloud;
use crate::domain::{Failure, SafeText};

/// The largest bundle that is read; the usual ones have a quarter of a megabyte.
const CAP: usize = 8 * 1024 * 1024;

/// Authorities to trust.
#[derive(Debug, Default)]
pub(crate) struct Bundle {
    /// Their certificates.
    pub(crate) pem: Vec<u8>,
    /// Which file, who named it, and how many it holds.
    pub(crate) words: Option<String>,
}

impl Bundle {
    /// The bundle that is named nearest: by the flag, the variable, the config.
    pub(crate) fn find(
        flag: Option<&Path>,
        variable: impl Fn(&str) -> Option<PathBuf>,
        config: Option<&Path>,
    ) -> Result<Self, Failure> {
        // It stands in the place of the machine's own: whoever reads those reads it, so here it is only looked at.
        if let Some(file) = variable("SSL_CERT_FILE") {
            read(&file, "SSL_CERT_FILE")?;
        }
        let flag = flag.filter(|file| !file.as_os_str().is_empty());
        let named = flag.map(|file| (file.to_owned(), "--ca-bundle"));
        let named = named.or_else(|| Some((variable("REQUESTS_CA_BUNDLE")?, "REQUESTS_CA_BUNDLE")));
        let Some((file, by)) = named.or_else(|| Some((config?.to_owned(), "ca_bundle in the config"))) else {
            return Ok(Self::default());
        };
        let (pem, count) = read(&file, by)?;
        let count = if count == 1 { "1 authority".to_owned() } else { format!("{count} authorities") };
        Ok(Self { pem, words: Some(format!("{} ({by}): {count}", file.display())) })
    }
}

fn read(file: &Path, by: &str) -> Result<(Vec<u8>, usize), Failure> {
    let doing = || format!("trust the authorities in {} ({by})", SafeText::of(&file.display().to_string()));
    let refused = |why: &str| Failure::misused(doing(), why).hint("name a file with certificates in PEM");
    if file.is_dir() {
        return Err(refused("it is a folder, and amlock reads a file"));
    }
    let (pem, _) = files::read_plain(file, CAP).map_err(|wrong| refused(&files::why(&wrong)))?;
    if pem.is_empty() {
        return Err(refused("it is empty"));
    }
    match cloud::authorities(&pem) {
        0 if pem.windows(5).any(|five| five == b"-----") => Err(refused("none of its certificates can be read")),
        0 => Err(refused("it is no PEM: there is no -----BEGIN CERTIFICATE----- in it")),
        count => Ok((pem, count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> PathBuf {
        let place = std::env::temp_dir().join(format!("amlock-ca-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&place).expect("a folder");
        place
    }

    fn authority() -> String {
        let mut params = rcgen::CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.self_signed(&rcgen::KeyPair::generate().expect("a key")).expect("a certificate").pem()
    }

    #[test]
    fn the_nearest_bundle_is_taken_and_named() {
        let place = place();
        let (one, two) = (place.join("one.pem"), place.join("two.pem"));
        std::fs::write(&one, authority()).expect("written");
        std::fs::write(&two, format!("# ours\n{}\n{}", authority(), authority())).expect("written");
        let find = |flag: Option<&Path>, name: &'static str, file: &Path, config: Option<&Path>| {
            let set = |asked: &str| (asked == name).then(|| file.to_owned());
            Bundle::find(flag, set, config).expect("fine").words.unwrap_or_default()
        };
        let none = Path::new("");
        assert!(find(Some(&two), "REQUESTS_CA_BUNDLE", &one, None).ends_with("two.pem (--ca-bundle): 2 authorities"));
        assert!(find(None, "REQUESTS_CA_BUNDLE", &one, Some(&two)).ends_with("(REQUESTS_CA_BUNDLE): 1 authority"));
        assert!(find(Some(none), "", none, Some(&two)).contains("ca_bundle in the config"));
        assert_eq!(find(None, "SSL_CERT_FILE", &one, None), "", "that one is the machine's own");
    }

    #[test]
    fn a_bundle_that_is_none_is_told_with_its_file_and_who_named_it() {
        let place = place();
        let write = |name: &str, text: &str| {
            std::fs::write(place.join(name), text).expect("written");
        };
        write("empty.pem", "");
        write("der.crt", "0\u{82}\u{1}");
        write("key.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        write("cut.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
        for (file, why) in [
            ("none.pem", "no such file"),
            ("empty.pem", "it is empty"),
            ("der.crt", "it is no PEM"),
            ("key.pem", "none of its certificates can be read"),
            ("cut.pem", "none of its certificates can be read"),
            (".", "it is a folder"),
        ] {
            let file = place.join(file);
            for by in ["--ca-bundle", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "ca_bundle in the config"] {
                let flag = (by == "--ca-bundle").then_some(file.as_path());
                let config = by.ends_with("config").then_some(file.as_path());
                let failure = Bundle::find(flag, |name| (name == by).then(|| file.clone()), config).expect_err(why);
                let told = failure.sentence();
                assert!(told.contains(why) && told.contains(by) && failure.hint.is_some(), "{told}");
                assert_eq!(failure.exit_code(), 2);
            }
        }
    }
}
