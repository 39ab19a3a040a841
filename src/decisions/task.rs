//! What waits for a second person.

use super::delegations::expect_person;
use super::error::DecisionRefusal;
use super::record::Outcome;
use crate::access::{Action, Caller, Role};
use crate::kernel::Moment;
use crate::kernel::ids::{OrganisationId, RulebookId, TaskId, UserId};
use jiff::civil::Date;
use uuid::Uuid;

/// What the rulebook says of an act, handed in by whoever has read it. A number of days that nobody knows sets no deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The version of the rules.
    pub rulebook: RulebookId,
    /// Whether the decider must be another person than the proposer.
    pub second_person: bool,
    /// Whether the proposer's own organisation asks for the second person, who is then one of its people with the permission to
    /// approve.
    pub own_approval: bool,
    /// Whether it is reviewed before it is made (法制审核).
    pub is_major: bool,
    /// Working days in which it should be decided.
    pub decision_days: Option<u32>,
    /// Working days after which a proposal that nobody decided is over.
    pub proposal_days: Option<u32>,
    /// Working days in which a decision is published.
    pub publication_days: Option<u32>,
}

impl Rules {
    /// Whether the act must wait, instead of being done at once.
    pub fn waits(&self) -> bool {
        self.second_person || self.is_major
    }

    /// The same where the proposer's own organisation asks for a second person as well.
    #[must_use]
    pub fn with_own(self) -> Self {
        Self { second_person: true, own_approval: true, ..self }
    }
}

/// Who decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// People of an organisation.
    Organisation(OrganisationId),
    /// The bureau of exactly this area.
    BureauAt(String),
    /// A bureau in charge of this area: its own or one above.
    BureauOver(String),
}

impl Place {
    /// The bureau in charge of all of these areas.
    pub fn bureau_over_all<'a>(paths: impl IntoIterator<Item = &'a str>) -> Self {
        let common = paths.into_iter().map(|path| path.split('/').collect::<Vec<_>>()).reduce(|one, other| {
            one.into_iter().zip(other).take_while(|(one, other)| one == other).map(|(code, _)| code).collect()
        });
        Self::BureauOver(common.unwrap_or_default().join("/"))
    }

    /// Whether the caller is there.
    pub fn has(&self, caller: &Caller) -> bool {
        let is_bureau = caller.roles.iter().any(|role| role.sees_area());
        match self {
            Self::Organisation(id) => *id == caller.organisation,
            Self::BureauAt(path) => is_bureau && *path == caller.area_path,
            Self::BureauOver(path) => is_bureau && caller.covers(path),
        }
    }
}

/// A task to open. It goes by the caller as its proposer.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// What is to be decided.
    pub act: &'static str,
    /// What kind of thing it is about.
    pub subject_kind: &'static str,
    /// Which thing.
    pub subject: Uuid,
    /// Who decides.
    pub place: Place,
    /// What they need for it.
    pub permission: Action,
    /// Whether an authority decides, which leaves a decision record.
    pub has_record: bool,
}

/// A command that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// The body of the operation, as JSON.
    pub command: String,
    /// SHA-256 over that text, in lower-case hexadecimal.
    pub hash: String,
    /// The version that its proposer saw.
    pub expected: Option<i64>,
}

/// Something that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its identity, also that of its decision record.
    pub id: TaskId,
    /// What is to be decided.
    pub act: String,
    /// What kind of thing it is about.
    pub subject_kind: String,
    /// Which thing; of a proposal the task itself.
    pub subject: Uuid,
    /// Who decides.
    pub place: Place,
    /// The permission they need, in its word.
    pub permission: String,
    /// Whether they must be another person than the proposer.
    pub second_person: bool,
    /// Whether an authority decides.
    pub has_record: bool,
    /// Who proposed.
    pub proposed_by: UserId,
    /// When.
    pub opened_at: Moment,
    /// The last working day on which it should be decided.
    pub deadline: Option<Date>,
    /// The last working day of a proposal.
    pub lapses_on: Option<Date>,
    /// When it went to the head.
    pub escalated_at: Option<Moment>,
    /// The command that waits, when it is a proposal.
    pub proposed: Option<Proposed>,
    /// How far it has come.
    pub state: TaskState,
    /// The rules it was opened by.
    pub rulebook: RulebookId,
    /// Counts from 1.
    pub version: i64,
}

