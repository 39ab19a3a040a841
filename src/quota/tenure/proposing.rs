//! Proposing an act on rights. Nothing moves yet, but everything is judged.

use super::carrying::journal;
use super::cases;
use super::commands::{notify, task, tell};
use super::error::TenureRefusal;
use super::judge::{Case, Stage, judge};
use super::right_act::{Cause, Kind, Receiver, RightAct, State, What};
use super::store;
use crate::access::Scope;
use crate::db::Work;
use crate::decisions;
use crate::encumbrance::Binders;
use crate::kernel::Failure;
use crate::kernel::ids::{RightActId, RightClassId, SiteId};
use crate::ledger;
use crate::parties::{PartyRefusal, Pollutant, Site, queries, reference};
use crate::quota::judge::class_for;
use crate::rulebook::{self, Rulebook};
use accounting::{AccountKey, Journal, JournalKind, Money, Origin, Quantity, RightClass, Validity};
use std::collections::HashMap;

/// An act to propose.
#[derive(Debug, Clone)]
pub struct NewRightAct {
    /// At which site: the reserve's when rights are set aside.
    pub site: SiteId,
    /// How much.
    pub quantity: Quantity,
    /// Why.
    pub cause: Cause,
    /// Number of the document it rests on.
    pub document: String,
    /// What is done.
    pub what: NewWhat,
}

/// What is proposed.
#[derive(Debug, Clone)]
pub enum NewWhat {
    /// To give rights of a class up.
    Surrender(RightClassId),
    /// To vary rights of a class downward.
    Variation(RightClassId),
    /// To take rights of a class back.
    TakeBack {
        /// Of which class.
        right_class: RightClassId,
        /// Where they go.
        reserve: SiteId,
    },
    /// To buy rights of a class back.
    BuyBack {
        /// Of which class.
        right_class: RightClassId,
        /// Where they go.
        reserve: SiteId,
        /// The price of the whole.
        total: Money,
    },
    /// To set rights of a new or known class aside.
    SetAside {
        /// Of which pollutant.
        pollutant: String,
        /// Free or paid.
        origin: Origin,
        /// First and last day.
        validity: Validity,
        /// Basin or city.
        zone: String,
    },
    /// To renew rights of a class.
    Renewal {
        /// Of which class.
        right_class: RightClassId,
        /// The first and the last day of the new validity.
        validity: Validity,
        /// What is confirmed for it; all of the quantity when absent.
        confirmed: Option<Quantity>,
    },
}

impl NewWhat {
    fn kind(&self) -> Kind {
        match self {
            Self::Surrender(_) => Kind::Surrender,
            Self::Variation(_) => Kind::Variation,
            Self::TakeBack { .. } => Kind::TakeBack,
            Self::BuyBack { .. } => Kind::BuyBack,
            Self::SetAside { .. } => Kind::SetAside,
            Self::Renewal { .. } => Kind::Renewal,
        }
    }

    fn known_class(&self) -> Option<RightClassId> {
        match self {
            Self::Surrender(right_class)
            | Self::Variation(right_class)
            | Self::TakeBack { right_class, .. }
            | Self::BuyBack { right_class, .. }
            | Self::Renewal { right_class, .. } => Some(*right_class),
            Self::SetAside { .. } => None,
        }
    }

    fn receiver(&self) -> Option<SiteId> {
        match self {
            Self::TakeBack { reserve, .. } | Self::BuyBack { reserve, .. } => Some(*reserve),
            _ => None,
        }
    }
}

/// What the proposals name.
struct Named {
    sites: HashMap<SiteId, Site>,
    pollutants: HashMap<String, Pollutant>,
    classes: HashMap<RightClassId, RightClass>,
}

