//! SIGKILL in the middle of receiving: what got its 200 is in the ledger, and what was posted again is there once.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::Program;
use super::http::Listener;
use super::listening::{Client, Listening, notification, post, status, stored};

/// How often a receiver is killed.
const KILLS: u32 = 30;

/// Who posts at the same time.
const SENDERS: usize = 8;

/// A receiver is killed within this time at the latest.
const LATEST_KILL: u64 = 90_000;

/// Notifications that wait to be handed on.
const WAITING: usize = 600;

/// How many are handed on at the same time, at most.
const UNDER_WAY: u64 = 64;

/// Posts this until it gets its 200, as a sender does that tries again, and says how often it tried.
fn post_until_acknowledged(tid: &str, client: &mut Option<Client>, address: &Mutex<SocketAddr>) -> u64 {
    let request = post("/noti", notification(tid));
    for tries in 1.. {
        let address = *address.lock().unwrap();
        if client.is_none() {
            *client = Client::connect(address).ok();
        }
        let answer = client.as_mut().and_then(|client| client.say(&request).try_hear().ok());
        if answer.is_some_and(|(head, _)| status(&head) == 200) {
            return tries;
        }
        *client = None;
        // There may be no receiver for a moment.
        thread::sleep(Duration::from_millis(1));
    }
    unreachable!("somebody receives again some day")
}

/// A moment within that time, in which something else is killed each time.
fn moment(dice: &mut u64, latest: u64) -> Duration {
    *dice ^= *dice << 13;
    *dice ^= *dice >> 7;
    *dice ^= *dice << 17;
    Duration::from_micros(*dice % latest)
}

#[test]
#[expect(clippy::print_stdout, reason = "the harness shows it when the test fails: what there is to know")]
fn what_got_its_200_is_there_once_however_often_the_receiver_is_killed() {
    let seed = RandomState::new().hash_one("seed") | 1;
    println!("seed {seed}");
    let mut dice = seed;
    let program = Program::new();
    program.configure_profile("sandbox", "http://127.0.0.1:1");
    let mut listening = Listening::start(&program, &["-q"]);
    let address = Mutex::new(listening.address);
    let is_over = AtomicBool::new(false);
    let (mut acknowledged, mut again) = (Vec::new(), 0);
    thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let (address, is_over) = (&address, &is_over);
                scope.spawn(move || {
                    let (mut sent, mut again, mut client) = (Vec::new(), 0, None);
                    while !is_over.load(Ordering::SeqCst) {
                        let tid = format!("S{sender}N{}", sent.len());
                        again += post_until_acknowledged(&tid, &mut client, address) - 1;
                        sent.push(tid);
                    }
                    (sent, again)
                })
            })
            .collect();
        for _ in 0..KILLS {
            // The moment is what varies here; nothing is waited for.
            thread::sleep(moment(&mut dice, LATEST_KILL));
            listening.child.kill().unwrap();
            listening.child.wait().unwrap();
            listening = Listening::start(&program, &["-q"]);
            *address.lock().unwrap() = listening.address;
        }
        is_over.store(true, Ordering::SeqCst);
        for sender in senders {
            let (sent, tried_again) = sender.join().unwrap();
            acknowledged.extend(sent);
            again += tried_again;
        }
    });
    listening.stop();
    let known = stored(&program);
    let copies: u64 = known.iter().map(|(_, copies)| copies - 1).sum();
    println!("{} acknowledged, {again} tries in vain, {copies} of them were stored", acknowledged.len());
    let mut tids: Vec<String> = known.into_iter().map(|(tid, _)| tid).collect();
    tids.sort();
    acknowledged.sort();
    assert!(acknowledged == tids, "{} acknowledged, {} stored", acknowledged.len(), tids.len());
    assert!(acknowledged.len() > 100 && again > 0 && copies <= again);
}

#[test]
#[expect(clippy::print_stdout, reason = "the harness shows it when the test fails: what there is to know")]
fn what_is_to_be_handed_on_arrives_at_least_once_however_often_the_receiver_is_killed() {
    let seed = RandomState::new().hash_one("seed") | 1;
    println!("seed {seed}");
    let mut dice = seed;
    let target = Listener::start();
    let program = Program::new();
    program.configure_profile("sandbox", &target.url);
    // Nobody is there at first, so that all of them wait.
    let listening = Listening::start(&program, &["-q", "--forward", "http://127.0.0.1:1"]);
    for number in 0..WAITING {
        listening.deliver(&format!("T{number}"));
    }
    drop(listening);
    let (mut kills, mut arrived) = (0, BTreeMap::<String, u64>::new());
    let is_done = |program: &Program| {
        let list = program.run(&["noti", "list", "-o", "json"]).expect_code(0).json();
        list["summary"]["by_delivery"]["delivered"] == WAITING
    };
    while !is_done(&program) {
        let mut listening = Listening::start(&program, &["-q", "--forward", &target.url]);
        thread::sleep(moment(&mut dice, 40_000));
        listening.child.kill().unwrap();
        listening.child.wait().unwrap();
        kills += 1;
        assert!(kills < 1_000, "it never comes to an end");
    }
    while let Ok(body) = target.bodies.try_recv() {
        // Of a request that a kill cut off there is nothing.
        let Ok(body) = serde_json::from_str::<Value>(&body) else { continue };
        *arrived.entry(body["tid"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let total: u64 = arrived.values().sum();
    println!("{kills} kills, {total} arrivals of {WAITING}");
    assert_eq!(arrived.len(), WAITING);
    // What was under way at a kill comes again, nothing else.
    assert!(total <= u64::try_from(WAITING).unwrap() + kills * UNDER_WAY, "{total} arrivals, {kills} kills");
}
