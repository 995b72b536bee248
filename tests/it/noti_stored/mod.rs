//! `noti list` and `noti replay`: what was received, and handed on again.

mod list;
mod listen;
mod replay;

use std::fs;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cookiepay::ledger::{
    Account, Arrival, HandedOn, Ledger, NotificationStore, Rank, Received, ReceivedFilter, Stored,
};
use cookiepay::noti::Facts;
use cookiepay::payment::{HandingOn, Verdict};
use cookiepay::world::Clock;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::process::http::Listener;
use crate::support::{NOBODY, Scene, with};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK";

fn account() -> Account {
    Account { environment: "sandbox".to_owned(), api_id: "sandbox_shop01".to_owned() }
}

fn notifications(scene: &Scene) -> NotificationStore {
    NotificationStore::open(&scene.data_directory()).unwrap()
}

/// The body of a payment by this buyer.
fn paid(tid: &str, buyer: &str) -> String {
    format!(
        r#"{{"API_ID":"sandbox_shop01","ORDERNO":"O-{tid}","AMOUNT":"4500","TID":"{tid}","BUYERNAME":"{buyer}",
            "SMS_INPUT":"K-{tid}","ACCEPT_DATE":"20261122112000","PRODUCTNAME":"아메리카노","GENDATE":"now"}}"#
    )
}

/// Stores it as a receiver does.
fn store(scene: &Scene, body: &str, handing_on: HandingOn) -> i64 {
    let notification = cookiepay::noti::parse(body.as_bytes(), "listen").ok();
    let facts = notification.as_ref().map(Facts::of);
    let identity = notification.as_ref().map_or([7; 16], |it| it.identity("sandbox", "sandbox_shop01"));
    let arrival = Arrival {
        account: &account(),
        identity,
        kind: facts.as_ref().map_or("approval", |facts| facts.kind.as_str()),
        tid: facts.as_ref().and_then(|facts| facts.tid.as_deref()),
        url_key: facts.as_ref().and_then(|facts| facts.url_key.as_deref()),
        rank: Rank::Other,
        is_needed: false,
        limit: u64::MAX,
        body: body.as_bytes(),
        at: scene.clock.now(),
        verify_at: Some(scene.clock.now()),
        handing_on,
    };
    match notifications(scene).group(|group| group.store(&arrival)).unwrap() {
        Stored::New(id) | Stored::Copy(id) => id,
        Stored::Full => panic!("there is no room"),
    }
}

fn one(scene: &Scene, id: i64) -> Received {
    let filter = ReceivedFilter { id: Some(id), ..ReceivedFilter::default() };
    notifications(scene).notifications_after(&account(), &filter, 0, 1).unwrap().remove(0)
}

fn judge(scene: &Scene, id: i64, verdict: Verdict, reasons: &[&str]) {
    let reasons: Vec<String> = reasons.iter().map(|&reason| reason.to_owned()).collect();
    let Received { identity, body, .. } = one(scene, id);
    // CookiePay says all that the notification says.
    let said = cookiepay::noti::parse(&body, "listen").ok().map(|it| serde_json::to_string(&it).unwrap());
    let at = scene.clock.now();
    let written = notifications(scene).group(|group| match verdict {
        Verdict::Confirmed => group.confirmed(&identity, &reasons, said.as_deref(), None, at),
        _ => group.judged(&identity, verdict, &reasons, at, None),
    });
    written.unwrap();
}

fn hand_on(scene: &Scene, id: i64, result: &HandedOn<'_>) {
    let received = one(scene, id);
    notifications(scene).group(|group| group.handed_on(&received, result, scene.clock.now())).unwrap();
}

/// Four of an hour apart: 1 confirmed and delivered, 2 mismatched and tried in vain, 3 dead, 4 unchecked and for
/// nobody.
fn shop() -> Scene {
    let scene = Scene::with_sandbox(NOBODY);
    for (tid, buyer, handing_on) in [
        ("cTS26112209394695923", "홍길동", HandingOn::Pending),
        ("cTS26112209394695924", "01012345678", HandingOn::Pending),
        ("cTS26112209394695925", "kim@example.com", HandingOn::Pending),
        ("cTS26112209394695926", "김영희", HandingOn::None),
    ] {
        store(&scene, &paid(tid, buyer), handing_on);
        scene.clock.advance(Duration::from_hours(1));
    }
    judge(&scene, 1, Verdict::Confirmed, &[]);
    judge(&scene, 2, Verdict::Mismatch, &["AMOUNT is 9000 at CookiePay", "ORDERNO is O-9 at CookiePay"]);
    judge(&scene, 3, Verdict::Unconfirmed, &["it is not paid"]);
    hand_on(&scene, 1, &HandedOn::Delivered);
    let next = scene.clock.now().saturating_add(jiff::SignedDuration::from_mins(8)).unwrap();
    let error = "`https://shop.example.com/paid`: HTTP 503: down for maintenance";
    hand_on(&scene, 2, &HandedOn::Again { handed_to: &[], next, error });
    hand_on(
        &scene,
        3,
        &HandedOn::Dead { handed_to: &[], error: "`https://shop.example.com/paid`: HTTP 410" },
    );
    scene
}

fn ids(scene: &mut Scene, command: &[&str]) -> Vec<i64> {
    let lines = scene.run(&with(command, &["-o", "jsonl"])).expect_code(0).json_lines();
    lines.iter().map(|line| line["id"].as_i64().unwrap()).collect()
}

/// Stores a payment that is to be handed on.
pub fn store_paid(scene: &Scene, tid: &str) -> i64 {
    store(scene, &paid(tid, "홍길동"), HandingOn::Pending)
}
