//! An application for rights, and how far it has come.

use crate::kernel::Moment;
use crate::kernel::ids::{AllocationId, ApplicationId, OrganisationId, RulebookId, SiteId, UserId};
use crate::quota::batches::Ruling;
use crate::quota::error::QuotaRefusal;
use accounting::{Origin, Quantity, Validity};
use jiff::civil::Date;

/// What is applied for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Of which pollutant.
    pub pollutant: String,
    /// Free or paid.
    pub origin: Origin,
    /// The basin or the city that the site lies in.
    pub zone: String,
    /// First and last day.
    pub validity: Validity,
    /// How much.
    pub quantity: Quantity,
    /// Why, in the applicant's words.
    pub statement: Option<String>,
}

/// An application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its identity.
    pub id: ApplicationId,
    /// To which site.
    pub site: SiteId,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// Path of the site's area.
    pub area_path: String,
    /// What is applied for.
    pub wanted: Wanted,
    /// Who drafted it.
    pub drafted_by: UserId,
    /// When.
    pub drafted_at: Moment,
    /// How it was handed in last; a draft was not.
    pub submission: Option<Submission>,
    /// What it lacked, told once.
    pub correction: Option<Correction>,
    /// How it was accepted.
    pub acceptance: Option<Acceptance>,
    /// How far it has come.
    pub state: ApplicationState,
    /// The rules it was last judged by.
    pub rulebook: RulebookId,
    /// Counts from 1.
    pub version: i64,
}

/// How an application was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Its number in the register, from the first time on.
    pub number: String,
    /// By whom.
    pub by: UserId,
    /// When, for the last time.
    pub at: Moment,
    /// The last working day on which the bureau may say what it lacks; none where no rule says how long it has.
    pub accept_until: Option<Date>,
}

/// Everything that an application lacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// Point by point.
    pub points: Vec<String>,
    /// Who told it.
    pub by: UserId,
    /// When.
    pub at: Moment,
    /// The last working day for the correction; none when neither the notice nor a rule names one.
    pub until: Option<Date>,
}

/// How an application was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// By whom; by nobody when the bureau was silent past its term.
    pub by: Option<UserId>,
    /// When that was recorded.
    pub at: Moment,
    /// Since which day it counts as accepted: of silence, since it came.
    pub on: Date,
    /// The last working day for the decision.
    pub decide_until: Option<Date>,
}

/// How far an application has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplicationState {
    /// Only the applicant knows of it.
    Draft,
    /// The bureau looks whether anything is missing.
    Submitted,
    /// The applicant corrects it.
    CorrectionRequested,
    /// The bureau looks at the substance.
    Accepted,
    /// The grant was proposed.
    Proposed {
        /// Which grant.
        allocation: AllocationId,
        /// By whom, when.
        ruling: Ruling,
    },
    /// Turned down.
    Rejected(Ruling),
    /// The applicant took it back.
    Withdrawn,
}

impl ApplicationState {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] =
        &["draft", "submitted", "correction_requested", "accepted", "proposed", "rejected", "withdrawn"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::CorrectionRequested => "correction_requested",
            Self::Accepted => "accepted",
            Self::Proposed { .. } => "proposed",
            Self::Rejected(_) => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Who decided, once somebody has.
    pub fn ruling(&self) -> Option<&Ruling> {
        match self {
            Self::Proposed { ruling, .. } | Self::Rejected(ruling) => Some(ruling),
            _ => None,
        }
    }
}

impl Application {
    /// Its applicant changes what it says: a draft, or one that is to be corrected.
    ///
    /// # Errors
    /// [`QuotaRefusal::ApplicationState`].
    pub fn revise(self, wanted: Wanted) -> Result<Self, QuotaRefusal> {
        match self.state {
            ApplicationState::Draft | ApplicationState::CorrectionRequested => {
                let state = self.state.clone();
                Ok(Self { wanted, ..self }.turned(state))
            }
            _ => Err(self.wrong()),
        }
    }

    /// It is handed in, for the first time or corrected. It keeps the number that it has.
    ///
    /// # Errors
    /// [`QuotaRefusal::ApplicationState`].
    pub fn submit(self, submission: Submission) -> Result<Self, QuotaRefusal> {
        match self.state {
            ApplicationState::Draft | ApplicationState::CorrectionRequested => {
                let number = self.submission.as_ref().map_or(submission.number, |first| first.number.clone());
                let submission = Some(Submission { number, ..submission });
                Ok(Self { submission, ..self }.turned(ApplicationState::Submitted))
            }
            _ => Err(self.wrong()),
        }
    }

    /// The bureau tells everything that it lacks.
    ///
    /// # Errors
    /// [`QuotaRefusal::ApplicationState`], [`QuotaRefusal::CorrectedAlready`], [`QuotaRefusal::AcceptedBySilence`].
    pub fn request_correction(self, correction: Correction) -> Result<Self, QuotaRefusal> {
        self.expect_unaccepted(correction.at.day())?;
        if self.correction.is_some() {
            return Err(QuotaRefusal::CorrectedAlready {});
        }
        Ok(Self { correction: Some(correction), ..self }.turned(ApplicationState::CorrectionRequested))
    }

