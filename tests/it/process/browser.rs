//! The pay page in a real browser: headless Chromium, driven by chromedriver over its `WebDriver`
//! interface, which is plain JSON over HTTP.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Program, http, notifications};

/// The name under which `WebDriver` hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The first of these programs that is installed.
fn installed(names: &[&str]) -> Option<PathBuf> {
    let folders =
        ["/usr/bin", "/usr/local/bin", "/usr/lib/chromium", "/usr/lib/chromium-browser", "/snap/bin"];
    names
        .iter()
        .flat_map(|name| folders.map(|folder| Path::new(folder).join(name)))
        .find(|path| path.is_file())
}

/// A browser with one window, closed when dropped.
struct Browser {
    driver: Child,
    url: String,
    session: String,
    /// Home and profile of the browser, gone with it.
    folder: TempDir,
}

/// A driver that listens, and its port; `None` if it has ended.
fn start_driver(program: &Path, home: &Path) -> Option<(Child, String)> {
    let mut driver = Command::new(program)
        .arg("--port=0")
        .env("HOME", home)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let port = lines.map_while(Result::ok).find_map(|line| {
        let port = line.split_once("started successfully on port ")?.1;
        Some(port.trim_end_matches('.').to_owned())
    });
    if port.is_none() {
        driver.wait().unwrap();
    }
    Some((driver, port?))
}

