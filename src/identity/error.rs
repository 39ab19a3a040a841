//! What identity refuses.

use crate::refusals;

refusals! {
    /// What identity refuses.
    IdentityRefusal {
        /// Login or password is wrong; which of them is not told.
        WrongLogin {} => Unauthenticated "AUT_WRONG_LOGIN" at "": "用户名或密码错误", "the login or the password is wrong";
        /// The login is taken.
        LoginTaken { login } => Conflict "AUT_LOGIN_TAKEN" at "login": "用户名 {login} 已被使用", "the login {login} is taken";
        /// The role does not fit the kind of organisation.
        RoleMismatch { role, kind } => Refused "ORG_ROLE_MISMATCH" at "roles": "{kind} 类组织的用户不得担任 {role}", "a user of an organisation of kind {kind} cannot be {role}", basis "回避与职责分离:监管、交易、储备机构人员不得参与交易";
        /// No role at all.
        NoRole {} => Refused "ORG_NO_ROLE" at "roles": "至少需要一个角色", "a user needs at least one role";
        /// Too short to be a password.
        WeakPassword { least } => Refused "AUT_WEAK_PASSWORD" at "password": "密码至少 {least} 个字符", "a password needs at least {least} characters";
        /// The database has been founded already.
        AlreadyFounded {} => Conflict "AUT_ALREADY_FOUNDED" at "": "账簿已建立", "the book has been founded already";
    }
}
