//! The life of a registered pledge: payouts, versions of its terms, and partial release.

use super::amendments::change::{NewAmendment, NewThing, ThingWish};
use super::amendments::{Amendment, ThingChange, commands as amendments};
use super::api::{PledgeCommand, PledgedRight, act, run};
use super::api_view::{PledgeView, words_of};
use super::cases::Right;
use super::commands::Act;
use super::error::PledgeRefusal;
use super::payouts::commands::{self as payouts, NewPayout};
use super::pledge::Pledge;
use super::queries;
use crate::access::{Action, Caller};
use crate::concerns;
use crate::encumbrance::Binders;
use crate::http::extract::not_found;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Empty, Fields, Filters, Id, Listing, NoFilters, Reply, Shared, Signed};
use crate::kernel::ids::{LienId, PledgeId, RightClassId, SiteId};
use crate::kernel::page::Page;
use crate::kernel::{Failure, Moment};
use crate::parties::words::Words;
use accounting::{Quantity, decimal};
use axum::Extension;
use axum::extract::State;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Most things of one change: as many as one pledge has.
pub(super) const MOST_THINGS: usize = 50;
/// What a yuan has of the smallest unit of money.
const FEN_PER_YUAN: i64 = 100;

/// The operations on the life of a pledge.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(report_payout))
        .routes(routes!(propose_amendment, list_amendments))
        .routes(routes!(agree_amendment))
        .routes(routes!(refuse_amendment))
        .routes(routes!(withdraw_amendment))
        .routes(routes!(release_part_of_pledge))
}

/// A payout to report.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportPayout {
    /// CNY.
    #[schema(example = "1000000.00")]
    pub amount: String,
    /// The day on which it was paid out.
    #[schema(format = Date, example = "2022-03-31")]
    pub paid_on: String,
    /// Percent a year, as the contract has it.
    #[schema(example = "4.35")]
    pub annual_rate: Option<String>,
    /// Your own reference, once for each pledge.
    #[schema(example = "放款2022-0331-01")]
    pub reference: String,
}

/// The rate of a loan in percent a year: at most four decimals, up to a hundred.
fn rate(fields: &mut Fields, text: Option<&str>) -> Option<Decimal> {
    let text = text?;
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let known = |text: &str| {
        let rate: Decimal = text.parse().ok()?;
        (plain && rate.scale() <= 4 && rate <= Decimal::ONE_HUNDRED).then_some(rate)
    };
    fields.word("annual_rate", text, known, &["0.0000 … 100.0000"])
}

/// Report what was paid out on the loan of a registered pledge, as its pledgee.
#[utoipa::path(post, path = "/pledges/{id}/payouts", tag = "pledges", operation_id = "report_payout",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = ReportPayout, security(("bearer" = [])),
    extensions(("x-permission" = json!("register_pledge"))),
    responses((status = 200, description = "Reported", body = PledgeView)))]
async fn report_payout(
    State(shared): State<Shared>,
    Id(pledge): Id<PledgeId>,
    command: Command<ReportPayout>,
) -> Reply<PledgeView> {
    let permit = command.caller.may(Action::RegisterPledge)?;
    let body = &command.body;
    let mut fields = Fields::default();
    let amount = fields.money("amount", &body.amount);
    let paid_on = fields.date("paid_on", &body.paid_on);
    let annual_rate = rate(&mut fields, body.annual_rate.as_deref());
    let reference = fields.text("reference", &body.reference);
    let act = Act { pledge, expected: command.expected };
    let new = amount.zip(paid_on).zip(reference).map(|((amount, paid_on), reference)| NewPayout {
        act,
        amount,
        paid_on,
        annual_rate,
        reference,
    });
    let new = fields.finish(new)?;
    let reported = run(&shared, &permit, &command.key, [new], |work, news| Box::pin(payouts::report(work, news)));
    Ok(Answer::ok(reported.await?))
}

/// What is to become of a thing that is pledged.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendedLien {
    /// Id of a lien of the pledge.
    pub lien: Uuid,
    /// How much more it is to hold; decimal string in the pollutant's unit.
    #[schema(example = "2.500")]
    pub add_quantity: Option<String>,
    /// CNY; what is to rest on it from then on.
    #[schema(example = "230000.00")]
    pub secured: Option<String>,
    /// CNY; what it is worth from then on.
    #[schema(example = "300000.00")]
    pub assessed_value: Option<String>,
}

