//! A webhook.

use crate::events::EventRefusal;
use crate::kernel::Moment;
use crate::kernel::ids::{OrganisationId, UserId, WebhookId};
use accounting::JournalKind;

accounting::words! {
    /// Whether messages leave for a webhook.
    WebhookState {
        /// They do.
        Active = "active",
        /// They do not for now; what happens meanwhile is not kept for it, but can be replayed.
        Suspended = "suspended",
    }
}

/// An address at which an organisation is told of its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its identity.
    pub id: WebhookId,
    /// Whose events.
    pub organisation: OrganisationId,
    /// Where.
    pub url: String,
    /// Which kinds of events; all of them when none is named.
    pub kinds: Vec<JournalKind>,
    /// Whether messages leave for it.
    pub state: WebhookState,
    /// What they are signed with.
    pub secret: String,
    /// What they are signed with besides, and until when by the wall clock.
    pub former: Option<(String, Moment)>,
    /// Who registered it.
    pub registered_by: UserId,
    /// When, in business time.
    pub registered_at: Moment,
    /// Counts from 1.
    pub version: i64,
}

impl Webhook {
    /// Whether it is told of events of a kind.
    pub fn wants(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|wanted| wanted.as_str() == kind)
    }

    /// The secrets that are good at an instant of the wall clock, the newest first.
    pub fn secrets_at(&self, now: Moment) -> Vec<&str> {
        let former = self.former.iter().filter(|(_, until)| now < *until).map(|(secret, _)| secret.as_str());
        [self.secret.as_str()].into_iter().chain(former).collect()
    }

    /// Takes another secret; the present one signs as well until an instant. One before that ends.
    #[must_use]
    pub fn rotate(self, secret: String, until: Moment) -> Self {
        let former = Some((self.secret, until));
        Self { secret, former, version: self.version + 1, ..self }
    }

    /// Goes into another state.
    ///
    /// # Errors
    /// [`EventRefusal::WebhookStands`].
    pub fn turn(self, state: WebhookState) -> Result<Self, EventRefusal> {
        if self.state == state {
            return Err(EventRefusal::WebhookStands { state: state.as_str().to_owned() });
        }
        Ok(Self { state, version: self.version + 1, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhook(kinds: &[JournalKind]) -> Webhook {
        Webhook {
            id: WebhookId::fresh(),
            organisation: OrganisationId::fresh(),
            url: "https://bank.example/hooks".to_owned(),
            kinds: kinds.to_vec(),
            state: WebhookState::Active,
            secret: "first".to_owned(),
            former: None,
            registered_by: UserId::fresh(),
            registered_at: Moment::from_micros(0),
            version: 1,
        }
    }

    #[test]
    fn two_secrets_sign_while_one_gives_way_and_never_three() {
        let (now, until) = (Moment::from_micros(0), Moment::from_micros(10));
        let rotated = webhook(&[]).rotate("second".to_owned(), until);
        assert_eq!(rotated.secrets_at(now), ["second", "first"]);
        assert_eq!(rotated.secrets_at(until), ["second"]);
        assert_eq!(rotated.rotate("third".to_owned(), until).secrets_at(now), ["third", "second"]);
    }

    #[test]
    fn a_webhook_is_told_of_what_it_names_or_of_everything() {
        assert!(webhook(&[]).wants("trade_settled"));
        let narrow = webhook(&[JournalKind::PledgeRegistered]);
        assert!(narrow.wants("pledge_registered") && !narrow.wants("trade_settled"));
    }

    #[test]
    fn a_state_is_entered_once() {
        let suspended = webhook(&[]).turn(WebhookState::Suspended).unwrap();
        assert!(matches!(suspended.clone().turn(WebhookState::Suspended), Err(EventRefusal::WebhookStands { .. })));
        assert_eq!(suspended.turn(WebhookState::Active).unwrap().version, 3);
    }
}
