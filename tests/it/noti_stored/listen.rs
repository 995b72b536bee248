//! `noti listen` with a defect in one of its workers.

use std::sync::Arc;

use super::*;

#[test]
fn a_worker_that_panics_ends_the_listener_so_that_it_is_started_again() {
    let mut scene = Scene::with_sandbox(NOBODY);
    let id = store(&scene, &paid("T1", "kim"), HandingOn::Pending);
    scene.random = Arc::new(|_| panic!("of chance"));
    let arguments = ["noti", "listen", "--listen", "127.0.0.1:0", "-o", "json", "--exec", "false"];
    let ended = scene.run(&arguments).expect_code(1);
    assert!(ended.stderr.contains("a worker of the receiver has ended by itself"), "{}", ended.stderr);
    assert_eq!(one(&scene, id).handing_on, HandingOn::Pending);
}