/// A change of the terms of a registered pledge; what is left out stays as it is.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeAmendment {
    /// Why.
    #[schema(example = "追加质押")]
    pub reason: String,
    /// CNY; the whole loan.
    #[schema(example = "1000000.00")]
    pub principal: Option<String>,
    /// CNY; the part of it that is secured on these rights.
    #[schema(example = "230000.00")]
    pub secured: Option<String>,
    /// Last day of the debt: a later one extends it.
    #[schema(format = Date, example = "2023-09-30")]
    pub debt_to: Option<String>,
    /// Things that are pledged already, each once.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub liens: Vec<AmendedLien>,
    /// Things that come in, each with what is to rest on it and what it was assessed at.
    #[serde(default)]
    #[schema(max_items = 50, example = json!([]))]
    pub rights: Vec<PledgedRight>,
    /// How the values were assessed; where there are any.
    #[schema(example = "market_price")]
    pub valuation_method: Option<String>,
    /// The day of the valuation; where there are any.
    #[schema(format = Date, example = "2022-12-01")]
    pub valued_on: Option<String>,
}

/// The pledge that a change is of, with the words of its things: the change is written in their units.
pub(super) async fn pledge_in_words(
    shared: &Shared,
    caller: &Caller,
    id: PledgeId,
) -> Result<(Pledge, Words), Failure> {
    let pledge = queries::find_pledge(&shared.db, caller, id).await?.ok_or_else(|| not_found("pledge"))?;
    let words = words_of(shared.db.reader(), std::slice::from_ref(&pledge)).await?;
    Ok((pledge, words))
}

/// A list that may be left out, of as many things as a change may have.
pub(super) fn at_most<'a, T>(fields: &mut Fields, name: &str, things: &'a [T]) -> &'a [T] {
    if things.is_empty() { things } else { fields.count(name, things, MOST_THINGS) }
}

/// A quantity of a thing of a pledge; nothing of a lien that the pledge does not have, which the command refuses.
pub(super) fn quantity_of(
    fields: &mut Fields,
    (pledge, words): (&Pledge, &Words),
    (place, lien): (&str, Uuid),
    text: Option<&str>,
) -> Option<Quantity> {
    let lien = pledge.lien(LienId(lien))?;
    let (_, measure) = words.class(lien.right_class).ok()?;
    text.and_then(|text| fields.quantity(&format!("{place}.quantity"), text, measure))
}

impl ProposeAmendment {
    fn read(&self, act: Act, of: (&Pledge, &Words), added: &Words) -> Result<NewAmendment, Failure> {
        let mut fields = Fields::default();
        let reason = fields.passage("reason", &self.reason);
        let mut money = |name: &str, text: Option<&str>| text.and_then(|text| fields.money(name, text));
        let (principal, secured) =
            (money("principal", self.principal.as_deref()), money("secured", self.secured.as_deref()));
        let debt_to = self.debt_to.as_deref().and_then(|text| fields.date("debt_to", text));
        let things = self.things(&mut fields, of);
        let rights = self.rights(&mut fields, added);
        let appraised = self.appraised(&mut fields);
        fields.finish(reason.map(|reason| NewAmendment {
            act,
            reason,
            principal,
            secured,
            debt_to,
            things,
            rights,
            appraised,
        }))
    }

    fn things(&self, fields: &mut Fields, of: (&Pledge, &Words)) -> Vec<ThingWish> {
        let mut things = Vec::new();
        for (at, thing) in at_most(fields, "liens", &self.liens).iter().take(MOST_THINGS).enumerate() {
            let place = format!("liens[{at}]");
            let quantity = quantity_of(fields, of, (&place, thing.lien), thing.add_quantity.as_deref());
            let mut money =
                |name: &str, text: Option<&str>| text.and_then(|text| fields.money(&format!("{place}.{name}"), text));
            let secured = money("secured", thing.secured.as_deref());
            let value = money("assessed_value", thing.assessed_value.as_deref());
            things.push(ThingWish { lien: LienId(thing.lien), quantity, secured, value });
        }
        things
    }

