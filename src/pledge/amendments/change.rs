//! Putting a change on a pledge: exact steps from the terms in force, and what the pledge is with them.

use super::{AddedThing, Amendment, AmendmentKind, AmendmentState, Changes, KeptAppraisal, ThingChange};
use crate::kernel::Failure;
use crate::kernel::ids::{AmendmentId, LienId, ValuationId};
use crate::pledge::cases::{Ask, Right};
use crate::pledge::commands::Act;
use crate::pledge::error::PledgeRefusal;
use crate::pledge::pledge::{Lien, Pledge, Stamp};
use crate::pledge::valuations::commands::Valuer;
use crate::pledge::valuations::{Appraisal, Valuation};
use accounting::{Holding, Money, Posting, Quantity, recipes};
use jiff::civil::Date;
use std::collections::HashSet;

/// What is to become of a thing that is pledged.
#[derive(Debug, Clone, Copy)]
pub struct ThingWish {
    /// Which.
    pub lien: LienId,
    /// How much more, or in a partial release how much less, it is to hold.
    pub quantity: Option<Quantity>,
    /// What is to rest on it from then on.
    pub secured: Option<Money>,
    /// What it is worth from then on.
    pub value: Option<Money>,
}

/// A thing that is to come in.
#[derive(Debug, Clone, Copy)]
pub struct NewThing {
    /// Which.
    pub right: Right,
    /// What is to rest on it.
    pub secured: Money,
    /// What it was assessed at.
    pub value: Money,
}

/// A change of terms; what is absent stays as it is.
#[derive(Debug, Clone)]
pub struct NewAmendment {
    /// Of which pledge.
    pub act: Act,
    /// Why.
    pub reason: String,
    /// The whole loan.
    pub principal: Option<Money>,
    /// What of it is secured.
    pub secured: Option<Money>,
    /// The last day of the debt.
    pub debt_to: Option<Date>,
    /// Things that are pledged already, each once.
    pub things: Vec<ThingWish>,
    /// Things that come in.
    pub rights: Vec<NewThing>,
    /// How the values were assessed, and when; where there are any.
    pub appraised: Option<(String, Date)>,
}

/// The change in exact steps from the terms in force.
pub(super) fn draft(
    pledge: &Pledge,
    new: &NewAmendment,
    kind: AmendmentKind,
    at: Stamp,
) -> Result<Amendment, PledgeRefusal> {
    let terms = &pledge.terms;
    let secured = new.secured.unwrap_or(terms.secured);
    let sign = if kind == AmendmentKind::PartialRelease { -1 } else { 1 };
    let mut named = HashSet::new();
    let mut things = Vec::with_capacity(new.things.len() + new.rights.len());
    for wish in &new.things {
        if !named.insert(wish.lien) {
            return Err(PledgeRefusal::LienNamedTwice {});
        }
        let lien = pledge.expect_lien(wish.lien)?;
        let rests = lien.secured.map_or(0, Money::fen);
        things.push(ThingChange {
            lien: wish.lien,
            added: None,
            grams: wish.quantity.map_or(0, |quantity| sign * quantity.grams()),
            secured: wish.secured.map_or(0, |secured| secured.fen() - rests),
            value: wish.value.map(Money::fen),
        });
    }
    follow_single(pledge, secured, &new.rights, &mut things);
    for new in &new.rights {
        let stock = (new.right.site, new.right.right_class);
        if pledge.liens.iter().any(|lien| (lien.site, lien.right_class) == stock) {
            return Err(PledgeRefusal::StockPledgedAlready {});
        }
        things.push(ThingChange {
            lien: LienId::fresh(),
            added: Some(AddedThing { site: new.right.site, right_class: new.right.right_class }),
            grams: new.right.quantity.grams(),
            secured: new.secured.fen(),
            value: Some(new.value.fen()),
        });
    }
    let appraised = new
        .appraised
        .as_ref()
        .map(|(method, valued_on)| KeptAppraisal { method: method.clone(), valued_on: valued_on.to_string() });
    let amendment = Amendment {
        id: AmendmentId::fresh(),
        pledge: pledge.id,
        kind,
        reason: new.reason.clone(),
        principal: new.principal.unwrap_or(terms.principal),
        secured,
        debt_to: new.debt_to.unwrap_or(terms.debt_to),
        changes: Changes { things, appraised },
        proposed_by: at.by,
        proposed_at: at.at,
        agreements: Vec::new(),
        state: AmendmentState::Proposed,
        // What comes into force at once is written once, as its first version.
        version: i64::from(kind == AmendmentKind::Amendment),
    };
    let is_same = (amendment.principal, secured, amendment.debt_to) == (terms.principal, terms.secured, terms.debt_to);
    if is_same && amendment.changes.things.is_empty() {
        return Err(PledgeRefusal::NothingAmended {});
    }
    Ok(amendment)
}

