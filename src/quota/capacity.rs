//! The standing cap of an area and a pollutant.

use crate::kernel::ids::{AreaId, CapacityId};
use accounting::Holding;

/// A cap in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capacity {
    /// Its identity; also that of its asset in the ledger.
    pub id: CapacityId,
    /// The area.
    pub area: AreaId,
    /// Path of the area.
    pub area_path: String,
    /// The pollutant.
    pub pollutant: String,
    /// Grams a year.
    pub cap: i64,
    /// Counts from 1.
    pub version: i64,
}

impl Capacity {
    /// Its accounts in the ledger.
    pub fn holding(&self) -> Holding {
        Holding { owner: self.area.into(), asset: self.id.into() }
    }
}
