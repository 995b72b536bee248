//! Which authorities are trusted: those of the system, or of `SSL_CERT_FILE` and `SSL_CERT_DIR`.
//!
//! The HTTP client would read the same files, at more than half of all instructions of a send, and again for every
//! new set of connections. Here they are read once and decoded in blocks; a file that is not as nearly all are is left
//! to the reader of `rustls`. Tests compare what is found with what the HTTP client would find.

use std::path::PathBuf;

/// Where the certificates of authorities lie, if the environment says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustPaths {
    /// `SSL_CERT_FILE`.
    file: Option<PathBuf>,
    /// Those of `SSL_CERT_DIR`, which a colon parts.
    directories: Vec<PathBuf>,
}

impl TrustPaths {
    /// The files and directories that the environment names instead of the system's.
    #[must_use]
    pub fn of(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let directories = variable("SSL_CERT_DIR").unwrap_or_default();
        Self {
            file: variable("SSL_CERT_FILE").map(PathBuf::from),
            directories: directories.split(':').filter(|name| !name.is_empty()).map(PathBuf::from).collect(),
        }
    }
}

/// What verifies servers; `None` where the platform has a verifier of its own, or no certificate was found, so that
/// the HTTP client says so itself.
#[cfg(all(unix, not(target_vendor = "apple"), not(target_os = "android")))]
pub(super) fn tls(paths: &TrustPaths) -> Option<rustls::ClientConfig> {
    let mut authorities = rustls::RootCertStore::empty();
    // One that cannot be read is one authority less, never one more.
    authorities.add_parsable_certificates(files::certificates(paths));
    if authorities.is_empty() {
        return None;
    }
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    let mut config = config.with_root_certificates(authorities).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Some(config)
}

#[cfg(not(all(unix, not(target_vendor = "apple"), not(target_os = "android"))))]
pub(super) fn tls(_: &TrustPaths) -> Option<rustls::ClientConfig> {
    None
}

/// Certificates in files, where the libraries of TLS keep them.
#[cfg(all(unix, not(target_vendor = "apple"), not(target_os = "android")))]
mod files {
    use std::collections::BTreeSet;
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    use data_encoding::BASE64;
    use memchr::memmem;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    use super::TrustPaths;