    fn rights(&self, fields: &mut Fields, words: &Words) -> Vec<NewThing> {
        let mut rights = Vec::new();
        for (at, right) in at_most(fields, "rights", &self.rights).iter().take(MOST_THINGS).enumerate() {
            let place = format!("rights[{at}]");
            let class = fields.take(&place, words.class_by_code(&right.right_class));
            let named = class.and_then(|(right_class, measure)| {
                let quantity = fields.quantity(&format!("{place}.quantity"), &right.quantity, &measure)?;
                if right.junior {
                    fields.take::<(), _>(&format!("{place}.junior"), Err(PledgeRefusal::JuniorComesLater {}));
                }
                Some(Right { site: SiteId(right.site), right_class, quantity, is_junior: false })
            });
            let mut money = |name: &str, text: Option<&str>| {
                let place = format!("{place}.{name}");
                let text = fields.take(&place, text.ok_or(PledgeRefusal::PartMissing {}))?;
                fields.money(&place, text)
            };
            let secured = money("secured", right.secured.as_deref());
            let value = money("assessed_value", right.assessed_value.as_deref());
            let thing = named.zip(secured).zip(value);
            rights.extend(thing.map(|((right, secured), value)| NewThing { right, secured, value }));
        }
        rights
    }

    /// How values were assessed is said where there are any, and nowhere else.
    fn appraised(&self, fields: &mut Fields) -> Option<(String, Date)> {
        let has_value = !self.rights.is_empty() || self.liens.iter().any(|thing| thing.assessed_value.is_some());
        if !has_value {
            return None;
        }
        let method = fields.text("valuation_method", self.valuation_method.as_deref().unwrap_or_default());
        method.zip(fields.date("valued_on", self.valued_on.as_deref().unwrap_or_default()))
    }
}

/// Propose a change of the terms of a registered pledge, as its pledgee: a further loan or a repayment, an extension, more rights (补充质押), or other
/// parts. It waits for the pledgor; one is open at a time.
#[utoipa::path(post, path = "/pledges/{id}/amendments", tag = "pledges", operation_id = "propose_amendment",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = ProposeAmendment, security(("bearer" = [])),
    extensions(("x-permission" = json!("register_pledge"))),
    responses((status = 200, description = "Proposed", body = PledgeView)))]
async fn propose_amendment(
    State(shared): State<Shared>,
    Id(pledge): Id<PledgeId>,
    command: Command<ProposeAmendment>,
) -> Reply<PledgeView> {
    let permit = command.caller.may(Action::RegisterPledge)?;
    let (known, words) = pledge_in_words(&shared, &command.caller, pledge).await?;
    let codes: Vec<String> =
        command.body.rights.iter().take(MOST_THINGS).map(|right| right.right_class.clone()).collect();
    let added = Words::of_codes(shared.db.reader(), &codes).await?;
    let act = Act { pledge, expected: command.expected };
    let new = command.body.read(act, (&known, &words), &added)?;
    let proposed = run(&shared, &permit, &command.key, [new], |work, news| Box::pin(amendments::propose(work, news)));
    Ok(Answer::ok(proposed.await?))
}

/// Agree to the open change of a pledge, as its pledgor: judged again, it is the next version of the terms, and what comes in is held.
#[utoipa::path(post, path = "/pledges/{id}/agree-amendment", tag = "pledges", operation_id = "agree_amendment",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("agree_pledge"))),
    responses((status = 200, description = "In force", body = PledgeView)))]
async fn agree_amendment(
    State(shared): State<Shared>,
    Id(id): Id<PledgeId>,
    command: Command<Empty>,
) -> Reply<PledgeView> {
    let agree: PledgeCommand<[Act; 1]> = |work, acts| Box::pin(amendments::agree(work, acts));
    act(&shared, id, &command, Action::AgreePledge, agree).await
}

/// Refuse the open change of a pledge, as its pledgor: the terms stay as they are.
#[utoipa::path(post, path = "/pledges/{id}/refuse-amendment", tag = "pledges", operation_id = "refuse_amendment",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("agree_pledge"))),
    responses((status = 200, description = "Refused", body = PledgeView)))]
async fn refuse_amendment(
    State(shared): State<Shared>,
    Id(id): Id<PledgeId>,
    command: Command<Empty>,
) -> Reply<PledgeView> {
    let refuse: PledgeCommand<[Act; 1]> = |work, acts| Box::pin(amendments::refuse(work, acts));
    act(&shared, id, &command, Action::AgreePledge, refuse).await
}

/// Take the open change of a pledge back, as its pledgee.
#[utoipa::path(post, path = "/pledges/{id}/withdraw-amendment", tag = "pledges", operation_id = "withdraw_amendment",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("register_pledge"))),
    responses((status = 200, description = "Withdrawn", body = PledgeView)))]
