//! The proxy that the environment names: used, or an error, and never passed over in silence.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use crate::support::{COFFEE, Scene, with};

/// A sandbox at an address that only a proxy could reach.
fn scene(variable: &str, value: &str) -> Scene {
    let mut scene = Scene::with_sandbox("https://cookiepay.invalid");
    scene.environment.insert(variable.to_owned(), value.to_owned());
    scene
}

#[test]
fn a_proxy_that_cannot_be_used_is_an_error_that_names_its_variable() {
    for (variable, value) in [
        ("HTTPS_PROXY", "socks5://kim:canary@127.0.0.1:1"),
        ("https_proxy", "ftp://canary.example"),
        ("ALL_PROXY", "http://canary:port"),
    ] {
        let mut scene = scene(variable, value);
        for command in [&["token"][..], &COFFEE] {
            let ended = scene.run(&with(command, &["-o", "json"])).expect_code(3);
            let error = ended.error();
            assert!(error["message"].as_str().unwrap().contains(&format!("`{variable}`")), "{error}");
            assert!(error["hint"].as_str().unwrap().contains(&format!("unset {variable}")), "{error}");
            assert!(!ended.stderr.contains("canary"), "{ended:?}");
        }
        assert_eq!(
            scene.run(&["list", "-o", "json"]).expect_code(0).json()["items"].as_array().map(Vec::len),
            Some(0)
        );
    }
}

#[test]
fn a_proxy_that_can_be_used_is_and_what_it_refuses_was_never_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let proxy = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut first = String::new();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        reader.read_line(&mut first).unwrap();
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line).unwrap();
        }
        stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n").unwrap();
        first
    });
    let mut scene = scene("HTTPS_PROXY", &format!("http://{address}"));
    let sent = scene.run(&with(&COFFEE, &["-o", "json"])).expect_code(6).json();
    assert_eq!(sent["outcome"], "not_sent");
    assert_eq!(proxy.join().unwrap(), "CONNECT cookiepay.invalid:443 HTTP/1.1\r\n");
}
