//! A message on its way to a webhook, and how long it is tried.

use crate::http::outbound::Sent;
use crate::kernel::Moment;
use crate::kernel::ids::{DeliveryId, WebhookId};
use uuid::Uuid;

accounting::words! {
    /// How far a delivery has come.
    DeliveryState {
        /// It is tried, or waits for its next try.
        Waiting = "waiting",
        /// The receiver has answered with a 2xx.
        Delivered = "delivered",
        /// The last try failed too, or the receiver is gone.
        Dead = "dead",
    }
}

accounting::words! {
    /// What came of a try.
    Outcome {
        /// The receiver answered with a 2xx.
        Delivered = "delivered",
        /// It answered with something else.
        Refused = "refused",
        /// Nobody answered: no such name, no connection, no valid certificate.
        Unreachable = "unreachable",
        /// The answer did not come in time.
        TooSlow = "too_slow",
        /// The name led into a private network, so that nothing was sent.
        PrivateAddress = "private_address",
    }
}

/// A message to a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its identity.
    pub id: DeliveryId,
    /// To which webhook.
    pub webhook: WebhookId,
    /// The place of its journal in the log.
    pub position: i64,
    /// Its journal; also the id of the message.
    pub journal: Uuid,
    /// How far it has come.
    pub state: DeliveryState,
    /// Tries in all.
    pub attempts: i64,
    /// Tries since it was last put into the queue.
    pub tries: i64,
    /// When it is tried next, by the wall clock; of one that waits no more, when it was.
    pub due_at: Moment,
}

/// A try that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// Which one, from 1.
    pub number: i64,
    /// When, by the wall clock.
    pub tried_at: Moment,
    /// The status that was answered.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// What came of it.
    pub outcome: Outcome,
}

impl Attempt {
    /// A try by what came of sending: a 2xx takes the message, any other status refuses it.
    pub fn of(sent: Sent, number: i64, tried_at: Moment, duration_ms: i64) -> Self {
        let (outcome, status) = match sent {
            Sent::Answered(status @ 200..300) => (Outcome::Delivered, Some(status)),
            Sent::Answered(status) => (Outcome::Refused, Some(status)),
            Sent::Unreachable => (Outcome::Unreachable, None),
            Sent::TooSlow => (Outcome::TooSlow, None),
            Sent::PrivateAddress => (Outcome::PrivateAddress, None),
        };
        Self { number, tried_at, status, duration_ms, outcome }
    }
}

/// Status by which a receiver says that it is gone for good (Standard Webhooks; RFC 9110, 15.5.11).
const GONE: u16 = 410;

/// Pauses before the second try and those after it, in seconds: about two days and a half in all.
const PAUSES: [i64; 11] = [5, 30, 120, 600, 1_800, 7_200, 14_400, 28_800, 43_200, 57_600, 57_600];

/// Shares of a thousand that a pause may be longer or shorter, so that receivers who were down together are not asked together.
const JITTER: i64 = 200;

impl Delivery {
    /// Goes on after a try. `chance` is any number: it makes the pause longer or shorter by up to a fifth.
    #[must_use]
    pub fn after(self, attempt: &Attempt, chance: u16) -> Self {
        let tried = Self { attempts: attempt.number, tries: self.tries + 1, due_at: attempt.tried_at, ..self };
        if attempt.outcome == Outcome::Delivered {
            return Self { state: DeliveryState::Delivered, ..tried };
        }
        let pause = usize::try_from(tried.tries - 1).ok().and_then(|at| PAUSES.get(at));
        match pause.filter(|_| attempt.status != Some(GONE)) {
            None => Self { state: DeliveryState::Dead, ..tried },
            Some(seconds) => {
                let share = 1_000 - JITTER + i64::from(chance) % (2 * JITTER + 1);
                let micros = seconds * 1_000 * share;
                Self { due_at: Moment::from_micros(attempt.tried_at.micros().saturating_add(micros)), ..tried }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn waiting() -> Delivery {
        Delivery {
            id: DeliveryId::fresh(),
            webhook: WebhookId::fresh(),
            position: 7,
            journal: crate::kernel::ids::fresh(),
            state: DeliveryState::Waiting,
            attempts: 0,
            tries: 0,
            due_at: Moment::from_micros(0),
        }
    }

    fn attempt(number: i64, outcome: Outcome, status: Option<u16>) -> Attempt {
        Attempt { number, tried_at: Moment::from_micros(1_000_000), status, duration_ms: 3, outcome }
    }

    #[test]
    fn an_answer_of_success_ends_it_and_one_of_gone_too() {
        let delivered = waiting().after(&attempt(1, Outcome::Delivered, Some(204)), 0);
        assert_eq!((delivered.state, delivered.attempts), (DeliveryState::Delivered, 1));
        assert_eq!(waiting().after(&attempt(1, Outcome::Refused, Some(GONE)), 0).state, DeliveryState::Dead);
        assert_eq!(waiting().after(&attempt(1, Outcome::Refused, Some(500)), 0).state, DeliveryState::Waiting);
    }

    #[test]
    fn a_replayed_message_is_tried_as_often_as_a_new_one() {
        let replayed = Delivery { attempts: 12, tries: 0, ..waiting() };
        let tried = replayed.after(&attempt(13, Outcome::TooSlow, None), 0);
        assert_eq!((tried.state, tried.attempts, tried.tries), (DeliveryState::Waiting, 13, 1));
    }

    proptest! {
        /// Whatever chance says: pauses lie within a fifth of the schedule, which never shrinks, and the last try ends it.
        #[test]
        fn pauses_grow_with_jitter_until_the_message_is_dead(chances in prop::collection::vec(any::<u16>(), PAUSES.len())) {
            let mut delivery = waiting();
            for (at, chance) in chances.into_iter().enumerate() {
                let number = i64::try_from(at).unwrap() + 1;
                delivery = delivery.after(&attempt(number, Outcome::Unreachable, None), chance);
                prop_assert_eq!(delivery.state, DeliveryState::Waiting);
                let pause = delivery.due_at.micros() - 1_000_000;
                prop_assert!((PAUSES[at] * 800_000..=PAUSES[at] * 1_200_000).contains(&pause), "{}", pause);
            }
            prop_assert!(PAUSES.is_sorted());
            let number = delivery.attempts + 1;
            prop_assert_eq!(delivery.after(&attempt(number, Outcome::Unreachable, None), 0).state, DeliveryState::Dead);
        }
    }
}
