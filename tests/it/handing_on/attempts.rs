//! One attempt and the next: what is posted, what counts as taken, when it is tried again and given up.

use super::*;

#[test]
fn a_stored_notification_is_posted_once_and_that_is_remembered() {
    let shop = Shop::new();
    let (listener, requests) = target(&[OK]);
    let id = shop.store("T1");
    shop.while_handing_on(forward(&format!("{}/paid?token=canary", listener.url)), Due::HandOn, || {
        assert_eq!(shop.event(), Event::HandedOn { id });
        // One that comes while the worker waits.
        let next = shop.store("T2");
        assert_eq!(shop.event(), Event::HandedOn { id: next });
    });
    let one = shop.one(id);
    assert_eq!((one.handing_on, one.hand_on_tries), (HandingOn::Delivered, 0));
    assert_eq!(one.handed_on_at, Some(shop.scene.clock.now()));
    let key = format!("idempotency-key: {}\r\n", shop.key(id, "received"));
    let requests = requests.lock().unwrap();
    assert_eq!(requests.len(), 2);
    let head = requests[0].to_ascii_lowercase();
    for line in [
        "post /paid?token=canary http/1.1\r\n",
        "content-type: application/json; charset=utf-8\r\n",
        key.as_str(),
        concat!("user-agent: cookiepay/", env!("CARGO_PKG_VERSION"), "\r\n"),
    ] {
        assert!(head.contains(line), "{line}: {head}");
    }
    assert_eq!(body(&listener), r#"{"id":1}"#);
}

#[test]
fn a_target_that_fails_is_tried_again_when_it_is_time_and_not_before() {
    let shop = Shop::new();
    // It hangs up without a word, then it is broken, then it is well.
    let (listener, requests) = target(&["", BROKEN, OK]);
    let id = shop.store("T1");
    shop.while_handing_on(forward(&listener.url), Due::HandOn, || {
        let (failed, error) = shop.failure();
        assert!(failed == id && error.starts_with(&format!("`{}/`: ", listener.url)), "{error}");
        for _ in 0..50 {
            shop.bell.ring();
            thread::yield_now();
        }
        assert_eq!(requests.lock().unwrap().len(), 1);
        shop.pass(Duration::from_secs(2));
        assert_eq!(shop.failure(), (id, format!("`{}/`: HTTP 500: no table", listener.url)));
        let one = shop.one(id);
        assert_eq!((one.handing_on, one.hand_on_tries), (HandingOn::Pending, 2));
        assert!(one.hand_on_error.is_some_and(|error| error.contains("HTTP 500")));
        shop.pass(Duration::from_secs(1));
        shop.pass(Duration::from_secs(2));
        assert_eq!(shop.event(), Event::HandedOn { id });
    });
    assert_eq!((shop.one(id).handing_on, shop.one(id).hand_on_error), (HandingOn::Delivered, None));
    // Every attempt says that it is the same.
    let key = shop.key(id, "received");
    assert!(requests.lock().unwrap().iter().all(|request| request.contains(&key)));
}

#[test]
fn no_redirect_is_followed_and_no_query_is_shown() {
    let shop = Shop::new();
    let (elsewhere, followed) = target(&[OK]);
    let location = format!("Location: {}/canary\r\n", elsewhere.url);
    let redirect = format!(
        "HTTP/1.1 307 Temporary Redirect\r\n{location}Content-Length: 0\r\nConnection: close\r\n\r\n"
    );
    let listener = Listener::answering(move |_| redirect.clone());
    shop.store("T1");
    shop.while_handing_on(forward(&format!("{}/in?token=canary", listener.url)), Due::HandOn, || {
        let (_, error) = shop.failure();
        assert_eq!(error, format!("`{}/in`: a redirect (HTTP 307), which is not followed", listener.url));
    });
    assert!(followed.lock().unwrap().is_empty());

    let echo =
        "HTTP/1.1 404 Not Found\r\nContent-Length: 26\r\nConnection: close\r\n\r\nno such /in?token=canary 1";
    for (url, expected) in [
        (Listener::answering(move |_| echo.to_owned()).url, "`: HTTP 404"),
        (Listener::answering(|_| String::new()).url, "`: "),
        ("http://127.0.0.1:1".to_owned(), "`: Connection refused (os error 111)"),
    ] {
        let attempt = forward(&format!("{url}/in?token=canary")).hand_on("1", b"{}", &[]);
        let error = attempt.error.unwrap();
        assert!(error.contains(expected) && !error.contains("canary"), "{error}");
    }
}

#[test]
fn after_the_last_try_it_is_given_up_and_said() {
    let shop = Shop::new();
    let (listener, requests) = target(&[BROKEN]);
    let id = shop.store("T1");
    let next = shop.store("T1");
    shop.scene
        .notifications()
        .execute("UPDATE notifications SET hand_on_tries = ?1", [LAST_TRY - 2])
        .unwrap();
    shop.while_handing_on(forward(&listener.url), Due::HandOn, || {
        assert_eq!(shop.failure().0, id);
        shop.pass(Duration::from_hours(2));
        let Event::NotHandedOn { id: dead, again: false, .. } = shop.event() else {
            panic!("it is not given up")
        };
        assert_eq!(dead, id);
        // What it held back goes on.
        assert_eq!(shop.failure().0, next);
    });
    let one = shop.one(id);
    assert_eq!((one.handing_on, one.hand_on_tries, one.hand_on_at), (HandingOn::Dead, LAST_TRY, None));
    assert_eq!(requests.lock().unwrap().len(), 3);
}

#[test]
fn a_target_that_has_it_does_not_get_it_again_because_of_another() {
    let shop = Shop::new();
    let (listener, requests) = target(&[OK]);
    let ready = shop.scene.home().join("ready");
    let taken = shop.scene.home().join("taken");
    let (ready_path, taken_path) = (ready.display(), taken.display());
    let exec = script(&format!("test -e {ready_path} && cat >> {taken_path}"));
    let targets = Targets { exec: Some(exec), ..forward(&listener.url) };
    let id = shop.store("T1");
    shop.while_handing_on(targets, Due::HandOn, || {
        assert_eq!(shop.failure(), (id, "`sh` failed (exit status: 1)".to_owned()));
        assert_eq!(shop.one(id).handed_to.len(), 1);
        fs::write(&ready, "").unwrap();
        shop.pass(Duration::from_secs(2));
        assert_eq!(shop.event(), Event::HandedOn { id });
    });
    assert_eq!(requests.lock().unwrap().len(), 1);
    assert_eq!(fs::read_to_string(taken).unwrap(), "{\"id\":1}\n");
}

#[test]
fn another_address_is_another_target_and_gets_its_due() {
    let shop = Shop::new();
    let (old, old_requests) = target(&[OK]);
    let (new, new_requests) = target(&[OK]);
    let id = shop.store("T1");
    let never = || Some(script("exit 1"));
    shop.while_handing_on(Targets { exec: never(), ..forward(&old.url) }, Due::HandOn, || {
        assert_eq!(shop.failure().0, id);
        // Started anew with another address: the old one had it, the new one had not.
    });
    let again = Shop { bell: Bell::default(), ..shop };
    again.scene.clock.advance(Duration::from_secs(2));
    again.while_handing_on(Targets { exec: never(), ..forward(&new.url) }, Due::HandOn, || {
        assert_eq!(again.failure().0, id);
        // And back again: the old one has it.
    });
    let back = Shop { bell: Bell::default(), ..again };
    back.scene.clock.advance(Duration::from_secs(4));
    let exec = Some(script("cat > /dev/null"));
    back.while_handing_on(Targets { exec, ..forward(&old.url) }, Due::HandOn, || {
        assert_eq!(back.event(), Event::HandedOn { id });
    });
    assert_eq!((old_requests.lock().unwrap().len(), new_requests.lock().unwrap().len()), (1, 1));
}
