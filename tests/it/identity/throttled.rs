//! Guessing is slowed down, and nobody can be locked out for good.

use super::{PASSWORD, Person, node_behind_a_proxy, sign_in};
use crate::support::{Answer, World};
use jiff::SignedDuration;

const WRONG: &str = "wrong-horse-battery";

fn retry_after(answer: &Answer) -> i64 {
    answer.headers["retry-after"].to_str().unwrap().parse().unwrap()
}

/// Fails once; whoever is made to wait, waits.
async fn fails(world: &World, node: std::net::SocketAddr, login: &str, from: &str) {
    let answer = sign_in(node, login, WRONG, Some(from)).await;
    if answer.status == 429 {
        world.app.clock.advance(SignedDuration::from_secs(retry_after(&answer)));
        sign_in(node, login, WRONG, Some(from)).await.with_status(401);
    } else {
        answer.with_status(401);
    }
}

#[tokio::test]
async fn each_failure_beyond_the_fifth_makes_the_next_attempt_wait_twice_as_long() {
    let world = World::new().await;
    let node = node_behind_a_proxy(&world).await;
    let chen = Person::trader(&world, "chen.trader").await;
    let mut waits = Vec::new();
    for _ in 0..20 {
        let answer = sign_in(node, &chen.login, WRONG, Some("198.51.100.4")).await;
        if answer.status == 429 {
            answer.is_refused_with("AUT_TOO_MANY_FAILURES");
            waits.push(retry_after(&answer));
            let right = sign_in(node, &chen.login, PASSWORD, Some("198.51.100.4")).await;
            right.with_status(429);
            world.app.clock.advance(SignedDuration::from_secs(retry_after(&answer)));
        }
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64], "attempts inside a wait are not counted");
    world.app.clock.advance(SignedDuration::from_mins(15));
    sign_in(node, &chen.login, PASSWORD, Some("198.51.100.4")).await.granted();
    for _ in 0..6 {
        sign_in(node, &chen.login, WRONG, Some("198.51.100.4")).await.with_status(401);
    }
    let after_six_again = sign_in(node, &chen.login, PASSWORD, Some("198.51.100.4")).await;
    assert_eq!(
        (after_six_again.status.as_u16(), retry_after(&after_six_again)),
        (429, 1),
        "a success has cleared the count"
    );
}

#[tokio::test]
async fn a_wait_holds_on_every_node_and_after_a_restart() {
    let world = World::new().await;
    let (one, other) = (node_behind_a_proxy(&world).await, node_behind_a_proxy(&world).await);
    let chen = Person::trader(&world, "chen.trader").await;
    for node in [one, other, one, other, one, other] {
        sign_in(node, &chen.login, WRONG, Some("198.51.100.4")).await.with_status(401);
    }
    let restarted = node_behind_a_proxy(&world).await;
    for node in [one, other, restarted] {
        sign_in(node, &chen.login, PASSWORD, Some("198.51.100.4")).await.is_refused_with("AUT_TOO_MANY_FAILURES");
    }
}

/// A guesser with a thousand addresses makes Chen's login wait everywhere but where Chen works.
#[tokio::test]
async fn nobody_is_locked_out_of_their_own_office() {
    let world = World::new().await;
    let node = node_behind_a_proxy(&world).await;
    let chen = Person::trader(&world, "chen.trader").await;
    sign_in(node, &chen.login, PASSWORD, Some("203.0.113.9")).await.granted();
    for guesser in 0..30 {
        fails(&world, node, &chen.login, &format!("198.51.{guesser}.1")).await;
    }
    sign_in(node, &chen.login, PASSWORD, Some("198.51.200.1")).await.is_refused_with("AUT_TOO_MANY_FAILURES");
    sign_in(node, &chen.login, PASSWORD, Some("203.0.113.9")).await.granted();
    let strange = sign_in(node, &chen.login, PASSWORD, Some("198.51.200.1")).await;
    strange.granted();
}

/// Even under a guesser who never stops, the wait ends by itself, and never lasts longer than a quarter of an hour.
#[tokio::test]
async fn every_wait_ends() {
    let world = World::new().await;
    let node = node_behind_a_proxy(&world).await;
    let chen = Person::trader(&world, "chen.trader").await;
    let mut longest = 0;
    for _ in 0..22 {
        let answer = sign_in(node, &chen.login, WRONG, Some("198.51.100.4")).await;
        if answer.status == 429 {
            longest = longest.max(retry_after(&answer));
            world.app.clock.advance(SignedDuration::from_secs(retry_after(&answer)));
        }
        sign_in(node, &chen.login, WRONG, Some("198.51.100.4")).await;
    }
    assert_eq!(longest, 900);
    let answer = sign_in(node, &chen.login, WRONG, Some("198.51.100.4")).await;
    world.app.clock.advance(SignedDuration::from_secs(retry_after(&answer)));
    sign_in(node, &chen.login, PASSWORD, Some("198.51.100.4")).await.granted();
}

/// One password tried on many logins from one address; its own good login does not clear the count.
#[tokio::test]
async fn an_address_that_tries_many_logins_waits_whatever_the_login() {
    let world = World::new().await;
    let node = node_behind_a_proxy(&world).await;
    let chen = Person::trader(&world, "chen.trader").await;
    let insider = Person::trader(&world, "insider.trader").await;
    for login in 0..101 {
        sign_in(node, &format!("login.{login}"), WRONG, Some("198.51.100.4")).await.with_status(401);
        if login % 40 == 39 {
            sign_in(node, &insider.login, PASSWORD, Some("198.51.100.4")).await.granted();
        }
    }
    sign_in(node, &chen.login, PASSWORD, Some("198.51.100.4")).await.is_refused_with("AUT_TOO_MANY_FAILURES");
    sign_in(node, &chen.login, PASSWORD, Some("198.51.100.5")).await.granted();
}

/// A burst of guesses, the right one among them, at the same moment: only as many are judged as hash side by side.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_at_the_same_moment_are_slowed_down_too() {
    let world = World::new().await;
    let node = node_behind_a_proxy(&world).await;
    let chen = Person::trader(&world, "chen.trader").await;
    let guesses: Vec<_> = (0..64)
        .map(|_| {
            let login = chen.login.clone();
            tokio::spawn(async move { sign_in(node, &login, WRONG, Some("198.51.100.4")).await.status.as_u16() })
        })
        .collect();
    for guess in guesses {
        let status = guess.await.unwrap();
        assert!(status == 401 || status == 429, "{status}");
    }
    sign_in(node, &chen.login, PASSWORD, Some("198.51.100.4")).await.with_status(429);
    let sql = "SELECT MAX(failures) FROM sign_in_failures WHERE subject LIKE 'login-from-address %'";
    let rows = crate::tamper::catalogue::rows(world.app.shared.db.reader(), sql).await;
    let counted: i64 = rows[0].try_get_by_index(0).unwrap();
    assert!((6..=64).contains(&counted), "{counted} failures were counted");
}

/// What is kept of failures names no login and no address: people type passwords into the field for the login.
#[tokio::test]
async fn what_is_counted_is_kept_under_a_hash() {
    let world = World::new().await;
    sign_in(world.app.address, "my-secret-password", WRONG, None).await.with_status(401);
    let rows =
        crate::tamper::catalogue::rows(world.app.shared.db.reader(), "SELECT subject FROM sign_in_failures").await;
    assert_eq!(rows.len(), 3);
    for row in rows {
        let subject: String = row.try_get_by_index(0).unwrap();
        assert!(!subject.contains("secret") && !subject.contains("127.0.0.1"), "{subject}");
    }
}
