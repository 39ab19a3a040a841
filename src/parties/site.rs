//! Sites with their permits, projects and registered reductions.

use super::place::{Medium, Pollutant, city_of};
use crate::kernel::Moment;
use crate::kernel::ids::{AreaId, OrganisationId, PermitId, ProjectId, ReductionId, SiteId};
use accounting::{Quantity, Ratio, Validity};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A discharging unit (排污单位): owns rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its identity; owns accounts of rights.
    pub id: SiteId,
    /// Its number.
    pub number: String,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Its name.
    pub name: String,
    /// The area it lies in.
    pub area: AreaId,
    /// Path of that area.
    pub area_path: String,
    /// The basin it discharges to.
    pub basin: Option<String>,
    /// Its industry.
    pub sector: Option<String>,
    /// The reserve's own holding place: has no permit, uses no headroom.
    pub is_reserve: bool,
    /// Counts from 1.
    pub version: i64,
    /// When it was registered.
    pub registered_at: Moment,
}

impl Site {
    /// The zone within which its rights of a pollutant trade: the basin for water, the city for air.
    pub fn zone(&self, pollutant: &Pollutant) -> Option<&str> {
        match pollutant.medium {
            Medium::Water => self.basin.as_deref(),
            Medium::Air => city_of(&self.area_path),
        }
    }
}

/// A discharge permit (排污许可证).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    /// Its identity.
    pub id: PermitId,
    /// Its number.
    pub number: String,
    /// Whose.
    pub site: SiteId,
    /// First and last day.
    pub validity: Validity,
    /// Permitted yearly grams by pollutant code.
    pub quantities: BTreeMap<String, i64>,
    /// Counts from 1; a variation adds one.
    pub version: i64,
    /// When it was registered.
    pub registered_at: Moment,
}

impl Permit {
    /// The day by which its renewal is to be asked for, so many days before it ends (排污许可管理条例第十四条).
    pub fn renew_by(&self, days: i32) -> Option<Date> {
        let term = jiff::Span::new().try_days(days).ok()?;
        self.validity.to().checked_sub(term).ok()
    }
}

/// Grams a year that the permits in force on a day allow of a pollutant; none when no such permit names it.
pub fn permitted_on(permits: &[Permit], pollutant: &str, day: Date) -> Option<i64> {
    let in_force = permits.iter().filter(|permit| permit.validity.contains(day));
    in_force.filter_map(|permit| permit.quantities.get(pollutant).copied()).reduce(i64::saturating_add)
}

/// On what basis a project's total quantity stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProjectBasis {
    /// The bureau verified it (总量核定).
    Verified,
    /// The enterprise committed itself (告知承诺).
    Commitment,
    /// The project is exempted (豁免).
    Exempted,
}

impl ProjectBasis {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] = &["verified", "commitment", "exempted"];

    /// The word the database and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Commitment => "commitment",
            Self::Exempted => "exempted",
        }
    }

    /// Reads the word back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Verified, Self::Commitment, Self::Exempted].into_iter().find(|basis| basis.as_str() == text)
    }
}

/// A construction project (建设项目) for which rights are bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Its identity.
    pub id: ProjectId,
    /// Its number.
    pub number: String,
    /// Whose.
    pub site: SiteId,
    /// On what basis.
    pub basis: ProjectBasis,
    /// Number of the total-quantity document (总量核定文件).
    pub document: String,
    /// Day of that document.
    pub verified_on: Date,
    /// How much must be bought for what it builds (替代比例); none where the rulebook's ratio applies.
    pub replacement_ratio: Option<Ratio>,
    /// When it was registered.
    pub registered_at: Moment,
}

/// A registered reduction (减排登记): how much of a pollutant a site may sell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reduction {
    /// Its identity.
    pub id: ReductionId,
    /// Whose.
    pub site: SiteId,
    /// Of which pollutant.
    pub pollutant: String,
    /// How much.
    pub quantity: Quantity,
    /// Number of the document that verified it.
    pub document: String,
    /// SHA-256 of the documents that prove it, where some were named.
    pub document_hash: Option<String>,
    /// When it was registered.
    pub registered_at: Moment,
}