    /// The bureau accepts it; late, too, because nothing else is left then.
    ///
    /// # Errors
    /// [`QuotaRefusal::ApplicationState`].
    pub fn accept(self, acceptance: Acceptance) -> Result<Self, QuotaRefusal> {
        match self.state {
            ApplicationState::Submitted => {
                Ok(Self { acceptance: Some(acceptance), ..self }.turned(ApplicationState::Accepted))
            }
            _ => Err(self.wrong()),
        }
    }

    /// Since which day silence has accepted it, if it has by today.
    pub fn accepted_by_silence(&self, today: Date) -> Option<Date> {
        let submission = self.submission.as_ref().filter(|_| self.state == ApplicationState::Submitted)?;
        submission.accept_until.filter(|until| *until < today).map(|_| submission.at.day())
    }

    /// The grant that it asked for is proposed.
    ///
    /// # Errors
    /// [`QuotaRefusal::ApplicationState`].
    pub fn propose(self, allocation: AllocationId, ruling: Ruling) -> Result<Self, QuotaRefusal> {
        match self.state {
            ApplicationState::Accepted => Ok(self.turned(ApplicationState::Proposed { allocation, ruling })),
            _ => Err(self.wrong()),
        }
    }

    /// The bureau turns it down: as none that it could accept, for what is in it, or because it was not corrected in time.
    ///
    /// # Errors
    /// [`QuotaRefusal::ApplicationState`], [`QuotaRefusal::AcceptedBySilence`], [`QuotaRefusal::CorrectionRunning`].
    pub fn reject(self, ruling: Ruling) -> Result<Self, QuotaRefusal> {
        match self.state {
            ApplicationState::Submitted => self.expect_unaccepted(ruling.at.day())?,
            ApplicationState::CorrectionRequested => self.expect_uncorrected(ruling.at.day())?,
            ApplicationState::Accepted => {}
            _ => return Err(self.wrong()),
        }
        Ok(self.turned(ApplicationState::Rejected(ruling)))
    }

    /// The applicant takes it back before it is decided.
    ///
    /// # Errors
    /// [`QuotaRefusal::ApplicationState`].
    pub fn withdraw(self) -> Result<Self, QuotaRefusal> {
        match self.state {
            ApplicationState::Draft
            | ApplicationState::Submitted
            | ApplicationState::CorrectionRequested
            | ApplicationState::Accepted => Ok(self.turned(ApplicationState::Withdrawn)),
            _ => Err(self.wrong()),
        }
    }

    /// Whether it waits to be accepted, and silence has not done so.
    fn expect_unaccepted(&self, today: Date) -> Result<(), QuotaRefusal> {
        if self.state != ApplicationState::Submitted {
            return Err(self.wrong());
        }
        let until = self.submission.as_ref().and_then(|submission| submission.accept_until);
        match until {
            Some(until) if until < today => Err(QuotaRefusal::AcceptedBySilence { until: until.to_string() }),
            _ => Ok(()),
        }
    }

    /// Whether its applicant has had the time that they were given. Without a term nobody can say that they are late.
    fn expect_uncorrected(&self, today: Date) -> Result<(), QuotaRefusal> {
        match self.correction.as_ref().map(|correction| correction.until) {
            Some(Some(until)) if until < today => Ok(()),
            Some(Some(until)) => Err(QuotaRefusal::CorrectionRunning { until: until.to_string() }),
            _ => Err(self.wrong()),
        }
    }

    fn turned(self, state: ApplicationState) -> Self {
        Self { state, version: self.version + 1, ..self }
    }