/// How far a task has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskState {
    /// Nobody works on it.
    Open,
    /// Somebody works on it.
    Claimed {
        /// Who.
        by: UserId,
        /// Since when.
        at: Moment,
    },
    /// It is decided.
    Decided {
        /// By whom.
        by: UserId,
        /// When.
        at: Moment,
        /// How.
        outcome: Outcome,
        /// Why, in their words.
        reason: Option<String>,
    },
    /// It was taken back, or the matter ended by itself.
    Withdrawn {
        /// When.
        at: Moment,
    },
    /// Nobody decided it in its time.
    Lapsed {
        /// When.
        at: Moment,
    },
}

impl TaskState {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] = &["open", "claimed", "decided", "withdrawn", "lapsed"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Claimed { .. } => "claimed",
            Self::Decided { .. } => "decided",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Lapsed { .. } => "lapsed",
        }
    }
}

impl Task {
    /// Somebody takes it up.
    ///
    /// # Errors
    /// [`DecisionRefusal::TaskOver`], [`DecisionRefusal::ClaimedByAnother`], [`DecisionRefusal::OwnProposal`],
    /// [`DecisionRefusal::ProgramDecides`], [`DecisionRefusal::Escalated`].
    pub fn claim(self, by: &Caller, at: Moment) -> Result<Self, DecisionRefusal> {
        self.expect_decidable(by)?;
        match self.state {
            TaskState::Open => Ok(self.turned(TaskState::Claimed { by: by.user, at })),
            _ => Ok(self),
        }
    }

    /// Whoever holds it lays it down.
    ///
    /// # Errors
    /// [`DecisionRefusal::TaskOver`], [`DecisionRefusal::NotClaimedByYou`].
    pub fn release(self, by: UserId) -> Result<Self, DecisionRefusal> {
        match self.state {
            TaskState::Claimed { by: holder, .. } if holder == by => Ok(self.turned(TaskState::Open)),
            TaskState::Open | TaskState::Claimed { .. } => Err(DecisionRefusal::NotClaimedByYou {}),
            _ => Err(self.over()),
        }
    }

    /// Whether this person may decide it as it stands: it waits, nobody else holds it, it is not their own proposal where that
    /// matters nor are they a program there, and it has not gone past them to the head.
    ///
    /// # Errors
    /// As [`Task::claim`].
    pub fn expect_decidable(&self, by: &Caller) -> Result<(), DecisionRefusal> {
        if self.second_person {
            expect_person(by)?;
            if by.is_behind(self.proposed_by) {
                return Err(DecisionRefusal::OwnProposal {});
            }
        }
        if self.escalated_at.is_some() && self.has_head() && !by.roles.iter().any(|role| role.takes_escalated()) {
            return Err(DecisionRefusal::Escalated {});
        }
        match self.state {
            TaskState::Open => Ok(()),
            TaskState::Claimed { by: holder, .. } if holder == by.user => Ok(()),
            TaskState::Claimed { .. } => Err(DecisionRefusal::ClaimedByAnother {}),
            _ => Err(self.over()),
        }
    }

    /// Whether a head could decide it; what no head has the permission for stays with those who have it.
    fn has_head(&self) -> bool {
        let takes = |action| Role::ALL.iter().any(|role| role.takes_escalated() && role.may(action));
        Action::parse(&self.permission).is_some_and(takes)
    }

