//! Messages of monitors as they were sent, the totals of days that they carry, and those that nobody can believe.
//!
//! A message is kept whole, once: sent again, it changes nothing. The totals of a day are counted; what is negative or beyond 100 times the
//! permit is held, counted nowhere, until the bureau has looked at it. Later messages correct earlier ones of the same day, and both stay.

pub mod api;
pub mod api_holds;
pub mod commands;
pub mod queries;
pub(super) mod store;

use super::error::ComplianceRefusal;
use super::hj212::Message;
use crate::kernel::Moment;
use crate::kernel::ids::{DischargeHoldId, MonitorMessageId, OrganisationId, OutletId, SiteId, UserId};
use jiff::civil::Date;

/// A message that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptMessage {
    /// Its identity.
    pub id: MonitorMessageId,
    /// Of which outlet.
    pub outlet: OutletId,
    /// Of which site.
    pub site: SiteId,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// Path of the site's area.
    pub area_path: String,
    /// The number of the monitor.
    pub mn: String,
    /// When it was asked for, by the clock of the monitor.
    pub qn: String,
    /// What it is.
    pub command: u16,
    /// The day whose totals it carries.
    pub day: Option<Date>,
    /// SHA-256 over its data segment.
    pub hash: String,
    /// Its data segment.
    pub segment: String,
    /// Who handed it in.
    pub received_by: UserId,
    /// When.
    pub received_at: Moment,
}

impl KeptMessage {
    /// Its data segment without the password of the monitor.
    pub fn shown(&self) -> String {
        let masked = |field: &str| if field.starts_with("PW=") { "PW=******".to_owned() } else { field.to_owned() };
        let (head, data) = self.segment.split_once("CP=").unwrap_or((&self.segment, ""));
        format!("{}CP={data}", head.split(';').map(masked).collect::<Vec<_>>().join(";"))
    }
}

/// The total of a day, as a message tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayTotal {
    /// In which message.
    pub message: MonitorMessageId,
    /// Of which pollutant.
    pub pollutant: String,
    /// Through which outlet.
    pub outlet: OutletId,
    /// Of which site.
    pub site: SiteId,
    /// Of which day.
    pub day: Date,
    /// When it was asked for.
    pub qn: String,
    /// Grams.
    pub grams: i64,
}

accounting::words! {
    /// Why a total is not believed.
    Doubt {
        /// Less than nothing.
        Negative = "negative",
        /// More than 100 times what the permit allows.
        OverPermit = "over_permit",
        /// More than the books can count.
        OutOfRange = "out_of_range",
    }
}

/// How a hold ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// Who looked at it.
    pub by: UserId,
    /// When.
    pub at: Moment,
    /// What they found.
    pub reason: String,
}

/// A total that nobody believes. It is never counted, also when it is closed: what was really discharged is recorded as a measurement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DischargeHold {
    /// Its identity.
    pub id: DischargeHoldId,
    /// In which message.
    pub message: MonitorMessageId,
    /// Through which outlet.
    pub outlet: OutletId,
    /// Of which site.
    pub site: SiteId,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// Path of the site's area.
    pub area_path: String,
    /// Of which pollutant.
    pub pollutant: String,
    /// Of which day.
    pub day: Date,
    /// As it was sent, in the unit of the monitor.
    pub mass: String,
    /// Why.
    pub doubt: Doubt,
    /// How it ended.
    pub closing: Option<Closing>,
    /// Counts from 1.
    pub version: i64,
}

impl DischargeHold {
    /// The bureau has looked at it.
    ///
    /// # Errors
    /// [`ComplianceRefusal::HoldClosed`].
    pub fn close(self, closing: Closing) -> Result<Self, ComplianceRefusal> {
        match self.closing {
            None => Ok(Self { closing: Some(closing), version: self.version + 1, ..self }),
            Some(_) => Err(ComplianceRefusal::HoldClosed {}),
        }
    }
}

accounting::words! {
    /// What became of a message.
    Outcome {
        /// It is kept, and its totals are counted.
        Counted = "counted",
        /// It is kept; it carries nothing that is counted.
        Noted = "noted",
        /// It is kept, and at least one of its totals is held.
        Held = "held",
        /// It was kept before.
        Known = "known",
        /// It is not kept.
        Refused = "refused",
    }
}

/// A message on its way in.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// What it says.
    pub message: Message,
    /// Its data segment.
    pub segment: String,
    /// SHA-256 over it.
    pub hash: String,
}
