//! What the feed and its webhooks refuse.

use crate::refusals;

refusals! {
    /// What the feed and its webhooks refuse.
    EventRefusal {
        /// The webhook is in this state already.
        WebhookStands { state } => Conflict "EVT_WEBHOOK_STANDS" at "": "该推送地址已处于 {state} 状态", "the webhook is {state} already";
        /// The organisation has as many as it may.
        TooManyWebhooks { most } => Refused "EVT_TOO_MANY_WEBHOOKS" at "": "每个组织最多登记 {most} 个推送地址", "an organisation has at most {most} webhooks";
    }
}
