//! The default on a pledge: declared by the pledgee with a term to cure it, and cured or not.

use crate::kernel::Moment;
use crate::pledge::error::PledgeRefusal;
use crate::pledge::pledge::{Pledge, PledgeState, Stamp};
use accounting::Money;
use jiff::civil::Date;

/// The notice of a default (违约通知).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultNotice {
    /// When it was declared.
    pub at: Moment,
    /// Why, in the pledgee's words.
    pub reason: String,
    /// What was due then, or has been told as due since, with what disposals have paid meanwhile; in CNY.
    pub amount_due: Money,
    /// The last day on which it may be cured; none where no rule sets a term.
    pub cure_until: Option<Date>,
}

impl Pledge {
    /// The pledgee declares the default.
    ///
    /// # Errors
    /// [`PledgeRefusal::AlreadyReleased`], [`PledgeRefusal::WrongState`].
    pub fn default_on(self, default: DefaultNotice, stamp: Stamp) -> Result<Self, PledgeRefusal> {
        self.expect_in_force()?;
        match self.state.clone() {
            PledgeState::Registered(registration) => {
                Ok(self.become_state(PledgeState::Defaulted { registration, default }, stamp))
            }
            state => Err(state.wrong("registered")),
        }
    }

    /// The debtor has done what was due: the pledge is as it was before.
    ///
    /// # Errors
    /// [`PledgeRefusal::AlreadyReleased`], [`PledgeRefusal::WrongState`].
    pub fn cure(self, stamp: Stamp) -> Result<Self, PledgeRefusal> {
        self.expect_in_force()?;
        match self.state.clone() {
            PledgeState::Defaulted { registration, .. } => {
                Ok(self.become_state(PledgeState::Registered(registration), stamp))
            }
            state => Err(state.wrong("defaulted")),
        }
    }

    /// Whether what it holds may be disposed of today: it is in default, and the term to cure that is over.
    ///
    /// # Errors
    /// [`PledgeRefusal::AlreadyReleased`], [`PledgeRefusal::DisposalBeforeDefault`], [`PledgeRefusal::CureRunning`].
    pub fn expect_enforceable(&self, today: Date) -> Result<(), PledgeRefusal> {
        self.expect_in_force()?;
        let PledgeState::Defaulted { default, .. } = &self.state else {
            return Err(PledgeRefusal::DisposalBeforeDefault {});
        };
        match default.cure_until.filter(|last| today <= *last) {
            Some(last) => Err(PledgeRefusal::CureRunning { until: last.to_string() }),
            None => Ok(()),
        }
    }

    /// Nothing of its security is left after a disposal.
    ///
    /// # Errors
    /// [`PledgeRefusal::WrongState`].
    pub fn close(self, stamp: Stamp) -> Result<Self, PledgeRefusal> {
        match self.state.clone() {
            PledgeState::Defaulted { registration, .. } => {
                Ok(self.become_state(PledgeState::Closed { registration, at: stamp.at }, stamp))
            }
            state => Err(state.wrong("defaulted")),
        }
    }
}
