//! What is refused of objections.

use crate::refusals;

refusals! {
    /// What is refused of objections.
    ObjectionRefusal {
        /// Nothing is laid open any more, or not yet.
        PublicityOver {} => Conflict "QTA_PUBLICITY_OVER" at "": "不在公示期内，不能提出异议", "it is not laid open to objections";
        /// An objection was answered already.
        Answered {} => Conflict "QTA_OBJECTION_ANSWERED" at "": "该异议已答复", "the objection was answered already";
        /// Whoever answers has proposed or approved what is objected to.
        OwnApproval {} => Denied "AUT_OWN_APPROVAL" at "": "不得答复对本人提出或审批的事项提出的异议", "nobody answers an objection to what they have proposed or approved themselves", basis "行政处罚法第五十八条、三项制度：职责分离";
    }
}
