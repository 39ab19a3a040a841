//! Registering outlets.

use super::{Outlet, judge_factors, store};
use crate::compliance::hj212::{Edition, Factor};
use crate::db::Work;
use crate::kernel::event::Event;
use crate::kernel::ids::{OutletId, SiteId};
use crate::kernel::{Failure, Refusal};
use crate::parties::{PartyRefusal, queries};
use serde_json::json;

/// An outlet to register.
#[derive(Debug, Clone)]
pub struct NewOutlet {
    /// The number of its monitor.
    pub mn: String,
    /// Its name.
    pub name: String,
    /// Of which site.
    pub site: SiteId,
    /// By which edition its monitor speaks.
    pub edition: Edition,
    /// Which of its codes are which pollutants; those of the edition when absent.
    pub factors: Option<Vec<Factor>>,
}

/// Registers an outlet of a site in the caller's charge.
///
/// # Errors
/// [`PartyRefusal::UnknownSite`], [`PartyRefusal::OutsideArea`], [`PartyRefusal::UnknownPollutant`], what [`judge_factors`] tells, all of it at once, and
/// that the monitor is registered already.
pub async fn register(work: &mut Work, new: &NewOutlet) -> Result<Outlet, Failure> {
    let sites = queries::known_sites(work.connection(), &[new.site]).await?;
    let site = sites.get(&new.site).ok_or(PartyRefusal::UnknownSite {})?;
    if !work.caller().covers(&site.area_path) {
        return Err(Failure::from(PartyRefusal::OutsideArea { area: site.name.clone() }).at("site"));
    }
    let mut broken = judge_factors(new.edition, new.factors.as_deref());
    let pollutants = queries::pollutants(work.connection()).await?;
    for (at, factor) in new.factors.iter().flatten().enumerate() {
        if !pollutants.contains_key(&factor.pollutant) {
            let unknown = PartyRefusal::UnknownPollutant { code: factor.pollutant.clone() };
            broken.push(unknown.violation().within(&format!("factors[{at}]")));
        }
    }
    Failure::refused(broken)?;
    let outlet = Outlet {
        id: OutletId::fresh(),
        mn: new.mn.clone(),
        name: new.name.clone(),
        site: site.id,
        organisation: site.organisation,
        area_path: site.area_path.clone(),
        edition: new.edition,
        factors: new.factors.clone(),
        registered_by: work.caller().user,
        registered_at: work.now(),
    };
    store::insert(work, &outlet).await?;
    let payload = json!({ "site": outlet.site, "mn": outlet.mn });
    work.tell(Event { kind: "outlet.registered", subject: outlet.id.0, payload });
    Ok(outlet)
}
