//! Each fault of notifications, on both roads: from a pay page of the server, and from another
//! process that acts on the state.

use super::*;

/// Who pays, and so who posts.
#[derive(Debug, Clone, Copy)]
enum Payer {
    /// A customer on the pay page: the server posts.
    Page,
    /// `emulator pay`, which posts itself.
    Process,
}

const PAYERS: [Payer; 2] = [Payer::Page, Payer::Process];

impl Payer {
    /// Makes a bill and pays it; a process has delivered when this returns.
    fn pays(self, local: &Local, bill_no: &str) -> String {
        let key = local.bill_of(bill_no);
        match self {
            Self::Page => {
                let reply = local.form(&format!("/p/{}/pay", &key[..10]), "method=card");
                assert_eq!(reply.status(), 303);
            }
            Self::Process => drop(pay(local, &key).unwrap()),
        }
        key
    }
}

/// Cancels as another process does, and returns every step.
fn cancel(local: &Local, key: &str, amount: Option<i64>) -> (Delivery, Vec<Deed>) {
    let mut state = local.state();
    let cancelled = state.cancel(key, amount).unwrap();
    let mut steps = Vec::new();
    let delivery =
        state.deliver_telling(&cancelled.notification.unwrap(), |step| steps.push(step.deed)).unwrap();
    (delivery, steps)
}

fn posted(posting: Posting) -> Deed {
    Deed::Posted { posting, outcome: Ok(200) }
}

#[test]
fn a_duplicate_is_posted_twice_and_so_often_as_asked() {
    for payer in PAYERS {
        let merchant = Merchant::open();
        let mut local = misbehaving(&merchant.url, &["duplicate@noti*1"]);
        let key = payer.pays(&local, "B1");
        let first = merchant.next();
        assert_eq!(first["SMS_INPUT"], key);
        assert_eq!(merchant.next(), first, "{payer:?}");
        let key = payer.pays(&local, "B2");
        assert_eq!(merchant.next()["SMS_INPUT"], key);
        assert!(local.get("/").body().contains("고장: 두 번 보냄"));
        let journal = local.stop();
        assert!(merchant.rest().is_empty());
        let told = "fault duplicate: approval a second time";
        assert_eq!(journal.matches(told).count(), usize::from(matches!(payer, Payer::Page)), "{journal}");
    }
}

#[test]
fn a_cancel_is_duplicated_too() {
    let merchant = Merchant::open();
    let local = misbehaving(&merchant.url, &["duplicate"]);
    let key = Payer::Process.pays(&local, "B1");
    assert_eq!(merchant.rest().len(), 2);
    let (delivery, steps) = cancel(&local, &key, None);
    assert!(matches!(delivery, Delivery::Answered { status: 200, .. }));
    assert_eq!(steps, [posted(Posting::Real), posted(Posting::Repetition)]);
    let cancels = merchant.rest();
    assert_eq!(cancels.len(), 2);
    assert_eq!((&cancels[0]["noti_type"], &cancels[0]), (&json!("cancel"), &cancels[1]));
}

#[test]
fn a_pay_page_does_not_wait_for_a_late_notification_and_a_stop_ends_the_wait() {
    for fault in ["delay=600s@noti*1", "delayed=600s*1"] {
        let merchant = Merchant::open();
        let mut local = misbehaving(&merchant.url, &[fault]);
        let late = Payer::Page.pays(&local, "B1");
        assert_eq!(local.urlcert(&late)["RESULTCODE"], "0000");
        local.wait_for("fault delay: approval to http://");
        let prompt = Payer::Page.pays(&local, "B2");
        assert_eq!(merchant.next()["SMS_INPUT"], prompt, "the first is overtaken");
        assert!(local.get("/").body().contains("고장: 600000ms 늦게 보냄"));
        let journal = local.stop();
        assert!(journal.contains("comes 600000ms late"), "{journal}");
        assert_eq!(merchant.next()["SMS_INPUT"], late);
    }
}

