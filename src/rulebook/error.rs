//! What the rulebook refuses.

use crate::refusals;

refusals! {
    /// What the rulebook refuses.
    RulebookRefusal {
        /// No version applies on that day.
        NoneInForce { day } => Conflict "QTA_NO_RULEBOOK" at "": "{day} 无有效的规则版本", "no rulebook is in force on {day}";
    }
}