    fn wrong(&self) -> QuotaRefusal {
        QuotaRefusal::ApplicationState { state: self.state.as_str().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn at(text: &str) -> Moment {
        Moment::at(day(text), 0).unwrap()
    }

    fn wanted() -> Wanted {
        Wanted {
            pollutant: "COD".to_owned(),
            origin: Origin::Paid,
            zone: "LUSHUI".to_owned(),
            validity: Validity::try_new(day("2022-12-01"), day("2027-11-30")).unwrap(),
            quantity: Quantity::try_new(1_000).unwrap(),
            statement: None,
        }
    }

    fn draft() -> Application {
        Application {
            id: ApplicationId::fresh(),
            site: SiteId::fresh(),
            organisation: OrganisationId::fresh(),
            area_path: "420000/421200/421222".to_owned(),
            wanted: wanted(),
            drafted_by: UserId::fresh(),
            drafted_at: at("2022-12-01"),
            submission: None,
            correction: None,
            acceptance: None,
            state: ApplicationState::Draft,
            rulebook: RulebookId::fresh(),
            version: 1,
        }
    }

    fn submission(number: &str, on: &str, until: Option<&str>) -> Submission {
        Submission { number: number.to_owned(), by: UserId::fresh(), at: at(on), accept_until: until.map(day) }
    }

    fn submitted() -> Application {
        draft().submit(submission("AP-2022-000001", "2022-12-01", Some("2022-12-08"))).unwrap()
    }

    fn correction(on: &str, until: Option<&str>) -> Correction {
        let points = vec!["缺环评批复".to_owned(), "数量与排污许可证不一致".to_owned()];
        Correction { points, by: UserId::fresh(), at: at(on), until: until.map(day) }
    }

    fn acceptance(on: &str) -> Acceptance {
        Acceptance { by: Some(UserId::fresh()), at: at(on), on: day(on), decide_until: None }
    }

    fn ruling(on: &str) -> Ruling {
        Ruling { by: UserId::fresh(), at: at(on), reason: Some("不符合总量控制要求".to_owned()) }
    }

    fn wrong(application: &Application) -> QuotaRefusal {
        QuotaRefusal::ApplicationState { state: application.state.as_str().to_owned() }
    }

    #[test]
    fn an_application_goes_its_way_and_no_other() {
        let accepted = submitted().accept(acceptance("2022-12-05")).unwrap();
        let grant = AllocationId::fresh();
        let proposed = accepted.clone().propose(grant, ruling("2022-12-06")).unwrap();
        assert_eq!((proposed.state.as_str(), proposed.version), ("proposed", 4));
        let rejected = accepted.clone().reject(ruling("2022-12-06")).unwrap();
        let withdrawn = accepted.clone().withdraw().unwrap();
        for ended in [proposed, rejected, withdrawn] {
            assert_eq!(ended.clone().revise(wanted()), Err(wrong(&ended)));
            assert_eq!(ended.clone().submit(submission("AP", "2022-12-06", None)), Err(wrong(&ended)));
            assert_eq!(ended.clone().accept(acceptance("2022-12-06")), Err(wrong(&ended)));
            assert_eq!(ended.clone().request_correction(correction("2022-12-06", None)), Err(wrong(&ended)));
            assert_eq!(ended.clone().propose(grant, ruling("2022-12-06")), Err(wrong(&ended)));
            assert_eq!(ended.clone().reject(ruling("2022-12-06")), Err(wrong(&ended)));
            assert_eq!(ended.clone().withdraw(), Err(wrong(&ended)));
        }
        for early in [draft(), submitted()] {
            assert_eq!(early.clone().propose(grant, ruling("2022-12-06")), Err(wrong(&early)));
        }
        assert_eq!(draft().reject(ruling("2022-12-06")), Err(wrong(&draft())));
        assert_eq!(submitted().revise(wanted()), Err(wrong(&submitted())), "what is with the bureau stands");
        assert_eq!(accepted.clone().revise(wanted()), Err(wrong(&accepted)));
    }

    #[test]
    fn what_is_missing_is_told_once_and_in_time() {
        let asked = submitted().request_correction(correction("2022-12-08", None)).unwrap();
        assert_eq!(asked.state, ApplicationState::CorrectionRequested);
        let again = asked.revise(wanted()).unwrap().submit(submission("AP-2022-000009", "2022-12-12", None)).unwrap();
        assert_eq!(again.submission.as_ref().unwrap().number, "AP-2022-000001", "it keeps its number");
        let twice = again.clone().request_correction(correction("2022-12-13", None));
        assert_eq!(twice, Err(QuotaRefusal::CorrectedAlready {}));
        assert!(again.accept(acceptance("2022-12-13")).is_ok());
        let late = submitted().request_correction(correction("2022-12-09", None));
        assert_eq!(late, Err(QuotaRefusal::AcceptedBySilence { until: "2022-12-08".to_owned() }));
    }

    #[test]
    fn silence_past_the_term_accepts_since_the_day_on_which_it_came() {
        let waits = submitted();
        assert_eq!(waits.accepted_by_silence(day("2022-12-08")), None, "the last day counts");
        assert_eq!(waits.accepted_by_silence(day("2022-12-09")), Some(day("2022-12-01")));
        let late = waits.clone().reject(ruling("2022-12-09"));
        assert_eq!(late, Err(QuotaRefusal::AcceptedBySilence { until: "2022-12-08".to_owned() }));
        assert!(waits.clone().reject(ruling("2022-12-08")).is_ok());
        assert!(waits.accept(acceptance("2022-12-09")).is_ok(), "late is better than never");
        let endless = draft().submit(submission("AP-2022-000001", "2022-12-01", None)).unwrap();
        assert_eq!(endless.accepted_by_silence(day("2032-12-01")), None, "no rule, no silence");
        assert_eq!(draft().accepted_by_silence(day("2032-12-01")), None);
    }

    #[test]
    fn nobody_is_late_with_a_correction_before_the_term_is_over() {
        let asked = |until| submitted().request_correction(correction("2022-12-05", until)).unwrap();
        let running = QuotaRefusal::CorrectionRunning { until: "2022-12-15".to_owned() };
        assert_eq!(asked(Some("2022-12-15")).reject(ruling("2022-12-15")), Err(running));
        assert!(asked(Some("2022-12-15")).reject(ruling("2022-12-16")).is_ok());
        assert_eq!(asked(None).reject(ruling("2032-12-16")), Err(wrong(&asked(None))));
        assert!(asked(None).withdraw().is_ok());
    }
}