    /// Every certificate of the file and of the files in the directories, each once.
    pub(super) fn certificates(paths: &TrustPaths) -> Vec<CertificateDer<'static>> {
        let (file, directories) = if paths == &TrustPaths::default() {
            let system = openssl_probe::probe();
            (system.cert_file, system.cert_dir)
        } else {
            (paths.file.clone(), paths.directories.clone())
        };
        let in_directories = directories.into_iter().filter_map(|directory| fs::read_dir(directory).ok());
        let entries = in_directories.flatten().filter_map(|entry| entry.ok().map(|entry| entry.path()));
        // A directory has two names or more for most of its files, and often holds the one file of all, too.
        let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
        for path in file.into_iter().chain(entries) {
            let Ok(metadata) = fs::metadata(&path) else { continue };
            if metadata.is_dir() || !seen.insert((metadata.dev(), metadata.ino())) {
                continue;
            }
            if let Ok(text) = fs::read(&path) {
                found.extend(of_text(&text));
            }
        }
        found.sort_unstable_by(|one, other| one.as_ref().cmp(other));
        found.dedup();
        found
    }

    /// The certificates of a PEM text, without what cannot be decoded.
    fn of_text(text: &[u8]) -> Vec<CertificateDer<'static>> {
        of_plain_text(text)
            .unwrap_or_else(|| CertificateDer::pem_slice_iter(text).filter_map(Result::ok).collect())
    }

    /// The same for a text whose sections are certificates, each between two whole lines and with nothing but base64
    /// in between; `None` for any other.
    fn of_plain_text(text: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
        let mut found = Vec::new();
        let mut rest = text;
        while let Some(start) = memmem::find(rest, b"-----BEGIN ") {
            let (before, section) = rest.split_at(start);
            if !(before.is_empty() || before.ends_with(b"\n")) {
                return None;
            }
            let section = section.strip_prefix(b"-----BEGIN CERTIFICATE-----\n")?;
            let (body, after) = section.split_at(memmem::find(section, b"-----END ")?);
            rest = after.strip_prefix(b"-----END CERTIFICATE-----\n")?;
            found.push(decoded(body.strip_suffix(b"\n")?)?);
        }
        Some(found)
    }

    /// The bytes of lines of base64 with its padding.
    fn decoded(lines: &[u8]) -> Option<CertificateDer<'static>> {
        let mut text = Vec::with_capacity(lines.len());
        let mut rest = lines;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, behind) = rest.split_at(end);
            text.extend_from_slice(line);
            rest = behind.get(1..)?;
        }
        text.extend_from_slice(rest);
        let padding = memchr::memchr(b'=', &text).map_or(0, |at| text.len().saturating_sub(at));
        if padding > 2 {
            return None;
        }
        BASE64.decode(&text).ok().map(CertificateDer::from)
    }

    #[cfg(test)]
    mod tests {
        use std::os::unix::fs::symlink;
        use std::path::Path;

        use proptest::prelude::*;

        use super::*;

        const ONE: &str = "-----BEGIN CERTIFICATE-----\nb25l\n-----END CERTIFICATE-----\n";
        const TWO: &str = "-----BEGIN CERTIFICATE-----\ndHdv\nIQ==\n-----END CERTIFICATE-----\n";

        fn texts(found: impl IntoIterator<Item = CertificateDer<'static>>) -> Vec<String> {
            found.into_iter().map(|der| String::from_utf8(der.to_vec()).unwrap()).collect()
        }

        #[test]
        fn certificates_with_anything_around_them_are_found_and_nothing_else() {
            let both = format!("# one\n{ONE}\n# two\n{TWO}");
            assert_eq!(of_plain_text(both.as_bytes()).map(texts), Some(vec!["one".into(), "two!".into()]));
            for (other, expected) in [
                (both.replace('\n', "\r\n"), vec!["one", "two!"]),
                (format!("x {both}"), vec!["one", "two!"]),
                (both.replace("# one\n", "# "), vec!["two!"]),
                (both.replace("b25l", "b2=5"), vec!["two!"]),
                (both.replace("b25l", "b24"), vec!["on", "two!"]),
                (both.replace("CERTIFICATE", "TRUSTED CERTIFICATE"), vec![]),
                (String::new(), vec![]),
            ] {
                assert_eq!(texts(of_text(other.as_bytes())), expected, "{other}");
            }
        }

        proptest! {
            #[test]
            fn a_text_is_read_as_rustls_reads_it(parts in prop::collection::vec(part(), 0..12)) {
                let text = parts.concat();
                if let Some(found) = of_plain_text(text.as_bytes()) {
                    let theirs = CertificateDer::pem_slice_iter(text.as_bytes()).filter_map(Result::ok);
                    prop_assert_eq!(found, theirs.collect::<Vec<_>>(), "{}", text);
                }
            }
        }

        /// Parts of a PEM text, most of them right.
        fn part() -> impl Strategy<Value = &'static str> {
            prop::sample::select(vec![
                ONE,
                TWO,
                ONE,
                TWO,
                "-----BEGIN CERTIFICATE-----\n",
                "-----END CERTIFICATE-----\n",
                "b25l\n",
                "b25l",
                "IQ==\n",
                "IQ=",
                "b24=\n",
                "\n",
                "\r",
                " ",
                "-----BEGIN EC PRIVATE KEY-----\n",
                "-----END EC PRIVATE KEY-----\n",
                "-----BEGIN ",
                "-----END ",
                "# text\n",
                "b25\n",
                "-",
            ])
        }

        #[test]
        fn named_places_are_read_instead_of_those_of_the_system() {
            let home = tempfile::tempdir().unwrap();
            let at = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
            fs::write(at("one.pem"), ONE).unwrap();
            fs::create_dir_all(at("more/within")).unwrap();
            fs::write(at("more/two.pem"), TWO).unwrap();
            fs::write(at("more/again.pem"), ONE).unwrap();
            symlink(at("more/two.pem"), at("more/0a1b2c3d.0")).unwrap();
            symlink(at("gone.pem"), at("more/4e5f6a7b.0")).unwrap();
            let named = |file: Option<&str>, directories: &str| {
                let value = |name: &str| match name {
                    "SSL_CERT_FILE" => file.map(&at),
                    _ => Some(directories.to_owned()),
                };
                texts(certificates(&TrustPaths::of(&value)))
            };
            assert_eq!(named(Some("one.pem"), ""), ["one"]);
            assert_eq!(named(None, &at("more")), ["one", "two!"]);
            assert_eq!(named(Some("one.pem"), &format!(":{}:{}", at("none"), at("more"))), ["one", "two!"]);
            assert_eq!(named(Some("none.pem"), ""), [""; 0]);
            assert!(Path::new(&at("more/within")).is_dir());
        }

        #[test]
        fn the_certificates_of_the_system_are_those_that_the_http_client_finds() {
            let theirs = rustls_native_certs::load_native_certs().certs;
            assert_eq!(certificates(&TrustPaths::default()), theirs);
        }
    }
}
