//! What identity refuses.

use crate::refusals;

refusals! {
    /// What identity refuses.
    IdentityRefusal {
        /// Login or password is wrong, or nobody may sign in so; which of them is not told.
        WrongLogin {} => Unauthenticated "AUT_WRONG_LOGIN" at "": "用户名或密码错误", "the login or the password is wrong";
        /// Too many failures: the next attempt is judged after some time.
        TooManyFailures { seconds } => TooOften "AUT_TOO_MANY_FAILURES" at "": "失败次数过多，请在 {seconds} 秒后重试", "too many failures: try again in {seconds} seconds";
        /// A code of the second factor is wrong or was used.
        WrongCode {} => Refused "AUT_WRONG_CODE" at "code": "验证码错误或已使用", "the code is wrong or was used before";
        /// There is a second factor already.
        AlreadyEnrolled {} => Conflict "AUT_ALREADY_ENROLLED" at "": "已启用二次验证，请先移除", "a second factor is active: remove it first";
        /// There is no second factor, or none that waits for its first code.
        NothingEnrolled {} => Conflict "AUT_NOTHING_ENROLLED" at "": "尚未登记二次验证", "no second factor was enrolled";
        /// The token is of no sign-in: a program has no second factor and no sessions.
        NoSession {} => Denied "AUT_NO_SESSION" at "authorization": "该令牌不属于任何登录会话", "this token is of no session";
        /// A refresh token that stands for no session.
        RefreshRefused {} => Unauthenticated "AUT_REFRESH_INVALID" at "refresh_token": "刷新令牌无效，请重新登录", "the refresh token is not valid, sign in again";
        /// A refresh token that was used before: its session has ended.
        RefreshReplayed {} => Unauthenticated "AUT_REFRESH_REPLAYED" at "refresh_token": "刷新令牌已被使用过，会话已终止，请重新登录", "the refresh token was used before: the session has been ended, sign in again";
        /// The code for a new password is wrong, used or past its time.
        ResetRefused {} => Unauthenticated "AUT_RESET_INVALID" at "code": "重置码无效或已过期", "the login or the code for a new password is not valid, or its time is over";
        /// A client whose secrets or state nobody changes any more.
        ClientRemoved {} => Conflict "AUT_CLIENT_REMOVED" at "": "该客户端已移除", "the client has been removed";
        /// The client is in that state already.
        ClientStands { state } => Conflict "AUT_CLIENT_STATE" at "": "该客户端已处于 {state} 状态", "the client is {state} already";
        /// A scope that none of the client's roles carries.
        ScopeMismatch { scope } => Refused "AUT_SCOPE_MISMATCH" at "scopes": "所选角色不含权限 {scope}", "none of the roles carries the permission {scope}";
        /// Two secrets for too long, or for less than no time.
        BadOverlap { most } => Refused "AUT_BAD_OVERLAP" at "overlap_hours": "并行有效期须为 0 至 {most} 小时", "both secrets can be good for 0 to {most} hours";
        /// Not an address and not a network.
        BadNetwork { text } => Refused "AUT_BAD_NETWORK" at "networks": "“{text}”不是有效的地址或网段", "{text} is neither an address nor a network such as 192.0.2.0/24";
        /// The login is taken.
        LoginTaken { login } => Conflict "AUT_LOGIN_TAKEN" at "login": "用户名 {login} 已被使用", "the login {login} is taken";
        /// A login of other letters than the plain ones.
        BadLogin {} => Refused "AUT_BAD_LOGIN" at "login": "用户名只能由小写英文字母、数字及 . _ - @ 组成", "a login is made of the letters a to z, digits and . _ - @";
        /// One role named more than once.
        RoleTwice { role } => Refused "ORG_ROLE_TWICE" at "roles": "角色 {role} 重复", "the role {role} is named twice";
        /// The role does not fit the kind of organisation.
        RoleMismatch { role, kind } => Refused "ORG_ROLE_MISMATCH" at "roles": "{kind} 类组织的用户不得担任 {role}", "a user of an organisation of kind {kind} cannot be {role}", basis "回避与职责分离：监管、交易、储备机构人员不得参与交易";
        /// In an office, the administrator's role beside another one.
        AdministratorApart {} => Refused "ORG_ADMINISTRATOR_APART" at "roles": "监管、交易、储备、结算等机构的管理员不得兼任业务角色", "in an office, whoever administers its users has no other role: they could make up the second person", basis "三项制度：职责分离";
        /// No role at all.
        NoRole {} => Refused "ORG_NO_ROLE" at "roles": "至少需要一个角色", "a user needs at least one role";
        /// The database has been founded already.
        AlreadyFounded {} => Conflict "AUT_ALREADY_FOUNDED" at "": "账簿已建立", "the book has been founded already";
    }
}