#[test]
fn another_process_waits_and_keeps_nobody_from_the_state_meanwhile() {
    let merchant = Merchant::open();
    let local = misbehaving(&merchant.url, &["delay=20ms@noti*1", "duplicate*1"]);
    let (late, prompt) = (local.bill_of("B1"), local.bill_of("B2"));
    let mut state = local.state();
    let paid = state.pay(&late, Method::Card).unwrap().notification.unwrap();
    let mut steps = Vec::new();
    let begun = std::time::Instant::now();
    let delivery = state.deliver_telling(&paid, |step| {
        if matches!(step.deed, Deed::Delayed(_)) {
            assert!(merchant.rest().is_empty());
            pay(&local, &prompt).unwrap();
        }
        steps.push(step.deed);
    });
    assert!(begun.elapsed() >= Duration::from_millis(20));
    assert!(matches!(delivery, Ok(Delivery::Answered { status: 200, .. })));
    let delayed = Deed::Delayed(Duration::from_millis(20));
    assert_eq!(steps, [delayed, posted(Posting::Real), posted(Posting::Repetition)]);
    let keys: Vec<_> = merchant.rest().iter().map(|body| body["SMS_INPUT"].clone()).collect();
    assert_eq!(keys, [prompt.as_str(), late.as_str(), late.as_str()]);
    assert!(local.get("/").body().contains("고장: 두 번 보냄, 20ms 늦게 보냄"));
}

#[test]
fn a_cancel_overtakes_its_approval() {
    for payer in PAYERS {
        let merchant = Merchant::open();
        let local = misbehaving(&merchant.url, &["reordered*1"]);
        let key = payer.pays(&local, "B1");
        if matches!(payer, Payer::Page) {
            local.wait_for("fault reordered: approval to http://");
        }
        assert!(merchant.rest().is_empty());
        assert!(local.get("/").body().contains("보내기 전 <span class=\"quiet\">고장: 다음 통지를 기다림"));
        let (delivery, steps) = cancel(&local, &key, None);
        assert!(matches!(delivery, Delivery::Answered { status: 200, .. }));
        assert_eq!(steps, [posted(Posting::Real), posted(Posting::Overtaken)]);
        let bodies = merchant.rest();
        assert_eq!(bodies.len(), 2, "{payer:?}");
        assert_eq!((&bodies[0]["noti_type"], &bodies[1]["SMS_INPUT"]), (&json!("cancel"), &json!(key)));
        assert!(local.get("/").body().contains("응답 200 <span class=\"quiet\">고장: 다음 통지 뒤로 미룸"));
    }
}

#[test]
fn reordering_for_ever_swaps_pairs() {
    let merchant = Merchant::open();
    let local = misbehaving(&merchant.url, &["reordered"]);
    let keys: Vec<_> = ["B1", "B2", "B3", "B4"].map(|bill_no| Payer::Process.pays(&local, bill_no)).into();
    let arrived: Vec<_> = merchant.rest().iter().map(|body| body["SMS_INPUT"].clone()).collect();
    assert_eq!(arrived, [keys[1].as_str(), &keys[0], &keys[3], &keys[2]]);
}

#[test]
fn a_server_takes_along_what_another_process_kept_back() {
    let merchant = Merchant::open();
    let mut local = misbehaving(&merchant.url, &["reordered*1"]);
    let kept_back = local.bill_of("B1");
    assert!(matches!(pay(&local, &kept_back), Ok(Delivery::KeptBack)));
    let next = Payer::Page.pays(&local, "B2");
    assert_eq!(merchant.next()["SMS_INPUT"], next);
    assert_eq!(merchant.next()["SMS_INPUT"], kept_back);
    let journal = local.stop();
    assert!(journal.contains(": 200 fault reordered: approval that was kept back"), "{journal}");
    assert!(merchant.rest().is_empty());
}

#[test]
fn a_server_that_stops_posts_what_is_kept_back() {
    for payer in PAYERS {
        let merchant = Merchant::open();
        let mut local = misbehaving(&merchant.url, &["reordered"]);
        let key = payer.pays(&local, "B1");
        let journal = local.stop();
        assert!(journal.contains(": 200 fault reordered: approval that was kept back"), "{journal}");
        assert_eq!(merchant.next()["SMS_INPUT"], key);
        // It is posted once, and the faults have ended with the server.
        let url = merchant.url.clone();
        let mut options = local.options();
        options.notify_url = Some(url);
        let next = Emulator::start(options).unwrap();
        local.emulator = Some(next);
        let key = Payer::Process.pays(&local, "B2");
        local.stop();
        let rest = merchant.rest();
        assert_eq!(rest.len(), 1, "{payer:?}");
        assert_eq!(rest[0]["SMS_INPUT"], key);
    }
}

