//! What a day makes of things by itself, for whoever judges by them in the very first moments of the day: a house above does it in the work that
//! is about to judge, so that nothing is ever judged by what stood yesterday.

use crate::db::work::{Doing, Work};
use crate::kernel::Failure;
use crate::kernel::ids::AreaId;
use std::fmt::Debug;

/// An area and a pollutant, by its code: what a cap is of.
pub type CapPlace = (AreaId, String);

/// The house that keeps what changes with the days.
pub trait DayTurn: Debug + Send + Sync {
    /// Lets take effect what is due in these places, under its lock.
    fn turn<'w>(&'w self, work: &'w mut Work, places: &'w [CapPlace]) -> Doing<'w, ()>;
}

impl Work {
    /// Lets take effect what is due today in these places and was not looked at yet.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn turn_day(&mut self, places: &[CapPlace]) -> Result<(), Failure> {
        match self.day_turn() {
            Some(day_turn) if !places.is_empty() => day_turn.turn(self, places).await,
            _ => Ok(()),
        }
    }
}
