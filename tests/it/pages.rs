//! Many open bills are asked after a page at a time: what is held does not grow with their number. A server stands for
//! CookiePay, since it is at its questions that a test sees how far the program has read.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use crate::fake::{Fake, field, kept};
use crate::support::Scene;

/// More than a page of open bills.
const BILLS: usize = 700;

/// Those from here on are behind the first page.
const FAR: usize = 600;

/// What the server says of every other bill, which thereby is open no more.
const PAID: &str =
    r#"{"RESULTCODE":"0000","RESULTMSG":"성공","AMOUNT":"1000","PAYMETHOD":"CARD","ACCEPTNO":"12345678"}"#;

/// A sandbox whose ledger has so many open bills, `key-0000` and so on, and a server that is asked after them. Before
/// each answer there is this event, with a connection to the ledger of its own.
fn scene(event: impl Fn(&rusqlite::Connection, &str) + Send + Sync + 'static) -> (Scene, Fake) {
    let mut scene = Scene::with_sandbox(crate::support::NOBODY);
    scene.run(&["status", "--pending"]).expect_code(0);
    let connection = scene.ledger();
    connection
        .execute(
            "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?1)
             INSERT INTO bills (environment, api_id, bill_no, channel, product, amount, buyer, phone, outcome, run,
                 url_key, state, requested_at, created_at, updated_at, operator)
             SELECT 'sandbox', 'sandbox_shop01', printf('B%04d', n), 'sms', 'coffee', 1000, 'kim', '01012345678', 'sent', '',
                 printf('key-%04d', n), 'unpaid', n / 3, n / 3, 0, 'kim@counter'
             FROM numbers",
            [BILLS],
        )
        .unwrap();
    let connection = Mutex::new(connection);
    let fake = Fake::keeping_connections(move |_, requests| {
        let request = &requests[requests.len() - 1];
        if request.starts_with("POST /payAuth/token") {
            return kept("200 OK", r#"{"RTN_CD":"0000","TOKEN":"opaque"}"#);
        }
        let key = field(request, "URLKEY");
        event(&connection.lock().unwrap(), &key);
        let is_even = key.ends_with(['0', '2', '4', '6', '8']);
        kept("200 OK", if is_even { PAID } else { r#"{"RESULTCODE":"EA01","RESULTMSG":"미결제"}"# })
    });
    scene.configure_sandbox(&fake.url(), "");
    (scene, fake)
}

/// The keys that were asked after.
type Asked = Arc<Mutex<Vec<String>>>;

/// The same, where those far behind are paid as soon as the first question comes.
fn scene_that_is_paid_meanwhile() -> (Scene, Fake, Asked) {
    let asked = Asked::default();
    let noted = Arc::clone(&asked);
    let (scene, fake) = scene(move |ledger, key| {
        let mut noted = noted.lock().unwrap();
        if noted.is_empty() {
            let paid = "UPDATE bills SET state = 'paid' WHERE bill_no >= ?1";
            ledger.execute(paid, [format!("B{FAR:04}")]).unwrap();
        }
        noted.push(key.to_owned());
    });
    (scene, fake, asked)
}

#[test]
fn bills_that_are_settled_while_others_are_asked_after_are_not_asked_after() {
    for command in [["status", "--pending", "-o", "jsonl"], ["reconcile", "-o", "json", "-q"]] {
        let (mut scene, _fake, asked) = scene_that_is_paid_meanwhile();
        let ended = scene.run(&command).expect_code(if command[0] == "status" { 8 } else { 0 });
        let mut asked = asked.lock().unwrap().clone();
        asked.sort();
        // Each of the others once, although every other one left the list while it was read.
        let expected: Vec<String> = (0..FAR).map(|number| format!("key-{number:04}")).collect();
        assert!(asked == expected, "{command:?}: {}", asked.len());
        if command[0] == "status" {
            assert!(crate::batch::column(&ended, "url_key") == expected);
        } else {
            assert_eq!(ended.json()["summary"]["answers"], FAR);
        }
    }
}

/// Output that a server looks at while it is written.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<u8>>>);

impl Write for Seen {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seen {
    fn answers(&self) -> usize {
        String::from_utf8_lossy(&self.0.lock().unwrap()).matches("key-").count()
    }
}

#[test]
fn answers_are_shown_while_others_are_asked_after() {
    for format in ["jsonl", "json"] {
        let output = Seen::default();
        let most = Arc::new(Mutex::new(0));
        let (seen, noted) = (output.clone(), Arc::clone(&most));
        let (mut scene, _fake) = scene(move |_, _| {
            let mut most = noted.lock().unwrap();
            *most = seen.answers().max(*most);
        });
        let code = scene.run_on(
            &["status", "--pending", "-o", format],
            Box::new(output.clone()),
            Box::new(io::sink()),
        );
        assert_eq!((code, output.answers()), (8, BILLS), "{format}");
        let shown = *most.lock().unwrap();
        assert!((512..BILLS).contains(&shown), "{format}: {shown} before the last question");
    }
}

#[test]
fn a_list_that_cannot_be_finished_is_closed_where_it_ended() {
    let asked = Mutex::new(0);
    let (mut scene, _fake) = scene(move |ledger, _| {
        let mut asked = asked.lock().unwrap();
        *asked += 1;
        // What a second page needs is gone.
        if *asked == 1 {
            ledger.execute("DROP INDEX bills_open", []).unwrap();
        }
    });
    let ended = scene.run(&["status", "--pending", "-o", "json"]).expect_code(15);
    let document = ended.json();
    let items = document["items"].as_array().unwrap().len();
    assert!(items > 0 && document["summary"]["count"] == items, "{items}");
}

#[test]
fn waiting_for_many_links_asks_only_after_those_that_are_open() {
    let (mut scene, fake) = scene(|_, _| {});
    let command = ["status", "--pending", "--wait", "--deadline", "5s", "-o", "jsonl"];
    let ended = scene.run(&command).expect_code(12);
    assert_eq!(ended.json_lines().len(), BILLS);
    assert_eq!(fake.requests(), 1 + BILLS + BILLS / 2);
    assert!(ended.stderr.contains(&format!("{} of {BILLS} links open", BILLS / 2)), "{}", ended.stderr);
}