/// A single thing bears whatever is secured: nobody needs to say so.
fn follow_single(pledge: &Pledge, secured: Money, rights: &[NewThing], things: &mut Vec<ThingChange>) {
    let ([lien], true) = (pledge.liens.as_slice(), rights.is_empty()) else { return };
    let Some(rests) = lien.secured else { return };
    let by = secured.fen() - rests.fen();
    match things.first_mut() {
        Some(change) => change.secured = by,
        None if by != 0 => {
            things.push(ThingChange { lien: lien.id, added: None, grams: 0, secured: by, value: None });
        }
        None => {}
    }
}

/// A pledge, a change of it, and what it is with it.
pub(super) struct Changed {
    /// As it stands.
    pub before: Pledge,
    /// The change.
    pub amendment: Amendment,
    /// Values of the change: those that it states, and of what is given up in part the old one in proportion.
    pub valuations: Vec<Valuation>,
    /// As it is with the change.
    pub after: Pledge,
    /// Who makes it, when, and in which journal.
    pub at: Stamp,
}

impl Changed {
    /// Puts a change on a pledge: what comes in is a lien that holds nothing yet; its area and consent are filled in once they are known.
    pub(super) fn of(before: &Pledge, amendment: Amendment, pledgee: &str, at: Stamp) -> Result<Self, Failure> {
        let consent = before.liens.first().map(|lien| lien.consent);
        let consent = consent.ok_or_else(|| Failure::bug("a pledge without a lien"))?;
        let mut added = Vec::new();
        for change in &amendment.changes.things {
            let Some(thing) = change.added else { continue };
            added.push(Lien {
                id: change.lien,
                site: thing.site,
                // Its owner, its area and its consent are filled in once they are known.
                pledgor: before.pledgor,
                area_path: before.pledgor_area_path.clone(),
                right_class: thing.right_class,
                consent,
                quantity: Quantity::try_new(change.grams).map_err(Failure::bug)?,
                is_junior: false,
                waits: Vec::new(),
                changed: 0,
                sold: 0,
                secured: Some(Money::try_new(change.secured).map_err(Failure::bug)?),
                valuations: Vec::new(),
                notices: Vec::new(),
            });
        }
        let after = before.clone().changed(&amendment, added)?;
        let valuations = values(&amendment, &after, pledgee, at)?;
        let after = after.with_valuations(&valuations);
        Ok(Self { before: before.clone(), amendment, valuations, after, at })
    }

    /// What the site must have free for it: of things that come in, and more of those that are there.
    pub(super) fn more(&self) -> Vec<(LienId, Right)> {
        let more = self.amendment.changes.things.iter().filter(|change| change.grams > 0);
        let right = |change: &ThingChange| {
            let lien = self.after.lien(change.lien)?;
            let quantity = Quantity::try_new(change.grams).ok()?;
            Some((lien.id, Right { site: lien.site, right_class: lien.right_class, quantity, is_junior: false }))
        };
        more.filter_map(right).collect()
    }

    /// What comes free of which stock.
    pub(super) fn less(&self) -> Vec<(Holding, i64)> {
        let less = self.after.liens.iter().map(|lien| (lien.stock(), self.moved(lien).saturating_neg()));
        less.filter(|(_, grams)| *grams > 0).collect()
    }