async fn withdraw_amendment(
    State(shared): State<Shared>,
    Id(id): Id<PledgeId>,
    command: Command<Empty>,
) -> Reply<PledgeView> {
    let withdraw: PledgeCommand<[Act; 1]> = |work, acts| Box::pin(amendments::withdraw(work, acts));
    act(&shared, id, &command, Action::RegisterPledge, withdraw).await
}

/// What is given up of a thing.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleasedLien {
    /// Id of a lien of the pledge.
    pub lien: Uuid,
    /// How much goes back; decimal string in the pollutant's unit.
    #[schema(example = "2.500")]
    pub quantity: Option<String>,
    /// CNY; what rests on it from then on, where that is less or another part.
    #[schema(example = "180000.00")]
    pub secured: Option<String>,
}

/// A partial release.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleasePart {
    /// Why.
    #[schema(example = "部分还款")]
    pub reason: String,
    /// CNY; what is still owed of the loan, where it is less.
    #[schema(example = "800000.00")]
    pub principal: Option<String>,
    /// CNY; what of it is still secured, where it is less.
    #[schema(example = "180000.00")]
    pub secured: Option<String>,
    /// The things, each once.
    #[schema(min_items = 1, max_items = 50)]
    pub liens: Vec<ReleasedLien>,
}

impl ReleasePart {
    fn read(&self, act: Act, of: (&Pledge, &Words)) -> Result<NewAmendment, Failure> {
        let mut fields = Fields::default();
        let reason = fields.passage("reason", &self.reason);
        let mut money = |name: &str, text: Option<&str>| text.and_then(|text| fields.money(name, text));
        let (principal, secured) =
            (money("principal", self.principal.as_deref()), money("secured", self.secured.as_deref()));
        let mut things = Vec::new();
        for (at, thing) in fields.count("liens", &self.liens, MOST_THINGS).iter().take(MOST_THINGS).enumerate() {
            let place = format!("liens[{at}]");
            let quantity = quantity_of(&mut fields, of, (&place, thing.lien), thing.quantity.as_deref());
            let rests = thing.secured.as_deref().and_then(|text| fields.money(&format!("{place}.secured"), text));
            things.push(ThingWish { lien: LienId(thing.lien), quantity, secured: rests, value: None });
        }
        fields.finish(reason.map(|reason| NewAmendment {
            act,
            reason,
            principal,
            secured,
            debt_to: None,
            things,
            rights: Vec::new(),
            appraised: None,
        }))
    }
}

/// Give a part of the security up, as its pledgee: the grams go back at once, and what is still owed and secured is told. It is a version of the
/// terms of its own. The last gram goes back by the release.
#[utoipa::path(post, path = "/pledges/{id}/release-part", tag = "pledges", operation_id = "release_part_of_pledge",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = ReleasePart, security(("bearer" = [])),
    extensions(("x-permission" = json!("release_pledge"))),
    responses((status = 200, description = "Released in part", body = PledgeView)))]
async fn release_part_of_pledge(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    Id(pledge): Id<PledgeId>,
    command: Command<ReleasePart>,
) -> Reply<PledgeView> {
    let permit = command.caller.may(Action::ReleasePledge)?;
    let (known, words) = pledge_in_words(&shared, &command.caller, pledge).await?;
    let new = command.body.read(Act { pledge, expected: command.expected }, (&known, &words))?;
    let wanted = (binders, [new]);
    let released = run(&shared, &permit, &command.key, wanted, |work, (binders, news)| {
        Box::pin(amendments::release_part(work, *binders, news))
    });
    Ok(Answer::ok(released.await?))
}

concerns!(AmendmentView: Organisation [pledgor, pledgee]);

/// What becomes more or less of a thing.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AmendmentChange)]
pub struct ChangeView {
    /// The lien; a new one of a thing that comes in.
    pub lien: Uuid,
    /// Whether it comes in.
    pub is_new: bool,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// How much more it holds with it, or less below zero; decimal string in the pollutant's unit.
    #[schema(example = "2.500")]
    pub quantity: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// CNY; how much more rests on it, or less below zero.
    #[schema(example = "0.00")]
    pub secured: String,
}