    /// It is decided, through the task or by the operation of its own: both are refused alike.
    ///
    /// # Errors
    /// As [`Task::claim`].
    pub fn decide(
        self,
        by: &Caller,
        at: Moment,
        outcome: Outcome,
        reason: Option<String>,
    ) -> Result<Self, DecisionRefusal> {
        self.expect_decidable(by)?;
        Ok(self.turned(TaskState::Decided { by: by.user, at, outcome, reason }))
    }

    /// The same about what it has made.
    #[must_use]
    pub fn about(self, subject_kind: &str, subject: Uuid) -> Self {
        Self { subject_kind: subject_kind.to_owned(), subject, ..self }
    }

    /// The same when it is decided by what its holder has proposed, and another of their own people has approved.
    #[must_use]
    pub fn handed_on_by(self, proposer: Option<UserId>) -> Self {
        match self.state {
            TaskState::Claimed { by, .. } if Some(by) == proposer => Self { state: TaskState::Open, ..self },
            _ => self,
        }
    }

    /// Whoever has taken it up cannot decide it any more: it is free for others.
    pub fn freed(self) -> Option<Self> {
        matches!(self.state, TaskState::Claimed { .. }).then(|| self.turned(TaskState::Open))
    }

    /// It is taken back, or no longer needed.
    ///
    /// # Errors
    /// [`DecisionRefusal::TaskOver`].
    pub fn withdraw(self, at: Moment) -> Result<Self, DecisionRefusal> {
        if self.waits() { Ok(self.turned(TaskState::Withdrawn { at })) } else { Err(self.over()) }
    }

    /// What its deadlines make of it today: nothing, an escalation, which frees it, or its end.
    pub fn pass_by(self, today: Date, at: Moment) -> Option<Self> {
        if !self.waits() {
            return None;
        }
        if self.lapses_on.is_some_and(|last| last < today) {
            return Some(self.turned(TaskState::Lapsed { at }));
        }
        let is_due = self.escalated_at.is_none() && self.deadline.is_some_and(|last| last < today);
        is_due.then(|| Self { escalated_at: Some(at), ..self.turned(TaskState::Open) })
    }

    /// Whether somebody still has to decide it.
    pub fn waits(&self) -> bool {
        matches!(self.state, TaskState::Open | TaskState::Claimed { .. })
    }

    fn turned(self, state: TaskState) -> Self {
        Self { state, version: self.version + 1, ..self }
    }