    /// What it is judged on: what must be free first, then what is held already.
    pub(super) fn ask(&self) -> Ask<'_> {
        let more = self.more().into_iter().map(|(id, right)| {
            let lien = self.after.lien(id);
            let is_new = !self.before.liens.iter().any(|lien| lien.id == id);
            (right, lien.filter(|_| is_new).and_then(Lien::part))
        });
        let held = self.before.liens.iter().map(|before| {
            let after = self.after.lien(before.id);
            // What it waits for is no less its own: it is not judged anew.
            let right = Right { is_junior: false, ..Right::of(before) };
            (right, after.and_then(Lien::part))
        });
        let (rights, parts) = more.chain(held).unzip();
        Ask {
            pledgor: self.before.pledgor,
            further: self.before.further.iter().map(|further| further.pledgor).collect(),
            pledgee: self.before.pledgee,
            terms: &self.after.terms,
            worth: &self.after.worth,
            rights,
            parts,
            ahead: self.after.ahead(),
        }
    }

    /// Grams that a lien holds more with the change, or less below zero: what it waits for is given up before what it holds.
    fn moved(&self, lien: &Lien) -> i64 {
        let before = self.before.lien(lien.id);
        let held = |lien: &Lien| lien.left().map_or(0, Quantity::grams);
        held(lien) - before.map_or(0, held)
    }

    /// The postings of what comes in, or goes back. What was sold has moved in the journal of its trade.
    pub(super) fn postings(&self) -> Result<Vec<Posting>, Failure> {
        let mut steps = Vec::new();
        if self.amendment.kind == AmendmentKind::ConsentedSale {
            return Ok(steps);
        }
        for lien in &self.after.liens {
            let moved = self.moved(lien);
            let Ok(quantity) = Quantity::try_new(moved.saturating_abs()) else { continue };
            let recipe = if moved > 0 { recipes::pledge } else { recipes::release };
            steps.extend(recipe(lien.stock(), lien.id.into(), quantity)?);
        }
        Ok(steps)
    }
}

/// What a change says that things are worth, and of what is given up in part the old value in proportion.
fn values(amendment: &Amendment, after: &Pledge, pledgee: &str, at: Stamp) -> Result<Vec<Valuation>, Failure> {
    let appraisal = amendment.changes.appraised.as_ref().map(|kept| {
        let valued_on = kept.valued_on.parse().map_err(Failure::bug)?;
        let (method, price_period, expires_on, valuer) = (kept.method.clone(), None, None, None);
        Ok::<_, Failure>(Appraisal { method, price_period, valued_on, expires_on, valuer })
    });
    let appraisal = appraisal.transpose()?;
    let mut new = Vec::new();
    for change in &amendment.changes.things {
        let Some(lien) = after.lien(change.lien) else { continue };
        let Some(left) = lien.claimed() else { continue };
        if let Some((value, appraisal)) = change.value.zip(appraisal.as_ref()) {
            let valuer = Valuer { pledge: after.id, appraisal, pledgee, at };
            new.push(valuer.values((lien, left), Money::try_new(value).map_err(Failure::bug)?, None));
        } else if change.grams < 0
            && let Some(last) = lien.valuation()
        {
            new.push(in_proportion(last, left, lien.secured, at)?);
        }
    }
    Ok(new)
}

/// The old value for what is left, rounded down to the fen; a fen at least, because something is left.
fn in_proportion(last: &Valuation, left: Quantity, secured: Option<Money>, at: Stamp) -> Result<Valuation, Failure> {
    let product = i128::from(last.value.fen()) * i128::from(left.grams()) / i128::from(last.quantity.grams());
    let value = Money::try_new(i64::try_from(product).map_err(Failure::bug)?.max(1)).map_err(Failure::bug)?;
    Ok(Valuation {
        id: ValuationId::fresh(),
        quantity: left,
        value,
        secured: secured.filter(|secured| !secured.is_zero()),
        recorded_by: at.by,
        recorded_at: at.at,
        journal: at.journal,
        ..last.clone()
    })
}
