//! Ends, crashes, targets that are down and a ledger that cannot be written.

use super::*;

#[test]
fn the_end_waits_for_what_is_under_way_and_begins_nothing_more() {
    let shop = Shop::new();
    let patient = Patient::new();
    let first = shop.store("T1");
    let second = shop.store("T1");
    shop.while_handing_on(forward(&patient.listener.url), Due::HandOn, || {
        patient.request();
        shop.bell.end();
        patient.answer.send(OK).unwrap();
    });
    assert_eq!(shop.one(first).handing_on, HandingOn::Delivered);
    assert_eq!((shop.one(second).handing_on, shop.one(second).hand_on_tries), (HandingOn::Pending, 0));
    assert!(patient.requests.try_recv().is_err());
}

#[test]
fn a_target_that_never_answers_does_not_hang_the_end() {
    let shop = Shop::new();
    let patient = Patient::new();
    let id = shop.store("T1");
    let started = Instant::now();
    let targets = forward_within(&patient.listener.url, Duration::from_millis(500));
    shop.while_handing_on(targets, Due::HandOn, || drop(patient.request()));
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    let one = shop.one(id);
    assert_eq!((one.handing_on, one.hand_on_tries), (HandingOn::Pending, 1));
    assert!(one.hand_on_error.unwrap().ends_with("no answer in time"));
}

#[test]
fn what_was_not_recorded_before_a_crash_is_handed_on_again_under_the_same_key() {
    let shop = Shop::new();
    let (listener, requests) = target(&[OK]);
    let id = shop.store("T1");
    let targets = forward(&listener.url);
    // All that a process did that died before it could record.
    assert_eq!(targets.hand_on(&idempotency_key(&shop.one(id)), b"{}", &[]).error, None);
    shop.while_handing_on(targets, Due::HandOn, || assert_eq!(shop.event(), Event::HandedOn { id }));
    let key = shop.key(id, "received");
    let requests = requests.lock().unwrap();
    assert!(requests.len() == 2 && requests.iter().all(|request| request.contains(&key)));
}

#[test]
fn a_target_that_is_down_costs_few_attempts_and_gets_everything_when_it_is_back() {
    const MANY: usize = 300;
    let shop = Shop::new();
    let is_up = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (up, requests) = (Arc::clone(&is_up), Arc::new(Mutex::new(0)));
    let counted = Arc::clone(&requests);
    let listener = Listener::answering(move |_| {
        *counted.lock().unwrap() += 1;
        if up.load(std::sync::atomic::Ordering::SeqCst) { OK.to_owned() } else { String::new() }
    });
    let mut store = shop.notifications();
    store
        .group(|group| {
            for number in 0..MANY {
                let mut identity = [0; 16];
                identity[..8].copy_from_slice(&number.to_le_bytes());
                let tid = format!("T{number}");
                group.store(&Arrival {
                    account: &account(),
                    identity,
                    kind: "approval",
                    tid: Some(&tid),
                    url_key: None,
                    rank: Rank::Other,
                    is_needed: false,
                    limit: u64::MAX,
                    body: b"{}",
                    at: shop.scene.clock.now(),
                    verify_at: Some(shop.scene.clock.now()),
                    handing_on: HandingOn::Pending,
                })?;
            }
            Ok(())
        })
        .unwrap();
    let mut troubles = 0;
    shop.while_handing_on(forward(&listener.url), Due::HandOn, || {
        // Two hours of it: the first that are tried, then one from time to time.
        for round in 0..70 {
            if round > 8 {
                shop.pass(Duration::from_mins(2));
            }
            match shop.event() {
                Event::NotHandedOn { again: true, .. } => {}
                Event::Trouble(_) => troubles += 1,
                other => panic!("{other:?}"),
            }
        }
        let tried = *requests.lock().unwrap();
        assert!(tried < 100, "{tried} attempts");
        is_up.store(true, std::sync::atomic::Ordering::SeqCst);
        let mut delivered = std::collections::BTreeSet::new();
        while delivered.len() < MANY {
            shop.pass(Duration::from_hours(1));
            match shop.event() {
                Event::HandedOn { id } => drop(delivered.insert(id)),
                Event::Trouble(_) => troubles += 1,
                Event::NotHandedOn { again: true, .. } => {}
                other => panic!("{other:?}"),
            }
        }
    });
    assert_eq!(troubles, 1);
    until(|| shop.all().iter().all(|received| received.handing_on == HandingOn::Delivered));
}

#[test]
fn what_a_target_refuses_holds_up_nothing_that_it_takes() {
    const REFUSED: usize = 20;
    const UNPROCESSABLE: &str =
        "HTTP/1.1 422 Unprocessable Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let shop = Shop::new();
    let takes = format!("{{\"id\":{}}}", REFUSED + 1);
    let listener =
        Listener::answering(
            move |request| {
                if request.contains(&takes) { OK.to_owned() } else { UNPROCESSABLE.to_owned() }
            },
        );
    let refused: Vec<i64> = (0..REFUSED).map(|number| shop.store(&format!("F{number}"))).collect();
    shop.while_handing_on(forward(&listener.url), Due::HandOn, || {
        for _ in &refused {
            assert!(shop.failure().1.ends_with("HTTP 422"));
        }
        let real = shop.store("T1");
        assert_eq!(shop.event(), Event::HandedOn { id: real });
    });
    assert!(refused.iter().all(|id| shop.one(*id).hand_on_tries == 1));
}

#[test]
fn a_program_that_refuses_is_there_while_nobody_answers_a_post() {
    let shop = Shop::new();
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let targets = Targets { exec: Some(script("exit 1")), ..forward(&format!("http://{gone}/")) };
    for number in 0..20 {
        shop.store(&format!("F{number}"));
    }
    shop.while_handing_on(targets, Due::HandOn, || {
        for _ in 0..20 {
            assert!(shop.failure().1.contains("exit status: 1"));
        }
    });
}