    fn over(&self) -> DecisionRefusal {
        DecisionRefusal::TaskOver { state: self.state.as_str().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn somebody(role: Role) -> Caller {
        let area_path = "420000/421200".to_owned();
        Caller {
            user: UserId::fresh(),
            organisation: OrganisationId::fresh(),
            roles: vec![role],
            area_path,
            ..Caller::nobody()
        }
    }

    fn task(proposer: &Caller) -> Task {
        Task {
            id: TaskId::fresh(),
            act: "allocation".to_owned(),
            subject_kind: "allocation".to_owned(),
            subject: Uuid::nil(),
            place: Place::BureauOver("420000/421200/421222".to_owned()),
            permission: Action::DecideAllocation.as_str().to_owned(),
            second_person: true,
            has_record: true,
            proposed_by: proposer.user,
            opened_at: Moment::from_micros(0),
            deadline: Some("2022-12-08".parse().unwrap()),
            lapses_on: Some("2022-12-15".parse().unwrap()),
            escalated_at: None,
            proposed: None,
            state: TaskState::Open,
            rulebook: RulebookId::fresh(),
            version: 1,
        }
    }

    const AT: Moment = Moment::from_micros(1);

    #[test]
    fn a_task_is_claimed_by_one_released_and_decided_once() {
        let (officer, head, other) =
            (somebody(Role::BureauOfficer), somebody(Role::BureauHead), somebody(Role::BureauHead));
        let claimed = task(&officer).claim(&head, AT).unwrap();
        assert_eq!((claimed.state.as_str(), claimed.version), ("claimed", 2));
        assert_eq!(claimed.clone().claim(&head, AT).unwrap(), claimed, "who claims again changes nothing");
        assert_eq!(claimed.clone().claim(&other, AT), Err(DecisionRefusal::ClaimedByAnother {}));
        assert_eq!(claimed.clone().release(other.user), Err(DecisionRefusal::NotClaimedByYou {}));
        assert_eq!(claimed.clone().release(head.user).unwrap().state, TaskState::Open);
        let by_another = claimed.clone().decide(&other, AT, Outcome::Approved, None);
        assert_eq!(by_another, Err(DecisionRefusal::ClaimedByAnother {}));
        assert!(claimed.clone().handed_on_by(Some(head.user)).decide(&other, AT, Outcome::Approved, None).is_ok());
        let decided = claimed.decide(&head, AT, Outcome::Approved, None).unwrap();
        let over = DecisionRefusal::TaskOver { state: "decided".to_owned() };
        assert_eq!(decided.clone().decide(&other, AT, Outcome::Refused, None), Err(over.clone()));
        assert_eq!(decided.clone().withdraw(AT), Err(over.clone()));
        assert_eq!(decided.clone().claim(&other, AT), Err(over.clone()));
        assert_eq!(decided.clone().release(head.user), Err(over));
        assert_eq!(decided.pass_by("2023-01-01".parse().unwrap(), AT), None);
    }

    #[test]
    fn a_proposer_decides_their_own_only_where_no_second_person_is_asked_for() {
        let head = somebody(Role::BureauHead);
        let own = DecisionRefusal::OwnProposal {};
        assert_eq!(task(&head).claim(&head, AT), Err(own.clone()));
        assert_eq!(task(&head).decide(&head, AT, Outcome::Approved, None), Err(own));
        let alone = Task { second_person: false, ..task(&head) };
        assert!(alone.claim(&head, AT).unwrap().decide(&head, AT, Outcome::Approved, None).is_ok());
    }

    #[test]
    fn a_passed_deadline_frees_it_for_the_head_once_and_then_it_lapses() {
        let (officer, other) = (somebody(Role::BureauOfficer), somebody(Role::BureauOfficer));
        let held = task(&officer).claim(&other, AT).unwrap();
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(held.clone().pass_by(day("2022-12-08"), AT), None, "the last day counts");
        let escalated = held.pass_by(day("2022-12-09"), AT).unwrap();
        assert_eq!((&escalated.state, escalated.escalated_at), (&TaskState::Open, Some(AT)));
        assert_eq!(escalated.clone().pass_by(day("2022-12-10"), AT), None, "once");
        assert_eq!(escalated.clone().claim(&other, AT), Err(DecisionRefusal::Escalated {}));
        assert_eq!(
            escalated.clone().decide(&other, AT, Outcome::Approved, None),
            Err(DecisionRefusal::Escalated {}),
            "nor by the operation of its own"
        );
        assert!(escalated.clone().claim(&somebody(Role::BureauHead), AT).is_ok());
        let of_officers = Task { permission: Action::VaryPermit.as_str().to_owned(), ..escalated.clone() };
        assert!(of_officers.claim(&other, AT).is_ok(), "no head could do it");
        let lapsed = escalated.pass_by(day("2022-12-16"), AT).unwrap();
        assert_eq!(lapsed.state, TaskState::Lapsed { at: AT });
    }

    #[test]
    fn the_place_is_the_bureau_in_charge_of_every_area() {
        let over = Place::bureau_over_all(["420000/421200/421222", "420000/421200/421281"]);
        assert_eq!(over, Place::BureauOver("420000/421200".to_owned()));
        assert!(over.has(&somebody(Role::BureauHead)));
        assert!(!over.has(&somebody(Role::EnterpriseTrader)), "an enterprise of that area is no bureau");
        assert!(!Place::BureauAt("420000".to_owned()).has(&somebody(Role::BureauHead)));
        assert_eq!(Place::bureau_over_all(["420000"]), Place::BureauOver("420000".to_owned()));
    }
}
