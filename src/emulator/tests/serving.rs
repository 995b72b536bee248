//! The server as such: where it listens, how it starts, shares its state and stops.

use super::*;

#[test]
fn only_loopback_addresses_are_listened_on() {
    let local = Local::start();
    for (listen, part) in [("0.0.0.0:0", "loopback"), ("[::]:0", "loopback"), ("7400", "not an address")] {
        let mut options = local.options();
        options.listen = listen.to_owned();
        let error = Emulator::start(options).unwrap_err().to_string();
        assert!(error.contains(part), "{listen}: {error}");
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let local = Local::start();
    let mut options = local.options();
    options.listen = local.address().to_string();
    let error = Emulator::start(options).unwrap_err().to_string();
    assert!(error.contains(&local.address().to_string()), "{error}");
}

#[test]
fn links_lead_to_the_server_that_shows_them() {
    let local = Local::start();
    let link = |local: &Local| local.send(&fixture("request-sms"))["PAYURL"].as_str().unwrap().to_owned();
    assert!(link(&local).starts_with("http://127.0.0.1:7400/p/"));

    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = local.options();
    options.listen = free.local_addr().unwrap().to_string();
    options.pay_base = PayBase::OwnAddress;
    drop(free);
    let serve = Emulator::start(options).unwrap();
    assert_eq!(local.state().served_at().unwrap(), Some(serve.url()));

    let inside = Emulator::start(local.options()).unwrap();
    let beside = Local {
        emulator: Some(inside),
        directory: tempfile::tempdir().unwrap(),
        clock: Arc::clone(&local.clock),
        journal: Arc::default(),
    };
    assert!(link(&beside).starts_with(&format!("{}/p/", serve.url())));
    serve.stop();
    assert_eq!(local.state().served_at().unwrap(), None);
}

#[test]
fn a_base_that_makes_links_too_long_is_refused() {
    let local = Local::start();
    let mut options = local.options();
    options.pay_base = PayBase::Given(format!("https://{}", "a".repeat(30)));
    assert!(matches!(Emulator::start(options), Err(EmulatorError::PayBase { .. })));
}

#[test]
fn two_servers_share_one_state() {
    let local = Local::start();
    let second = Emulator::start(local.options()).unwrap();
    let key = local.bill();
    let reply = exchange(second.address(), "GET", &format!("/p/{key}"), &[], "");
    assert_eq!(reply.status(), 200);
    assert_eq!(second.counts().unwrap(), local.counts());
}

#[test]
fn one_connection_serves_many_requests() {
    let local = Local::start();
    let mut stream = TcpStream::connect(local.address()).unwrap();
    for _ in 0..3 {
        let request = request("GET", "/_emulator/counts", &[], "", "keep-alive");
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        let mut piece = [0; 1024];
        while !bytes.ends_with(b"\"bills\":0}") {
            let count = stream.read(&mut piece).unwrap();
            assert!(count > 0);
            bytes.extend_from_slice(&piece[..count]);
        }
    }
}

#[test]
fn stopping_finishes_the_request_in_flight() {
    let mut local = Local::with_faults(&["delay=300ms"]);
    let body = fixture("request-sms").to_string();
    let headers = [("ApiKey", "key-1"), ("Content-Type", "application/json")];
    let mut stream = TcpStream::connect(local.address()).unwrap();
    let request = request("POST", "/urlpay/request", &headers, &body, "keep-alive");
    stream.write_all(request.as_bytes()).unwrap();
    while local.counts().bills == 0 {
        std::thread::yield_now();
    }
    local.emulator.take().unwrap().stop();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    assert!(String::from_utf8(bytes).unwrap().contains("\"0000\""));
}

#[test]
fn an_idle_connection_does_not_keep_it_from_stopping() {
    let mut local = Local::start();
    let mut stream = TcpStream::connect(local.address()).unwrap();
    let request = request("GET", "/_emulator/counts", &[], "", "keep-alive");
    stream.write_all(request.as_bytes()).unwrap();
    assert!(stream.read(&mut [0; 16]).unwrap() > 0);
    let begun = std::time::Instant::now();
    local.emulator.take().unwrap().stop();
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[test]
fn other_paths_methods_and_long_bodies_are_refused() {
    let local = Local::start();
    assert_eq!(local.get("/nothing").status(), 404);
    assert_eq!(local.get("/urlpay/request").status(), 405);
    assert_eq!(local.form("/_emulator/counts", "").status(), 405);
    let long = "x".repeat(64 * 1024 + 1);
    assert_eq!(local.post("/urlpay/request", &[], &long).status(), 413);
    assert_eq!(local.counts().requests.send, 0);
}

/// `certificate.pem` and `key.pem` beside this file were made for this test: they name `localhost`,
/// are trusted by nobody, and guard nothing.
#[test]
fn https_is_served_with_the_given_certificate() {
    let directory = tempfile::tempdir().unwrap();
    let files = TlsFiles {
        certificate: directory.path().join("certificate.pem"),
        key: directory.path().join("key.pem"),
    };
    std::fs::write(&files.certificate, include_str!("certificate.pem")).unwrap();
    std::fs::write(&files.key, include_str!("key.pem")).unwrap();
    let local = Local::start_with(|options| {
        options.tls = Some(files);
        options.faults = vec!["drop-after*1".parse().unwrap()];
    });
    assert!(local.emulator().url().starts_with("https://127.0.0.1:"));

    let mut roots = rustls::RootCertStore::empty();
    let pem = include_bytes!("certificate.pem");
    let certificate = rustls::pki_types::pem::PemObject::from_pem_slice(pem).unwrap();
    roots.add(certificate).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let config = Arc::new(config);
    let ask = || {
        let name = "localhost".try_into().unwrap();
        let session = rustls::ClientConnection::new(Arc::clone(&config), name).unwrap();
        let socket = TcpStream::connect(local.address()).unwrap();
        let mut stream = rustls::StreamOwned::new(session, socket);
        let body = fixture("request-sms").to_string();
        let headers = [("ApiKey", "key-1"), ("Content-Type", "application/json")];
        let request = request("POST", "/urlpay/request", &headers, &body, "close");
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    assert_eq!(ask(), "");
    assert!(ask().contains("\"RESULTCODE\":\"0000\""));
}

#[test]
fn an_unusable_certificate_is_named() {
    let local = Local::start();
    let mut options = local.options();
    options.tls = Some(TlsFiles {
        certificate: local.directory.path().join("missing.pem"),
        key: local.directory.path().join("missing.pem"),
    });
    let error = Emulator::start(options).unwrap_err().to_string();
    assert!(error.contains("missing.pem"), "{error}");
}
