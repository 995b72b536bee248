//! Which comes when: those of one payment, those that wait for a verdict, those that are asked for again.

use super::*;

#[test]
fn those_of_one_payment_come_in_their_order_and_others_do_not_wait() {
    let shop = Shop::new();
    let (listener, _) = target(&[BROKEN, OK]);
    let paid = shop.store("T1");
    shop.while_handing_on(forward(&listener.url), Due::HandOn, || {
        assert_eq!(shop.failure().0, paid);
        let cancelled = shop.store("T1");
        let other = shop.store("T2");
        assert_eq!(shop.event(), Event::HandedOn { id: other });
        shop.pass(Duration::from_secs(2));
        assert_eq!(shop.event(), Event::HandedOn { id: paid });
        assert_eq!(shop.event(), Event::HandedOn { id: cancelled });
    });
    let bodies: Vec<String> = listener.bodies.try_iter().collect();
    assert_eq!(bodies, [r#"{"id":1}"#, r#"{"id":3}"#, r#"{"id":1}"#, r#"{"id":2}"#]);
}

#[test]
fn a_verdict_that_comes_while_one_is_under_way_has_it_handed_on_again() {
    let shop = Shop::new();
    let patient = Patient::new();
    let id = shop.store("T1");
    shop.while_handing_on(forward(&patient.listener.url), Due::HandOn, || {
        assert!(patient.request().contains(&shop.key(id, "received")));
        shop.judge(id, Verdict::Confirmed);
        patient.answer.send(OK).unwrap();
        assert!(patient.request().contains(&shop.key(id, "confirmed")));
        patient.answer.send(OK).unwrap();
        assert_eq!(shop.event(), Event::HandedOn { id });
        assert_eq!(shop.event(), Event::HandedOn { id });
    });
    assert_eq!(shop.one(id).handing_on, HandingOn::Delivered);
}

#[test]
fn where_it_is_to_be_verified_it_waits_for_its_verdict() {
    let shop = Shop::new();
    let (listener, requests) = target(&[OK]);
    let unchecked = shop.store("T1");
    let checked = shop.store("T2");
    shop.judge(checked, Verdict::Mismatch);
    shop.while_handing_on(forward(&listener.url), Due::HandOnVerified, || {
        assert_eq!(shop.event(), Event::HandedOn { id: checked });
        assert_eq!(shop.one(unchecked).handing_on, HandingOn::Pending);
        shop.judge(unchecked, Verdict::Confirmed);
        assert_eq!(shop.event(), Event::HandedOn { id: unchecked });
        // Later it turns out otherwise.
        shop.judge(checked, Verdict::Confirmed);
        assert_eq!(shop.event(), Event::HandedOn { id: checked });
    });
    let keys = [(checked, "mismatch"), (unchecked, "confirmed"), (checked, "confirmed")]
        .map(|(id, verdict)| shop.key(id, verdict));
    let requests = requests.lock().unwrap();
    assert!(requests.iter().zip(keys).all(|(request, key)| request.contains(&key)), "{requests:?}");
}

#[test]
fn what_another_process_queues_is_taken_up_without_a_ring() {
    let shop = Shop::new();
    let (listener, _) = target(&[OK]);
    let id = shop.store("T1");
    shop.while_handing_on(forward(&listener.url), Due::HandOn, || {
        assert_eq!(shop.event(), Event::HandedOn { id });
        let at = shop.scene.clock.now();
        shop.notifications().group(|group| group.hand_on_again(id, at)).unwrap();
        assert_eq!(shop.event(), Event::HandedOn { id });
    });
}
