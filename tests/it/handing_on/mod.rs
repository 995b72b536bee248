//! Stored notifications handed on in the background: at least once, in order, for as long as it takes.

mod attempts;
mod order;
mod trouble;

use std::fs;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use cookiepay::api::Timeouts;
use cookiepay::ledger::{Account, Arrival, Due, NotificationStore, Rank, Received, ReceivedFilter, Stored};
use cookiepay::payment::{HandingOn, Verdict};
use cookiepay::receiver::{Bell, Event, Exec, Forward, HandingOver, LAST_TRY, Targets, idempotency_key};
use cookiepay::world::Clock;

use crate::process::http::Listener;
use crate::process::until;
use crate::support::{Scene, with};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK";
const BROKEN: &str =
    "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 9\r\nConnection: close\r\n\r\nno\u{7} table";

/// A shop that receives notifications.
struct Shop {
    scene: Scene,
    bell: Bell,
    events: Receiver<Event>,
    sender: mpsc::Sender<Event>,
}

impl Shop {
    fn new() -> Self {
        let (sender, events) = mpsc::channel();
        Self { scene: Scene::new(), bell: Bell::default(), events, sender }
    }

    fn notifications(&self) -> NotificationStore {
        NotificationStore::open(&self.scene.data_directory()).unwrap()
    }

    /// The `Idempotency-Key` of one with this verdict, in the spelling of a header.
    fn key(&self, id: i64, verdict: &str) -> String {
        let key = idempotency_key(&self.one(id));
        let (random, _) = key.split_once('-').unwrap();
        format!("{random}-{verdict}")
    }

    /// Stores one of this `TID`, to be handed on, and rings.
    fn store(&self, tid: &str) -> i64 {
        let mut identity = [0; 16];
        let name = format!("{tid}-{}", self.all().len());
        identity[..name.len()].copy_from_slice(name.as_bytes());
        let arrival = Arrival {
            account: &account(),
            identity,
            kind: "approval",
            tid: Some(tid),
            url_key: None,
            rank: Rank::Other,
            is_needed: false,
            limit: u64::MAX,
            body: b"{}",
            at: self.scene.clock.now(),
            verify_at: Some(self.scene.clock.now()),
            handing_on: HandingOn::Pending,
        };
        let stored = self.notifications().group(|group| group.store(&arrival)).unwrap();
        self.bell.ring();
        let Stored::New(id) = stored else { panic!("{stored:?}") };
        id
    }

    fn judge(&self, id: i64, verdict: Verdict) {
        let identity = self.one(id).identity;
        let at = self.scene.clock.now();
        self.notifications().group(|group| group.judged(&identity, verdict, &[], at, None)).unwrap();
        self.bell.ring();
    }

    fn all(&self) -> Vec<Received> {
        self.notifications().notifications_after(&account(), &ReceivedFilter::default(), 0, 10_000).unwrap()
    }

    fn one(&self, id: i64) -> Received {
        self.all().into_iter().find(|received| received.id == id).unwrap()
    }

    /// Time passes, and whoever waits for it is told.
    fn pass(&self, time: Duration) {
        self.scene.clock.advance(time);
        self.bell.ring();
    }

    fn event(&self) -> Event {
        self.events.recv_timeout(Duration::from_secs(30)).unwrap()
    }

    /// The next event, which says that this one was not handed on and is tried again, and why.
    fn failure(&self) -> (i64, String) {
        match self.event() {
            Event::NotHandedOn { id, error, again: true } => (id, error),
            other => panic!("{other:?}"),
        }
    }

    /// Hands on to these while the story is told, then ends.
    fn while_handing_on(&self, targets: Targets, due: Due, story: impl FnOnce()) {
        let sender = self.sender.clone();
        let clock = &self.scene.clock;
        let bell = &self.bell;
        let handing_over = HandingOver {
            store: self.notifications(),
            account: account(),
            targets,
            compose: &|received| format!("{{\"id\":{}}}", received.id).into_bytes(),
            now: &|| clock.now(),
            elapsed: &|| clock.elapsed(),
            random: &|buffer| buffer.fill(0x7f),
            due,
            journal: Arc::new(move |event| sender.send(event).unwrap()),
        };
        thread::scope(|scope| {
            scope.spawn(move || handing_over.run(bell));
            let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(story));
            self.bell.end();
            told.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        });
    }
}

fn account() -> Account {
    Account { environment: "sandbox".to_owned(), api_id: "shop01".to_owned() }
}

fn forward_within(url: &str, total: Duration) -> Targets {
    let timeouts = Timeouts { connect: Duration::from_secs(3), total };
    Targets {
        forward: Some(Forward::new(url, timeouts, cookiepay::api::Proxy::default()).unwrap()),
        exec: None,
    }
}

fn forward(url: &str) -> Targets {
    forward_within(url, Duration::from_secs(20))
}

fn script(script: &str) -> Exec {
    Exec::new(&["sh", "-c", script].map(str::to_owned), &std::collections::BTreeMap::new()).unwrap()
}

/// Answers with each of these in turn, with the last for ever, and keeps the requests.
fn target(replies: &[&'static str]) -> (Listener, Arc<Mutex<Vec<String>>>) {
    let requests = Arc::new(Mutex::new(Vec::new()));
    let (kept, replies) = (Arc::clone(&requests), replies.to_vec());
    let listener = Listener::answering(move |request| {
        let mut kept = kept.lock().unwrap();
        kept.push(request.to_owned());
        replies[(kept.len() - 1).min(replies.len() - 1)].to_owned()
    });
    (listener, requests)
}

/// A target that hands on each request as it comes, and answers when it is told to.
struct Patient {
    listener: Listener,
    requests: Receiver<String>,
    answer: mpsc::Sender<&'static str>,
}

impl Patient {
    fn new() -> Self {
        let (sender, requests) = mpsc::channel();
        let (answer, answers) = mpsc::channel::<&'static str>();
        let answers = Mutex::new(answers);
        let listener = Listener::answering(move |request| {
            sender.send(request.to_owned()).unwrap();
            answers.lock().unwrap().recv().unwrap_or_default().to_owned()
        });
        Self { listener, requests, answer }
    }

    fn request(&self) -> String {
        self.requests.recv_timeout(Duration::from_secs(30)).unwrap()
    }
}

fn body(listener: &Listener) -> String {
    listener.bodies.recv_timeout(Duration::from_secs(30)).unwrap()
}

#[test]
fn a_signature_without_anybody_to_send_it_to_is_refused() {
    let mut scene = Scene::with_sandbox(crate::support::NOBODY);
    scene.environment.insert("SIGNING_KEY".to_owned(), "0123456789abcdef".to_owned());
    for command in [&["noti", "listen", "--listen", "127.0.0.1:0"][..], &["noti", "replay", "--all"]] {
        // A receiver that started would end here.
        scene.signals.noted.store(true, std::sync::atomic::Ordering::SeqCst);
        let sign = ["--sign", "env:SIGNING_KEY", "-o", "json"];
        let error = scene.run(&with(command, &sign)).expect_code(2).error();
        assert!(error["message"].as_str().unwrap().contains("`--sign`"), "{error}");
        assert!(error["hint"].as_str().unwrap().contains("--forward"), "{error}");
    }
}