impl Named {
    async fn load(work: &Work, news: &[NewRightAct]) -> Result<Self, Failure> {
        let receivers = news.iter().filter_map(|new| new.what.receiver());
        let ids: Vec<SiteId> = news.iter().map(|new| new.site).chain(receivers).collect();
        let sites = queries::known_sites(work.connection(), &ids).await?;
        let pollutants = queries::pollutants(work.connection()).await?;
        let ids: Vec<RightClassId> = news.iter().filter_map(|new| new.what.known_class()).collect();
        let found = queries::classes_by_id(work.connection(), &ids).await?;
        let classes = found.into_iter().map(|(id, record)| (id, record.class)).collect();
        Ok(Self { sites, pollutants, classes })
    }

    fn site(&self, id: SiteId) -> Result<&Site, PartyRefusal> {
        self.sites.get(&id).ok_or(PartyRefusal::UnknownSite {})
    }

    /// The class that has to be opened for an act: that of what is set aside, or the one that rights are renewed into.
    fn opened(&self, new: &NewRightAct) -> Result<Option<RightClass>, Failure> {
        match &new.what {
            NewWhat::SetAside { pollutant, origin, validity, zone } => {
                let unknown = || PartyRefusal::UnknownPollutant { code: pollutant.clone() };
                let pollutant = self.pollutants.get(pollutant).ok_or_else(unknown)?;
                let site = self.site(new.site)?;
                Ok(Some(class_for(site, pollutant, *origin, *validity, Some(zone))?))
            }
            NewWhat::Renewal { right_class, validity, .. } => {
                let unknown = || PartyRefusal::UnknownRightClass { code: right_class.to_string() };
                let old = self.classes.get(right_class).ok_or_else(unknown)?;
                Ok(Some(RightClass { validity: *validity, ..old.clone() }))
            }
            _ => Ok(None),
        }
    }
}

/// Proposes acts on rights: a bureau those in its area, the reserve what it buys or keeps, an enterprise those of its own sites.
///
/// # Errors
/// [`TenureRefusal::NotYourSite`], [`TenureRefusal::ByBureauOnly`], [`PartyRefusal::OutsideArea`], [`PartyRefusal::UnknownSite`], and every
/// broken rule at once.
pub async fn propose(work: &mut Work, binders: Binders, news: &[NewRightAct]) -> Result<Vec<RightAct>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let named = Named::load(work, news).await?;
    for new in news {
        expect_proposer(work, new, &named)?;
    }
    let acts = draft(work, news, &named, &rulebook).await?;
    let mut cases = cases::load(work, binders, &acts).await?;
    let accounts: Vec<AccountKey> =
        acts.iter().zip(&cases).flat_map(|(act, case)| cases::accounts_of(act, case)).collect();
    let books = ledger::balances_under_lock(work, &accounts).await?;
    for (act, case) in acts.iter().zip(&mut cases) {
        cases::fill(case, act, &books);
    }
    let by_bureau = matches!(work.caller().scope(), Scope::Area { .. });
    refuse_broken(work, &acts, &cases, &rulebook, Stage::Proposed { by_bureau })?;
    store::insert(work, &acts).await?;
    let mut journals: Vec<Journal> =
        acts.iter().map(|act| journal(work.today(), JournalKind::RightActProposed, act, Vec::new())).collect();
    journals.extend(notify(work, binders, &acts, &cases, &rulebook).await?);
    ledger::post(work, &journals).await?;
    for act in acts.iter().filter(|act| act.waits_for_bureau()) {
        decisions::open(work, &rulebook.rules_of(act.kind().as_str()), &[task(act)]).await?;
    }
    tell(work, "right_act.proposed", &acts);
    Ok(acts)
}

/// Refuses a batch in which any rule is broken, telling all of them.
pub(super) fn refuse_broken(
    work: &Work,
    acts: &[RightAct],
    cases: &[Case],
    rulebook: &Rulebook,
    stage: Stage,
) -> Result<(), Failure> {
    let (mut kind, mut violations) = (None, Vec::new());
    for (at, (act, case)) in acts.iter().zip(cases).enumerate() {
        let place = if acts.len() > 1 { format!("items[{at}]") } else { String::new() };
        let broken = judge(act, case, rulebook, work.today(), stage);
        kind = kind.or_else(|| broken.first().map(|(kind, _)| *kind));
        violations.extend(broken.into_iter().map(|(_, violation)| violation.within(&place)));
    }
    kind.map_or(Ok(()), |kind| Err(Failure { kind, violations, source: None }))
}

