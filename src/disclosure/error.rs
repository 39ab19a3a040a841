//! What disclosure refuses.

use crate::refusals;

refusals! {
    /// What disclosure refuses.
    DisclosureRefusal {
        /// It is published or withdrawn already.
        AlreadyPublished { state } => Conflict "DIS_ALREADY_PUBLISHED" at "": "该信息已为 {state}", "it is {state} already";
        /// It is not published, or withdrawn already.
        NotPublished { state } => Conflict "DIS_NOT_PUBLISHED" at "": "该信息状态为 {state}，不可撤回", "it is {state} and cannot be withdrawn";
    }
}
