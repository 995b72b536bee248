//! Notifications on their way to the merchant, from the server and from another process.

use super::*;

fn notifying(merchant: &Merchant) -> Local {
    let url = merchant.url.clone();
    Local::start_with(|options| options.notify_url = Some(url))
}

#[test]
fn the_pay_page_notifies_the_merchant() {
    let merchant = Merchant::open();
    let local = notifying(&merchant);
    let key = local.bill();
    let path = format!("/p/{}/pay", &key[..10]);
    assert_eq!(local.form(&path, "method=card").status(), 303);
    let body = merchant.next();
    assert_eq!(names(&body), names(&fixture("noti-card")));
    assert_eq!(body["SMS_INPUT"], key);
    // Stopping waits for the notification, so that its entry is there afterwards.
    let Local { emulator, journal, .. } = local;
    drop(emulator);
    let journal = journal.lock().unwrap().join("\n");
    assert!(journal.contains(&format!("notified {}: 200", merchant.url)), "{journal}");
}

#[test]
fn another_process_notifies_where_the_running_server_wants_it() {
    let merchant = Merchant::open();
    let local = notifying(&merchant);
    let key = local.bill();
    let mut state = local.state();
    let paid = state.pay(&key, Method::Card).unwrap().notification.unwrap();
    let delivery = state.deliver(&paid).unwrap();
    assert!(matches!(delivery, Delivery::Answered { status: 200, .. }));
    assert_eq!(merchant.next()["SMS_INPUT"], key);
    let cancelled = state.cancel(&key, None).unwrap().notification.unwrap();
    state.deliver(&cancelled).unwrap();
    assert_eq!(merchant.next()["noti_type"], "cancel");
    assert!(local.get("/").body().contains("응답 200"));
}

#[test]
fn a_stopped_server_is_notified_of_nothing() {
    let merchant = Merchant::open();
    let mut local = notifying(&merchant);
    let key = local.bill();
    assert_eq!(local.state().notify_url().unwrap(), Some(merchant.url.clone()));
    local.emulator.take().unwrap().stop();
    let mut state = local.state();
    assert_eq!(state.notify_url().unwrap(), None);
    let paid = state.pay(&key, Method::Card).unwrap().notification.unwrap();
    let delivery = state.deliver(&paid).unwrap();
    assert!(matches!(delivery, Delivery::NobodyListens));
}

#[test]
fn a_receiver_that_is_gone_is_a_failed_delivery_and_the_payment_stands() {
    let nobody = Nobody::listens();
    let url = nobody.url.clone();
    let local = Local::start_with(|options| options.notify_url = Some(url));
    let key = local.bill();
    let mut state = local.state();
    let paid = state.pay(&key, Method::Card).unwrap().notification.unwrap();
    let delivery = state.deliver(&paid).unwrap();
    assert!(matches!(delivery, Delivery::Failed { .. }));
    assert_eq!(local.urlcert(&key)["RESULTCODE"], "0000");
}

#[test]
fn an_answer_that_is_no_http_is_a_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]).unwrap();
        stream.write_all(b"hello\n").unwrap();
    });
    assert!(matches!(notify(&url, "{}"), Err(EmulatorError::Notify { .. })));
    server.join().unwrap();
}

#[test]
fn an_https_receiver_is_refused_at_start() {
    let local = Local::start();
    let mut options = local.options();
    options.notify_url = Some("https://shop.example/noti".to_owned());
    let error = Emulator::start(options).unwrap_err();
    assert!(error.to_string().contains("plain http only"), "{error}");
}
