//! What membership refuses.

use crate::refusals;

refusals! {
    /// What membership refuses.
    MembershipRefusal {
        /// A user changes what they are themself.
        OwnMembership {} => Denied "ORG_OWN_MEMBERSHIP" at "": "不得变更自己的角色或状态", "nobody changes their own roles or state", basis "三项制度：职责分离";
        /// Nobody would be left to keep the users.
        LastAdministrator {} => Refused "ORG_LAST_ADMINISTRATOR" at "": "组织须至少保留一名在用的管理员", "the organisation would be left without an active administrator";
        /// A suspension of somebody suspended, a reinstatement of somebody active.
        SameState { state } => Conflict "ORG_USER_STATE" at "": "该用户已处于该状态（{state}）", "the user is {state} already";
        /// An act that an organisation of its kind does not do, or that never waits.
        NoSuchApproval { act } => Refused "ORG_NO_SUCH_APPROVAL" at "acts": "本单位的 {act} 事项不能设置内部审批", "an organisation of your kind cannot let {act} wait for a second person";
        /// Nobody could approve.
        NoApprover {} => Refused "ORG_NO_APPROVER" at "acts": "本单位没有在用的审批人员，不能设置内部审批", "nobody of your organisation has an active role that approves";
        /// Nobody would be left to approve.
        LastApprover {} => Refused "ORG_LAST_APPROVER" at "": "本单位已设置内部审批，须至少保留一名在用的审批人员", "your organisation asks for approvals and would be left without an active approver";
        /// The user is not there, or belongs elsewhere.
        UnknownUser {} => Refused "ORG_UNKNOWN_USER" at "delegate": "用户不存在", "there is no such user in your organisation";
        /// A delegation to oneself.
        ToOneself {} => Refused "AUT_DELEGATION_TO_ONESELF" at "delegate": "不得委托给自己", "nobody delegates to themself";
        /// Roles that the user does not have.
        NotOwnRole { role } => Refused "AUT_DELEGATION_OF_OTHER_ROLE" at "roles": "您不具有 {role} 角色，不得委托", "you do not have the role {role} and cannot hand it over";
        /// A delegation that ends before it begins, in the past, or after too long.
        BadSpan { days } => Refused "AUT_DELEGATION_SPAN" at "until": "委托截止时间须晚于起始时间和当前时间，且不超过 {days} 天", "a delegation ends after it begins, in the future, and within {days} days";
        /// Delegated roles are not handed on.
        NotOnwards {} => Denied "AUT_DELEGATION_ONWARDS" at "": "受托角色不得转委托", "roles that were handed to you cannot be handed on";
        /// The delegation named with the request is not there, not yours, or not in force.
        NoDelegation {} => Denied "AUT_NO_DELEGATION" at "acting-for": "委托不存在或未生效", "there is no such delegation in force for you";
        /// The user was suspended.
        UserSuspended {} => Unauthenticated "AUT_USER_SUSPENDED" at "authorization": "该用户已被停用", "the user is suspended";
    }
}
