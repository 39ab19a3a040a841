//! The areas and pollutants that are registered, for the rules that name them.

use super::queries;
use crate::db::Db;
use crate::rulebook::Register;
use crate::rulebook::register::{Names, Naming};

/// The register of areas and pollutants.
#[derive(Debug)]
pub struct Places;

impl Register for Places {
    fn names<'d>(&'d self, db: &'d Db) -> Naming<'d> {
        Box::pin(async move {
            let areas = queries::list_areas(db.reader()).await?.into_iter().map(|area| area.code).collect();
            let pollutants = queries::pollutants(db.reader()).await?.into_keys().collect();
            Ok(Names { areas, pollutants })
        })
    }
}
