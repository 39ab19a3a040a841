//! The words that quantities are written with: codes of right classes and the measures of their pollutants.

use super::error::PartyRefusal;
use super::place::Pollutant;
use super::queries::{self, ClassRecord};
use crate::kernel::Failure;
use crate::kernel::ids::RightClassId;
use accounting::Measure;
use sea_orm::ConnectionTrait;
use std::collections::HashMap;

/// Classes and their measures, loaded for one answer.
#[derive(Debug, Clone)]
pub struct Words {
    classes: HashMap<RightClassId, ClassRecord>,
    pollutants: HashMap<String, Pollutant>,
}

impl Words {
    /// The words for classes by id.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn of_ids(connection: &impl ConnectionTrait, ids: &[RightClassId]) -> Result<Self, Failure> {
        let classes = queries::classes_by_id(connection, ids).await?;
        Ok(Self { classes, pollutants: queries::pollutants(connection).await? })
    }

    /// The words for classes by code, as far as they are known.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn of_codes(connection: &impl ConnectionTrait, codes: &[String]) -> Result<Self, Failure> {
        let found = queries::classes_by_code(connection, codes).await?;
        let classes = found.into_values().map(|record| (record.id, record)).collect();
        Ok(Self { classes, pollutants: queries::pollutants(connection).await? })
    }

    /// Code and measure of a class.
    ///
    /// # Errors
    /// A fault of ours when it was not loaded.
    pub fn class(&self, id: RightClassId) -> Result<(String, &Measure), Failure> {
        let record = self.classes.get(&id).ok_or_else(|| Failure::bug("a right class was not loaded"))?;
        let pollutant = self.pollutants.get(&record.class.pollutant);
        let pollutant = pollutant.ok_or_else(|| Failure::bug("a right class of an unknown pollutant"))?;
        Ok((record.class.code(), &pollutant.measure))
    }

    /// Identity and measure of a class that a request names.
    ///
    /// # Errors
    /// [`PartyRefusal::UnknownRightClass`].
    pub fn class_by_code(&self, code: &str) -> Result<(RightClassId, Measure), PartyRefusal> {
        let unknown = || PartyRefusal::UnknownRightClass { code: code.to_owned() };
        let record = self.classes.values().find(|record| record.class.code() == code).ok_or_else(unknown)?;
        let pollutant = self.pollutants.get(&record.class.pollutant).ok_or_else(unknown)?;
        Ok((record.id, pollutant.measure.clone()))
    }
}