/// A version of the terms of a pledge, or a proposal of one.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Amendment)]
pub struct AmendmentView {
    /// Its identity.
    pub id: Uuid,
    /// The pledge.
    pub pledge: Uuid,
    /// The enterprise whose rights they are.
    pub pledgor: Uuid,
    /// The bank or guarantor.
    pub pledgee: Uuid,
    /// `amendment`, `partial_release`, or `consented_sale` where rights were sold with the pledgee's consent.
    #[schema(example = "amendment", extensions(("x-words" = json!(crate::pledge::amendments::AmendmentKind::WORDS))))]
    pub kind: String,
    /// Which version of the terms it made, from 2; null while it has not.
    #[schema(example = 2)]
    pub number: Option<i64>,
    /// `proposed`, `in_force`, `refused` or `withdrawn`.
    #[schema(example = "in_force", extensions(("x-words" = json!(crate::pledge::amendments::AmendmentState::WORDS))))]
    pub state: String,
    /// Why.
    #[schema(example = "追加质押")]
    pub reason: String,
    /// CNY; the whole loan with it.
    #[schema(example = "1000000.00")]
    pub principal: String,
    /// CNY; what of it is secured with it.
    #[schema(example = "230000.00")]
    pub secured: String,
    /// Last day of the debt with it.
    #[schema(format = Date, example = "2023-09-30")]
    pub debt_to: String,
    /// What becomes of the things.
    pub changes: Vec<ChangeView>,
    /// The user who proposed it.
    pub proposed_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub proposed_at: Moment,
    /// Ids of those of several pledgors who have agreed, while it waits for the others.
    #[schema(example = json!([]))]
    pub agreed: Vec<Uuid>,
    /// The user who agreed, refused or took it back.
    pub decided_by: Option<Uuid>,
    /// When, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Moment>,
}

impl AmendmentView {
    fn of(amendment: Amendment, pledge: &Pledge, words: &Words) -> Result<Self, Failure> {
        let decided = amendment.state.decided();
        let change = |change: &ThingChange| {
            let class = class_of(change, pledge).ok_or_else(|| Failure::bug("a change of no lien of its pledge"))?;
            let (right_class, measure) = words.class(class)?;
            Ok(ChangeView {
                lien: change.lien.0,
                is_new: change.added.is_some(),
                right_class,
                quantity: decimal::print(change.grams, measure.grams_per_unit, measure.decimals),
                unit: measure.unit.clone(),
                secured: decimal::print(change.secured, FEN_PER_YUAN, 2),
            })
        };
        let changes = amendment.changes.things.iter().map(change).collect::<Result<_, Failure>>()?;
        Ok(Self {
            id: amendment.id.0,
            pledge: pledge.id.0,
            pledgor: pledge.pledgor.0,
            pledgee: pledge.pledgee.0,
            kind: amendment.kind.as_str().to_owned(),
            number: amendment.state.number(),
            state: amendment.state.as_str().to_owned(),
            changes,
            reason: amendment.reason,
            principal: amendment.principal.print(),
            secured: amendment.secured.print(),
            debt_to: amendment.debt_to.to_string(),
            proposed_by: amendment.proposed_by.0,
            proposed_at: amendment.proposed_at,
            agreed: amendment.agreements.iter().map(|agreement| agreement.pledgor.0).collect(),
            decided_by: decided.map(|(by, _)| by.0),
            decided_at: decided.map(|(_, at)| at),
        })
    }
}

/// The class of a thing that a change is of: its own when it comes in, or that of its lien.
fn class_of(change: &ThingChange, pledge: &Pledge) -> Option<RightClassId> {
    let held = || pledge.lien(change.lien).map(|lien| lien.right_class);
    change.added.map(|added| added.right_class).or_else(held)
}

/// Versions of the terms of a pledge, and proposals of one, oldest first. The application is version 1 and stands in the pledge itself.
#[utoipa::path(get, path = "/pledges/{id}/amendments", tag = "pledges", operation_id = "list_amendments",
    params(("id" = Uuid, Path, description = "Id of the pledge"), OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_pledges"))),
    responses((status = 200, description = "Versions and proposals, oldest first", body = Listing<AmendmentView>)))]
async fn list_amendments(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<PledgeId>,
    _filters: Filters<NoFilters>,
    Ordered(page): Ordered,
) -> Reply<Listing<AmendmentView>> {
    caller.may(Action::ReadPledges)?;
    let found = queries::list_amendments(&shared.db, &caller, id, &page).await?;
    let (pledge, found) = found.ok_or_else(|| not_found("pledge"))?;
    let changes = || found.items.iter().flat_map(|one| &one.changes.things);
    let classes: Vec<RightClassId> = changes().filter_map(|change| class_of(change, &pledge)).collect();
    let words = Words::of_ids(shared.db.reader(), &classes).await?;
    let view = |one| AmendmentView::of(one, &pledge, &words);
    let items = found.items.into_iter().map(view).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}