#[test]
fn a_forgery_comes_first_and_asks_for_ten_times_the_amount() {
    for payer in PAYERS {
        let merchant = Merchant::open();
        let mut local = misbehaving(&merchant.url, &["forged"]);
        let key = payer.pays(&local, "B1");
        let mut forgery = merchant.next();
        let real = merchant.next();
        assert_eq!((&forgery["AMOUNT"], &real["AMOUNT"]), (&json!("45000"), &json!("4500")), "{payer:?}");
        forgery["AMOUNT"] = real["AMOUNT"].clone();
        assert_eq!(forgery, real);
        for (amount, forged, cancelled) in [(Some(1500), "15000", "1500"), (None, "30000", "3000")] {
            let (_, steps) = cancel(&local, &key, amount);
            assert_eq!(steps, [posted(Posting::Forgery), posted(Posting::Real)]);
            let bodies = merchant.rest();
            let amounts: Vec<_> = bodies.iter().map(|body| &body["cancel_amount"]).collect();
            assert_eq!(amounts, [forged, cancelled]);
        }
        assert!(local.get("/").body().contains("고장: 위조된 통지를 먼저 보냄"));
        let journal = local.stop();
        let told = ": 200 fault forged: approval over ten times the amount";
        assert_eq!(journal.contains(told), matches!(payer, Payer::Page), "{journal}");
    }
}

#[test]
fn one_that_is_never_sent_does_not_arrive() {
    for payer in PAYERS {
        let merchant = Merchant::open();
        let mut local = misbehaving(&merchant.url, &["never-sent*1"]);
        let key = payer.pays(&local, "B1");
        if matches!(payer, Payer::Page) {
            local.wait_for("fault never-sent: approval to http://");
        }
        assert!(local.get("/").body().contains("보내지 않음 <span class=\"quiet\">고장: 일부러 보내지 않음"));
        assert_eq!(cancel(&local, &key, None).1, [posted(Posting::Real)]);
        assert_eq!(local.urlcert(&key)["CANCELDATE"], "20261122093947");
        local.stop();
        let rest = merchant.rest();
        assert_eq!(rest.len(), 1, "{payer:?}");
        assert_eq!(rest[0]["noti_type"], "cancel");
    }
}

#[test]
fn what_is_not_posted_leaves_the_one_before_it_kept_back() {
    let merchant = Merchant::open();
    let local = misbehaving(&merchant.url, &["reordered*1", "never-sent*1"]);
    let key = local.bill();
    assert!(matches!(pay(&local, &key), Ok(Delivery::KeptBack)));
    assert!(matches!(cancel(&local, &key, Some(1500)).0, Delivery::NeverSent));
    assert!(merchant.rest().is_empty());
    assert_eq!(cancel(&local, &key, None).1, [posted(Posting::Real), posted(Posting::Overtaken)]);
    let bodies = merchant.rest();
    assert_eq!((&bodies[0]["cancel_amount"], &bodies[1]["SMS_INPUT"]), (&json!("3000"), &json!(key)));
}

#[test]
fn a_receiver_that_fails_is_told_of_the_notification_itself() {
    let nobody = Nobody::listens();
    let local = misbehaving(&nobody.url, &["reordered*1", "duplicate*1"]);
    let key = local.bill();
    assert!(matches!(pay(&local, &key), Ok(Delivery::KeptBack)));
    let (delivery, steps) = cancel(&local, &key, None);
    assert!(matches!(delivery, Delivery::Failed { .. }));
    let attempts: Vec<_> = steps
        .iter()
        .map(|deed| match deed {
            Deed::Posted { posting, outcome: Err(_) } => *posting,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(attempts, [Posting::Real, Posting::Repetition, Posting::Overtaken]);
    assert_eq!(local.get("/").body().matches("전달 실패").count(), 2);
}