/// Who may propose what: an enterprise of its own sites, the reserve for itself, a bureau in its area.
fn expect_proposer(work: &Work, new: &NewRightAct, named: &Named) -> Result<(), Failure> {
    let site = named.site(new.site)?;
    let caller = work.caller();
    if matches!(caller.scope(), Scope::Area { .. }) {
        let is_inside = caller.covers(&site.area_path);
        return if is_inside { Ok(()) } else { Err(PartyRefusal::OutsideArea { area: site.name.clone() }.into()) };
    }
    let own = |site: &Site| site.organisation == caller.organisation;
    match new.what.kind() {
        Kind::Surrender | Kind::Renewal | Kind::SetAside if own(site) => Ok(()),
        Kind::BuyBack => match new.what.receiver().map(|reserve| named.site(reserve)).transpose()? {
            Some(reserve) if own(reserve) => Ok(()),
            _ => Err(TenureRefusal::NotYourSite {}.into()),
        },
        Kind::TakeBack | Kind::Variation => Err(TenureRefusal::ByBureauOnly {}.into()),
        Kind::Surrender | Kind::Renewal | Kind::SetAside | Kind::Expiry => Err(TenureRefusal::NotYourSite {}.into()),
    }
}

async fn draft(
    work: &Work,
    news: &[NewRightAct],
    named: &Named,
    rulebook: &Rulebook,
) -> Result<Vec<RightAct>, Failure> {
    let opened = news.iter().map(|new| named.opened(new)).collect::<Result<Vec<_>, _>>()?;
    let wanted: Vec<RightClass> = opened.iter().flatten().cloned().collect();
    let records = if wanted.is_empty() { HashMap::new() } else { reference::open_classes(work, &wanted).await? };
    let mut acts = Vec::with_capacity(news.len());
    for (new, opened) in news.iter().zip(&opened) {
        let site = named.site(new.site)?;
        let record = opened.as_ref().and_then(|class| records.get(&class.code())).map(|record| record.id);
        let missing = || Failure::bug("a class was not opened");
        let right_class = new.what.known_class().or(record).ok_or_else(missing)?;
        acts.push(RightAct {
            id: RightActId::fresh(),
            what: what_of(new, named, record)?,
            cause: new.cause,
            site: site.id,
            organisation: site.organisation,
            area_path: site.area_path.clone(),
            right_class,
            quantity: new.quantity,
            document: Some(new.document.clone()),
            proposed_by: work.caller().user,
            proposer: work.caller().organisation,
            proposed_at: work.now(),
            state: State::Proposed,
            rulebook: rulebook.id,
            version: 1,
        });
    }
    Ok(acts)
}

fn what_of(new: &NewRightAct, named: &Named, opened: Option<RightClassId>) -> Result<What, Failure> {
    let receiver = |site: SiteId| -> Result<Receiver, PartyRefusal> {
        let found = named.site(site)?;
        Ok(Receiver { site, organisation: found.organisation })
    };
    Ok(match &new.what {
        NewWhat::Surrender(_) => What::Surrender,
        NewWhat::Variation(_) => What::Variation,
        NewWhat::TakeBack { reserve, .. } => What::TakeBack { reserve: receiver(*reserve)? },
        NewWhat::BuyBack { reserve, total, .. } => {
            What::BuyBack { reserve: receiver(*reserve)?, total: *total, agreed: None }
        }
        NewWhat::SetAside { .. } => What::SetAside,
        NewWhat::Renewal { validity, confirmed, .. } => What::Renewal {
            into: opened.ok_or_else(|| Failure::bug("a class was not opened"))?,
            from: validity.from(),
            confirmed: confirmed.unwrap_or(new.quantity),
        },
    })
}
