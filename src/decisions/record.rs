//! A decision record (三项制度): the whole way of a decision, from the proposal to its publication.

use super::error::DecisionRefusal;
use super::task::Place;
use crate::kernel::Moment;
use crate::kernel::ids::{DecisionId, RulebookId, UserId};
use jiff::civil::Date;
use uuid::Uuid;

/// How it was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Yes.
    Approved,
    /// No.
    Refused,
}

impl Outcome {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] = &["approved", "refused"];

    /// The word the database and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Refused => "refused",
        }
    }

    /// Reads the word back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Approved, Self::Refused].into_iter().find(|outcome| outcome.as_str() == text)
    }
}

/// What a legal review found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// Nothing against the decision.
    Agreed,
    /// It may not be made.
    Objected,
}

impl Finding {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] = &["agreed", "objected"];

    /// The word the database and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agreed => "agreed",
            Self::Objected => "objected",
        }
    }

    /// Reads the word back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Agreed, Self::Objected].into_iter().find(|finding| finding.as_str() == text)
    }
}

/// The legal review (法制审核).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Moment,
    /// What they found.
    pub finding: Finding,
    /// Why, in their words.
    pub opinion: Option<String>,
}

/// The decision itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Moment,
    /// How.
    pub outcome: Outcome,
    /// Why, in their words.
    pub reason: Option<String>,
    /// SHA-256 of what it rests on.
    pub document_hash: Option<String>,
    /// The last working day for its publication (执法公示).
    pub publish_by: Option<Date>,
}

/// Its publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Publication {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Its withdrawal from the public after it was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Moment,
    /// The day on which the decision was changed, revoked or found unlawful.
    pub changed_on: Date,
    /// The last working day for the withdrawal.
    pub by_day: Option<Date>,
    /// Why.
    pub reason: String,
}

/// The record of one decision. Its state is what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRecord {
    /// Its identity, also that of its task where it had one.
    pub id: DecisionId,
    /// What is decided.
    pub act: String,
    /// What kind of thing it is about.
    pub subject_kind: String,
    /// Which thing.
    pub subject: Uuid,
    /// Whose decision it is. A bureau's goes by its area.
    pub place: Place,
    /// Whether it is reviewed before it is made.
    pub is_major: bool,
    /// Whether the rules asked for a second person; where they did not, proposer and decider may be one.
    pub second_person: bool,
    /// Who proposed.
    pub proposed_by: UserId,
    /// When it was recorded.
    pub recorded_at: Moment,
    /// The review.
    pub review: Option<Review>,
    /// The decision.
    pub verdict: Option<Verdict>,
    /// The publication.
    pub publication: Option<Publication>,
    /// The withdrawal.
    pub withdrawal: Option<Withdrawal>,
    /// Whether the matter ended without a decision.
    pub is_dropped: bool,
    /// The version of the rules it was last judged by.
    pub rulebook: RulebookId,
    /// Counts from 1.
    pub version: i64,
}

