//! How an organisation stands, and what its users may do while it does not stand firmly.

use crate::access::policy::Action;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

accounting::words! {
    /// How an organisation stands with the bureau in charge.
    Standing {
        /// It has applied and waits for the bureau.
        Applied = "applied",
        /// The bureau knows who it is; it takes part.
        Verified = "verified",
        /// The bureau did not accept it.
        Refused = "refused",
        /// The bureau has suspended it, until it is reinstated.
        Suspended = "suspended",
    }
}

impl Serialize for Standing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Standing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::parse(&word).ok_or_else(|| de::Error::custom("is no standing"))
    }
}

impl Standing {
    /// Whether its users may do this. A suspension stops what is new: it neither undoes what stands nor hides an organisation's own
    /// affairs from it, and nobody shall be kept from what only gives somebody else their freedom back.
    pub fn admits(self, action: Action) -> bool {
        match self {
            // Whoever may not act may still sign in, to learn why, and out.
            _ if action == Action::KeepOwnSignIn => true,
            Self::Verified => true,
            Self::Suspended => is_reading_ones_own(action) || is_letting_go(action),
            Self::Applied | Self::Refused => false,
        }
    }
}

fn is_reading_ones_own(action: Action) -> bool {
    matches!(
        action,
        Action::ReadReference
            | Action::ReadPublished
            | Action::ReadParties
            | Action::ReadBooks
            | Action::ReadQuota
            | Action::ReadDischarge
            | Action::ReadMoney
            | Action::ReadMarket
            | Action::ReadPledges
            | Action::ReadConsents
            | Action::ReadAccessLog
    )
}

/// A release frees the pledgor (民法典 第三百九十三条: the security ends with the debt), a withdrawn consent closes an eye.
fn is_letting_go(action: Action) -> bool {
    matches!(action, Action::ReleasePledge | Action::WithdrawConsent)
}