impl Browser {
    /// Starts one; `None`, with the reason said, where none is installed. In CI there has to be one.
    fn start() -> Option<Self> {
        let driver = installed(&["chromedriver"]);
        let chromium = installed(&["chromium", "chromium-browser", "google-chrome"]);
        let (Some(driver), Some(chromium)) = (driver, chromium) else {
            #[expect(clippy::disallowed_methods, reason = "whether this is CI is said by the environment")]
            let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
            assert!(!in_ci, "chromium or chromedriver is not installed");
            super::skip("chromium or chromedriver is not installed, so no browser looks at the pay page");
            return None;
        };
        let folder = TempDir::new().unwrap();
        // It takes a port of IPv4 first and the same of IPv6 then, which another program may have.
        let started = (0..5).find_map(|_| start_driver(&driver, folder.path()));
        let (driver, port) = started.unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let mut browser = Self { driver, url, session: String::new(), folder };
        let user_data = format!("--user-data-dir={}", browser.folder.path().join("profile").display());
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            &user_data,
        ];
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "binary": chromium, "args": arguments },
        } } });
        let session = browser.post("/session", &capabilities);
        let name = session["sessionId"].as_str();
        name.unwrap_or_else(|| panic!("{session}")).clone_into(&mut browser.session);
        Some(browser)
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.exchange("POST", path, Some(&body.to_string()))
    }

    fn exchange(&self, method: &str, path: &str, body: Option<&str>) -> Value {
        let (_, reply) = http::exchange(method, &self.url, path, body);
        let reply: Value = serde_json::from_str(&reply).unwrap_or_else(|_| panic!("{reply}"));
        reply["value"].clone()
    }

    /// Sends a command of the session.
    fn command(&self, path: &str, body: &Value) -> Value {
        self.post(&format!("/session/{}{path}", self.session), body)
    }

    fn open(&self, url: &str) {
        assert_eq!(self.command("/url", &json!({ "url": url })), Value::Null);
    }

    /// The element of that CSS selector, if the page has it.
    fn find(&self, selector: &str) -> Option<String> {
        let found = self.command("/element", &json!({ "using": "css selector", "value": selector }));
        found[ELEMENT].as_str().map(str::to_owned)
    }

    fn click(&self, selector: &str) {
        let element = self.find(selector).unwrap_or_else(|| panic!("no {selector}"));
        assert_eq!(self.command(&format!("/element/{element}/click"), &json!({})), Value::Null);
    }

    fn ask(&self, script: &str) -> Value {
        self.command("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// What `#status` says of the bill.
    fn state(&self) -> String {
        self.ask("return document.querySelector('#status').dataset.state")
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Returns once a click has led to a page that says so.
    fn wait_for(&self, state: &str) {
        super::until(|| self.state() == state);
    }

    /// The text that a customer sees.
    fn text(&self) -> String {
        self.ask("return document.body.innerText").as_str().unwrap().to_owned()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            let _closed = self.exchange("DELETE", &format!("/session/{}", self.session), None);
        }
        let _ended_already = self.driver.kill();
        let _gone = self.driver.wait();
    }
}

#[test]
fn customers_pay_in_the_browser_and_only_once() {
    let Some(browser) = Browser::start() else { return };
    let merchant = http::Listener::start();
    let program = Program::new();
    let emulator = program.serve(&["--notify-url", &merchant.url]);
    program.configure_profile("sandbox", &emulator.url);
    by_card(&browser, &program, &merchant);
    by_virtual_account(&browser, &program);
}

fn by_card(browser: &Browser, program: &Program, merchant: &http::Listener) {
    let sent = program.send("B1").expect_code(0).json();
    let pay_url = sent["pay_url"].as_str().unwrap();
    browser.open(pay_url);
    assert_eq!(browser.state(), "unpaid");
    for shown in ["아메리카노", "4,500", "홍길동", "에뮬레이터"] {
        assert!(browser.text().contains(shown), "{shown}: {}", browser.text());
    }
    // The same page is open in another window while the customer pays in this one.
    let window = browser.exchange("GET", &format!("/session/{}/window", browser.session), None);
    let other = browser.command("/window/new", &json!({ "type": "tab" }));
    browser.command("/window", &json!({ "handle": other["handle"] }));
    browser.open(pay_url);
    browser.command("/window", &json!({ "handle": window }));
    browser.click("label:has(#method-card)");
    browser.click("#pay");
    browser.wait_for("paid");
    let status = program.run(&["status", "--bill-no", "B1", "-o", "json"]).expect_code(0).json();
    assert_eq!(status["state"], "paid");
    assert!(merchant.bodies.recv_timeout(super::PATIENCE).unwrap().contains("4500"));

    browser.command("/window", &json!({ "handle": other["handle"] }));
    assert_eq!(browser.state(), "unpaid");
    browser.click("#pay");
    browser.wait_for("paid");
    assert!(browser.find("#notice").is_some() && browser.find("#pay").is_none(), "{}", browser.text());
    browser.open(pay_url);
    assert!(browser.find("#notice").is_none() && browser.find("#pay").is_none(), "{}", browser.text());
    let again = program.run(&["status", "--bill-no", "B1", "-o", "json"]).expect_code(0).json();
    assert_eq!(again["tid"], status["tid"]);
    assert!(merchant.bodies.try_recv().is_err(), "a second payment was notified");
}

fn by_virtual_account(browser: &Browser, program: &Program) {
    let sent = program.send("B2").expect_code(0).json();
    browser.open(sent["pay_url"].as_str().unwrap());
    browser.click("label:has(#method-vacct)");
    browser.click("#pay");
    browser.wait_for("awaiting_deposit");
    program.run(&["status", "--bill-no", "B2"]).expect_code(8);
    browser.click("#deposit");
    browser.wait_for("paid");
    program.run(&["status", "--bill-no", "B2"]).expect_code(0);
}

#[test]
fn a_payment_in_the_browser_is_confirmed_on_every_side() {
    let Some(browser) = Browser::start() else { return };
    let target = http::Listener::start();
    let (program, _listening, emulator) =
        notifications::shop(&["--verify", "--forward", &target.url], &["forged"]);
    let key = notifications::link(&program, "B1");
    let status = |code| {
        let ended = program.run(&["--profile", "local", "status", &key, "-o", "json"]);
        ended.expect_code(code).json()
    };
    assert_eq!(status(8)["state"], "unpaid");
    // The link of a bill of the profile `local` names the port that `serve` has by default.
    let bill = &notifications::local(&program, &["list"])["items"][0];
    let (_, page) = bill["pay_url"].as_str().unwrap().split_once("/p/").unwrap();
    browser.open(&format!("{}/p/{page}", emulator.url));
    browser.click("label:has(#method-card)");
    browser.click("#pay");
    browser.wait_for("paid");
    let paid = status(0);
    let forwarded = [0, 1].map(|_| -> Value {
        serde_json::from_str(&target.bodies.recv_timeout(super::PATIENCE).unwrap()).unwrap()
    });
    let listed =
        notifications::expect(&program, &[("approval", "mismatch", 1), ("approval", "confirmed", 1)]);
    for (forwarded, listed) in forwarded.iter().zip(&listed) {
        for name in ["id", "verdict", "reasons", "amount", "tid", "order_no"] {
            assert_eq!(forwarded[name], listed[name], "{name}");
        }
    }
    for name in ["amount", "tid", "order_no", "url_key", "accepted_at"] {
        assert_eq!((&forwarded[1][name], forwarded[1][name].is_null()), (&paid[name], false), "{name}");
    }
}