#[test]
fn a_confirmed_one_is_the_first_to_try_a_target_that_is_down() {
    const DOWN: &str = "HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let shop = Shop::new();
    let (listener, requests) = target(&[DOWN, DOWN, DOWN, DOWN, DOWN, DOWN, DOWN, DOWN, DOWN, OK]);
    for number in 0..8 {
        shop.store(&format!("F{number}"));
    }
    shop.while_handing_on(forward(&listener.url), Due::HandOn, || {
        let events: Vec<Event> = (0..9).map(|_| shop.event()).collect();
        assert!(events.iter().any(|event| matches!(event, Event::Trouble(_))), "{events:?}");
        let earlier = shop.store("F9");
        let confirmed = shop.store("T1");
        shop.judge(confirmed, Verdict::Confirmed);
        // Longer than the pause and than what the first eight wait for their second try.
        shop.pass(Duration::from_mins(2));
        assert_eq!(shop.failure().0, confirmed);
        assert_eq!(shop.one(earlier).hand_on_tries, 0);
        shop.pass(Duration::from_secs(4));
        assert_eq!(shop.event(), Event::HandedOn { id: confirmed });
    });
    assert!(requests.lock().unwrap().len() >= 10);
}

#[test]
fn setting_the_clock_back_does_not_prolong_an_outage() {
    const DOWN: &str = "HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let shop = Shop::new();
    let (listener, _) = target(&[DOWN, DOWN, DOWN, DOWN, DOWN, DOWN, DOWN, DOWN, OK]);
    for number in 0..8 {
        shop.store(&format!("F{number}"));
    }
    shop.while_handing_on(forward(&listener.url), Due::HandOn, || {
        let events: Vec<Event> = (0..9).map(|_| shop.event()).collect();
        assert!(events.iter().any(|event| matches!(event, Event::Trouble(_))), "{events:?}");
        shop.scene.clock.set(crate::support::NOON - 3_600);
        let fresh = shop.store("T1");
        shop.pass(Duration::from_mins(2));
        assert_eq!(shop.event(), Event::HandedOn { id: fresh });
    });
}

/// Hands on with something that panics, until that ends it. Returns whether that was noticed.
fn while_broken(
    shop: &Shop,
    url: &str,
    compose: &(dyn Fn(&Received) -> Vec<u8> + Sync),
    random: &(dyn Fn(&mut [u8]) + Sync),
) -> bool {
    let (clock, bell) = (&shop.scene.clock, &shop.bell);
    let handing_over = HandingOver {
        store: shop.notifications(),
        account: account(),
        targets: forward(url),
        compose,
        now: &|| clock.now(),
        elapsed: &|| clock.elapsed(),
        random,
        due: Due::HandOn,
        journal: Arc::new(|_| ()),
    };
    thread::scope(|scope| {
        let _panicked = scope.spawn(move || handing_over.run(bell)).join();
    });
    bell.has_failed()
}

#[test]
fn a_lane_that_panics_ends_the_worker_which_records_what_the_others_did() {
    let shop = Shop::new();
    let (listener, _) = target(&[OK]);
    let (broken, fine) = (shop.store("T1"), shop.store("T2"));
    let (told, tell) = (Mutex::new(false), std::sync::Condvar::new());
    let compose = |received: &Received| {
        let under_way = told.lock().unwrap();
        if received.id == broken {
            // Not before the other has begun.
            drop(tell.wait_while(under_way, |told| !*told).unwrap());
            panic!("of this one");
        }
        let mut under_way = under_way;
        *under_way = true;
        tell.notify_all();
        b"{}".to_vec()
    };
    assert!(while_broken(&shop, &listener.url, &compose, &|buffer| buffer.fill(0x7f)));
    assert_eq!(shop.one(broken).handing_on, HandingOn::Pending);
    assert_eq!(shop.one(fine).handing_on, HandingOn::Delivered);
}

#[test]
fn a_worker_that_panics_ends_its_lanes_too() {
    let shop = Shop::new();
    let (listener, _) = target(&[OK]);
    let id = shop.store("T1");
    assert!(while_broken(&shop, &listener.url, &|_| b"{}".to_vec(), &|_| panic!("of chance")));
    assert_eq!(shop.one(id).handing_on, HandingOn::Pending);
}

#[test]
fn a_ledger_that_cannot_be_written_is_said_once_and_nothing_is_lost_or_handed_on_twice() {
    let shop = Shop::new();
    let patient = Patient::new();
    let first = shop.store("T1");
    let second = shop.store("T1");
    let rename = |from: &str, to: &str| {
        let sql = format!("ALTER TABLE notifications RENAME COLUMN {from} TO {to}");
        shop.scene.notifications().execute_batch(&sql).unwrap();
    };
    shop.while_handing_on(forward(&patient.listener.url), Due::HandOn, || {
        patient.request();
        rename("hand_on_error", "away");
        patient.answer.send(OK).unwrap();
        let Event::Trouble(trouble) = shop.event() else { panic!("nothing is said") };
        assert!(trouble.contains("ledger"), "{trouble}");
        for _ in 0..20 {
            shop.bell.ring();
            thread::yield_now();
        }
        rename("away", "hand_on_error");
        shop.bell.ring();
        assert_eq!(shop.event(), Event::HandedOn { id: first });
        assert!(patient.request().contains(&shop.key(second, "received")));
        patient.answer.send(OK).unwrap();
        assert_eq!(shop.event(), Event::HandedOn { id: second });
    });
    assert!(patient.requests.try_recv().is_err());
}