impl DecisionRecord {
    /// Every word of its state.
    pub const WORDS: &'static [&'static str] =
        &["recorded", "legal_review", "reviewed", "decided", "published", "withdrawn", "dropped"];

    /// How far it has come, in the word the database and the API use.
    pub fn state(&self) -> &'static str {
        match self {
            Self { is_dropped: true, .. } => "dropped",
            Self { withdrawal: Some(_), .. } => "withdrawn",
            Self { publication: Some(_), .. } => "published",
            Self { verdict: Some(_), .. } => "decided",
            Self { review: Some(_), .. } => "reviewed",
            Self { is_major: true, .. } => "legal_review",
            _ => "recorded",
        }
    }

    /// Whether everybody may read it: it is published, and was not withdrawn.
    pub fn is_published(&self) -> bool {
        self.publication.is_some() && self.withdrawal.is_none() && !self.is_dropped
    }

    /// The legal review, before the decision.
    ///
    /// # Errors
    /// [`DecisionRefusal::WrongState`], [`DecisionRefusal::OwnReview`].
    pub fn review(mut self, review: Review) -> Result<Self, DecisionRefusal> {
        self.must_be("legal_review")?;
        if review.by == self.proposed_by {
            return Err(DecisionRefusal::OwnReview {});
        }
        self.review = Some(review);
        Ok(self.next())
    }

    /// The decision. A major one is reviewed first, and approved only when the review found nothing against it.
    ///
    /// # Errors
    /// [`DecisionRefusal::WrongState`], [`DecisionRefusal::OwnProposal`], [`DecisionRefusal::ReviewMissing`],
    /// [`DecisionRefusal::ReviewObjected`], [`DecisionRefusal::OwnReview`].
    pub fn decide(mut self, verdict: Verdict) -> Result<Self, DecisionRefusal> {
        if self.verdict.is_some() || self.is_dropped {
            return Err(self.wrong("recorded"));
        }
        if self.second_person && verdict.by == self.proposed_by {
            return Err(DecisionRefusal::OwnProposal {});
        }
        match &self.review {
            None if self.is_major => return Err(DecisionRefusal::ReviewMissing {}),
            Some(review) if review.by == verdict.by => return Err(DecisionRefusal::OwnReview {}),
            Some(review) if review.finding == Finding::Objected && verdict.outcome == Outcome::Approved => {
                return Err(DecisionRefusal::ReviewObjected {});
            }
            _ => {}
        }
        self.verdict = Some(verdict);
        Ok(self.next())
    }

    /// The publication.
    ///
    /// # Errors
    /// [`DecisionRefusal::WrongState`].
    pub fn publish(mut self, publication: Publication) -> Result<Self, DecisionRefusal> {
        self.must_be("decided")?;
        self.publication = Some(publication);
        Ok(self.next())
    }

    /// The withdrawal after a change, which lies between the decision and today.
    ///
    /// # Errors
    /// [`DecisionRefusal::WrongState`], [`DecisionRefusal::BadChange`].
    pub fn withdraw(mut self, withdrawal: Withdrawal) -> Result<Self, DecisionRefusal> {
        self.must_be("published")?;
        let from = self.verdict.as_ref().map_or(self.recorded_at, |verdict| verdict.at).day();
        let today = withdrawal.at.day();
        if withdrawal.changed_on < from || withdrawal.changed_on > today {
            return Err(DecisionRefusal::BadChange { from: from.to_string(), today: today.to_string() });
        }
        self.withdrawal = Some(withdrawal);
        Ok(self.next())
    }

    /// The matter ended by itself: nothing is left to decide.
    ///
    /// # Errors
    /// [`DecisionRefusal::WrongState`].
    pub fn drop_it(mut self) -> Result<Self, DecisionRefusal> {
        if self.verdict.is_some() || self.is_dropped {
            return Err(self.wrong("recorded"));
        }
        self.is_dropped = true;
        Ok(self.next())
    }

    /// Whether it is published, or withdrawn, after its last day; judged by `today` as long as it is not.
    pub fn is_late(&self, today: Date) -> bool {
        let last =
            |last: Option<Date>, done: Option<Moment>| last.is_some_and(|last| done.map_or(today, Moment::day) > last);
        let published = self.publication.map(|publication| publication.at);
        let is_published_late = self.verdict.as_ref().is_some_and(|verdict| last(verdict.publish_by, published));
        let is_withdrawn_late =
            self.withdrawal.as_ref().is_some_and(|withdrawal| last(withdrawal.by_day, Some(withdrawal.at)));
        is_published_late || is_withdrawn_late
    }

    fn must_be(&self, needed: &str) -> Result<(), DecisionRefusal> {
        if self.state() == needed { Ok(()) } else { Err(self.wrong(needed)) }
    }

    fn wrong(&self, needed: &str) -> DecisionRefusal {
        DecisionRefusal::WrongState { state: self.state().to_owned(), needed: needed.to_owned() }
    }

    fn next(self) -> Self {
        Self { version: self.version + 1, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn recorded(is_major: bool) -> DecisionRecord {
        DecisionRecord {
            id: DecisionId::fresh(),
            act: "allocation".to_owned(),
            subject_kind: "allocation".to_owned(),
            subject: Uuid::nil(),
            place: Place::BureauOver("420000".to_owned()),
            is_major,
            second_person: true,
            proposed_by: UserId::fresh(),
            recorded_at: at("2022-12-01T09:00:00+08:00"),
            review: None,
            verdict: None,
            publication: None,
            withdrawal: None,
            is_dropped: false,
            rulebook: RulebookId::fresh(),
            version: 1,
        }
    }

    fn yes(by: UserId) -> Verdict {
        let publish_by = Some(day("2022-12-08"));
        let at = at("2022-12-01T10:00:00+08:00");
        Verdict { by, at, outcome: Outcome::Approved, reason: None, document_hash: None, publish_by }
    }

    fn review(by: UserId, finding: Finding) -> Review {
        Review { by, at: at("2022-12-01T09:30:00+08:00"), finding, opinion: None }
    }

    #[test]
    fn a_major_decision_waits_for_a_review_by_a_third_person() {
        let (lawyer, head) = (UserId::fresh(), UserId::fresh());
        let major = recorded(true);
        assert_eq!(major.state(), "legal_review");
        assert_eq!(major.clone().decide(yes(head)), Err(DecisionRefusal::ReviewMissing {}));
        let own = review(major.proposed_by, Finding::Agreed);
        assert_eq!(major.clone().review(own), Err(DecisionRefusal::OwnReview {}));
        let reviewed = major.clone().review(review(lawyer, Finding::Agreed)).unwrap();
        assert_eq!(reviewed.state(), "reviewed");
        assert_eq!(reviewed.clone().decide(yes(lawyer)), Err(DecisionRefusal::OwnReview {}));
        assert_eq!(reviewed.decide(yes(head)).unwrap().state(), "decided");
        let objected = major.review(review(lawyer, Finding::Objected)).unwrap();
        assert_eq!(objected.clone().decide(yes(head)), Err(DecisionRefusal::ReviewObjected {}));
        let no = Verdict { outcome: Outcome::Refused, ..yes(head) };
        assert_eq!(objected.decide(no).unwrap().state(), "decided");
    }

    #[test]
    fn a_decision_is_published_and_withdrawn_after_a_change_once() {
        let head = UserId::fresh();
        let decided = recorded(false).decide(yes(head)).unwrap();
        assert!(decided.clone().decide(yes(head)).is_err(), "it is made once");
        assert!(!decided.is_late(day("2022-12-08")) && decided.is_late(day("2022-12-09")));
        let publication = Publication { by: head, at: at("2022-12-05T09:00:00+08:00") };
        let published = decided.publish(publication).unwrap();
        assert!(!published.is_late(day("2023-01-01")), "it was in time");
        let withdrawal = |changed_on: &str| Withdrawal {
            by: head,
            at: at("2022-12-12T09:00:00+08:00"),
            changed_on: day(changed_on),
            by_day: Some(day("2022-12-09")),
            reason: "撤销".to_owned(),
        };
        for outside in ["2022-11-30", "2022-12-13"] {
            assert!(matches!(published.clone().withdraw(withdrawal(outside)), Err(DecisionRefusal::BadChange { .. })));
        }
        let withdrawn = published.withdraw(withdrawal("2022-12-06")).unwrap();
        assert_eq!((withdrawn.state(), withdrawn.version), ("withdrawn", 4));
        assert!(withdrawn.is_late(day("2022-12-12")));
        assert!(withdrawn.clone().publish(publication).is_err() && withdrawn.drop_it().is_err());
    }

    #[test]
    fn the_proposer_decides_only_where_no_second_person_is_asked_for() {
        let record = recorded(false);
        let own = yes(record.proposed_by);
        assert_eq!(record.clone().decide(own.clone()), Err(DecisionRefusal::OwnProposal {}));
        assert!(DecisionRecord { second_person: false, ..record }.decide(own).is_ok());
    }
}
