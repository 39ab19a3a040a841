//! Facts that the checks read.

use super::commands::{self, Correction, Named, NewFact};
use super::error::FactRefusal;
use super::fact::{About, Content, Fact, FactKind, Period, Settled, version};
use super::queries::{self, FactFilter, Told};
use crate::access::Action;
use crate::db::Work;
use crate::decisions::Grounds;
use crate::decisions::api_tasks::read_documents;
use crate::http::answer::one;
use crate::http::concern::{Concerns, Party, Whose};
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Reply, Shared, Signed, Versioned};
use crate::kernel::ids::{FactId, OrganisationId, SiteId};
use crate::kernel::page::PageRequest;
use crate::kernel::{Failure, Moment};
use crate::parties::api_papers::{Pollutants, measure_of, views};
use crate::parties::{PartyRefusal, queries as parties};
use crate::rulebook::kind::is_level;
use accounting::{Measure, Quantity, RightClass};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operations on facts.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(record_fact, list_facts))
        .routes(routes!(find_fact))
        .routes(routes!(correct_fact))
}

/// Every kind of fact, in words.
fn kinds() -> Vec<&'static str> {
    FactKind::ALL.iter().map(|kind| kind.as_str()).collect()
}

/// What a fact says. Which fields there are depends on the kind.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactContent {
    /// `credit_rating` of an enterprise or `park_rating`: `level` and `period`. `major_accident`, `illegal_discharge`,
    /// `major_violation`, `fee_unpaid` of a site: `happened_on`. `over_permit_discharge`: `period`, and `pollutant` where it is of
    /// one alone. `fee_settled`: `happened_on`, and either `right_class` with `quantity`, or `settles`.
    #[schema(example = "credit_rating")]
    pub kind: String,
    /// The level of a rating, in the words of whoever rates.
    #[schema(example = "green")]
    pub level: Option<String>,
    /// Quarter of a credit rating, `2022Q3`; year of a park's rating or of a discharge above the permit, `2022`.
    #[schema(example = "2022Q3")]
    pub period: Option<String>,
    /// The day on which it happened.
    #[schema(format = Date, example = json!(null))]
    pub happened_on: Option<String>,
    /// Code of the pollutant.
    #[schema(example = json!(null))]
    pub pollutant: Option<String>,
    /// Code of the class of free rights whose usage fee was settled.
    #[schema(example = json!(null))]
    pub right_class: Option<String>,
    /// Of how much of them it was settled: a decimal string in the pollutant's unit. Null of what was told before quantities were, which
    /// covers all that the site has of the class.
    #[schema(example = json!(null))]
    pub quantity: Option<String>,
    /// Id of the `fee_unpaid` fact that was settled.
    #[schema(example = json!(null))]
    pub settles: Option<Uuid>,
}

/// Fields of a content: those that a kind needs, and those that it may have.
fn fields_of(kind: FactKind) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        FactKind::CreditRating | FactKind::ParkRating => (&["level", "period"], &[]),
        FactKind::OverPermitDischarge => (&["period"], &["pollutant"]),
        FactKind::FeeSettled => (&["happened_on"], &["right_class", "quantity", "settles"]),
        FactKind::MajorAccident | FactKind::IllegalDischarge | FactKind::MajorViolation | FactKind::FeeUnpaid => {
            (&["happened_on"], &[])
        }
    }
}

impl FactContent {
    fn blank(kind: FactKind) -> Self {
        Self {
            kind: kind.as_str().to_owned(),
            level: None,
            period: None,
            happened_on: None,
            pollutant: None,
            right_class: None,
            quantity: None,
            settles: None,
        }
    }

    fn try_of(kind: FactKind, content: &Content, pollutants: &Pollutants) -> Result<Self, Failure> {
        let mut told = Self::blank(kind);
        match content {
            Content::Incident { on } => told.happened_on = Some(on.to_string()),
            Content::Rating { level, period } => {
                (told.level, told.period) = (Some(level.clone()), Some(period.to_string()));
            }
            Content::OverPermit { period, pollutant } => {
                (told.period, told.pollutant) = (Some(period.to_string()), pollutant.clone());
            }
            Content::Settlement { on, of } => {
                told.happened_on = Some(on.to_string());
                match of {
                    Settled::Rights { right_class, quantity } => {
                        told.right_class = Some(right_class.clone());
                        if let Some(quantity) = quantity {
                            told.quantity = Some(quantity.print(measure_of_class(right_class, pollutants)?));
                        }
                    }
                    Settled::Owed(id) => told.settles = Some(id.0),
                }
            }
        }
        Ok(told)
    }

    fn read(&self, fields: &mut Fields, pollutants: &Pollutants) -> Option<(FactKind, Content)> {
        let kind = fields.word("content.kind", &self.kind, FactKind::parse, &kinds())?;
        self.expect_fields(fields, kind);
        let day = self.happened_on.as_deref().and_then(|text| fields.date("content.happened_on", text));
        let period = self.period.as_deref().and_then(|text| {
            let example = if kind == FactKind::CreditRating { "2022Q3" } else { "2022" };
            let period = Period::parse(text).filter(|period| period.is_quarter() == (kind == FactKind::CreditRating));
            fields.take("content", period.ok_or_else(|| FactRefusal::BadPeriod { example: example.to_owned() }))
        });
        let level = self.level.as_deref().and_then(|text| fields.take("content", level(text)));
        let pollutant = fields.optional_text("content.pollutant", self.pollutant.as_deref());
        let right_class = fields.optional_text("content.right_class", self.right_class.as_deref());
        let quantity = self.read_quantity(fields, pollutants);
        let content = match kind {
            FactKind::CreditRating | FactKind::ParkRating => {
                level.zip(period).map(|(level, period)| Content::Rating { level, period })
            }
            FactKind::OverPermitDischarge => period.map(|period| Content::OverPermit { period, pollutant }),
            FactKind::FeeSettled => {
                let of = right_class.map(|right_class| Settled::Rights { right_class, quantity });
                let of = of.or(self.settles.map(|id| Settled::Owed(FactId(id))));
                day.zip(of).map(|(on, of)| Content::Settlement { on, of })
            }
            FactKind::MajorAccident | FactKind::IllegalDischarge | FactKind::MajorViolation | FactKind::FeeUnpaid => {
                day.map(|on| Content::Incident { on })
            }
        };
        content.map(|content| (kind, content))
    }

    /// How much of the class it is of; of a class that nobody knows, which is refused by the command, nothing can be read.
    fn read_quantity(&self, fields: &mut Fields, pollutants: &Pollutants) -> Option<Quantity> {
        let (text, code) = self.quantity.as_deref().zip(self.right_class.as_deref())?;
        let measure =
            measure_of_class(code, pollutants).map_err(|_| PartyRefusal::UnknownRightClass { code: code.to_owned() });
        let measure = fields.take("content", measure)?;
        fields.quantity("content.quantity", text, measure)
    }

    /// Refuses a field that the kind does not have, and the lack of one that it needs.
    fn expect_fields(&self, fields: &mut Fields, kind: FactKind) {
        let given = [
            ("level", self.level.is_some()),
            ("period", self.period.is_some()),
            ("happened_on", self.happened_on.is_some()),
            ("pollutant", self.pollutant.is_some()),
            ("right_class", self.right_class.is_some()),
            ("quantity", self.quantity.is_some()),
            ("settles", self.settles.is_some()),
        ];
        let (needed, possible) = fields_of(kind);
        let word = kind.as_str().to_owned();
        for (name, is_given) in given {
            let field = format!("content.{name}");
            if is_given && !needed.contains(&name) && !possible.contains(&name) {
                fields.take::<(), _>(&field, Err(FactRefusal::Superfluous { kind: word.clone() }));
            }
            if !is_given && needed.contains(&name) {
                fields.take::<(), _>(&field, Err(FactRefusal::Missing { kind: word.clone() }));
            }
        }
        if kind == FactKind::FeeSettled {
            match (&self.right_class, &self.settles) {
                (None, None) => fields.take::<(), _>("content.right_class", Err(FactRefusal::Missing { kind: word })),
                (Some(_), Some(_)) => fields.take("content.settles", Err(FactRefusal::Superfluous { kind: word })),
                (None, Some(_)) if self.quantity.is_some() => {
                    fields.take("content.quantity", Err(FactRefusal::Superfluous { kind: word }))
                }
                _ => None,
            };
        }
    }
}

/// The measure of the pollutant of a class.
fn measure_of_class<'p>(code: &str, pollutants: &'p Pollutants) -> Result<&'p Measure, Failure> {
    let class = RightClass::parse(code).map_err(Failure::bug)?;
    measure_of(pollutants, &class.pollutant)
}

fn level(text: &str) -> Result<String, FactRefusal> {
    if is_level(text) { Ok(text.to_owned()) } else { Err(FactRefusal::BadLevel {}) }
}

/// A fact, as it was told.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Fact)]
pub struct FactView {
    /// Its identity.
    pub id: Uuid,
    /// The enterprise that it is about, or whose site; null of a park.
    pub organisation: Option<Uuid>,
    /// The site that it is about.
    pub site: Option<Uuid>,
    /// Code of the area that it concerns.
    #[schema(example = "421222")]
    pub area: String,
    /// What it tells.
    #[schema(example = "credit_rating")]
    pub kind: String,
    /// What it says; null when it annuls the fact that it corrects.
    pub content: Option<FactContent>,
    /// Number of the document that proves it.
    #[schema(example = "鄂环信评〔2022〕3号")]
    pub source: String,
    /// SHA-256 of the documents that it rests on.
    pub document_hash: Option<String>,
    /// The fact that it corrects.
    #[schema(example = json!(null))]
    pub corrects: Option<Uuid>,
    /// Why it corrects that one.
    #[schema(example = json!(null))]
    pub reason: Option<String>,
    /// The fact that corrects this one.
    #[schema(example = json!(null))]
    pub corrected_by: Option<Uuid>,
    /// Whether the checks go by it: nothing corrects it, and it says something.
    #[schema(example = true)]
    pub stands: bool,
    /// Who recorded it.
    pub recorded_by: Uuid,
    /// For which organisation.
    pub recorded_for: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Moment,
    /// The version of the rulebook that it was judged by.
    pub rulebook: Uuid,
    /// 1, and 2 once it is corrected.
    pub version: i64,
}

impl Versioned for FactView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl FactView {
    fn try_of(Told { fact, corrected_by }: Told, pollutants: &Pollutants) -> Result<Self, Failure> {
        let site = match fact.about {
            About::Site(site) => Some(site.0),
            About::Organisation(_) | About::Area(_) => None,
        };
        let content = fact.content.as_ref().map(|content| FactContent::try_of(fact.kind, content, pollutants));
        Ok(Self {
            id: fact.id.0,
            organisation: fact.organisation.map(|id| id.0),
            site,
            area: fact.area_path.rsplit('/').next().unwrap_or_default().to_owned(),
            kind: fact.kind.as_str().to_owned(),
            stands: corrected_by.is_none() && fact.content.is_some(),
            content: content.transpose()?,
            source: fact.source,
            document_hash: fact.document_hash,
            corrects: fact.corrects.map(|id| id.0),
            reason: fact.reason,
            corrected_by: corrected_by.map(|id| id.0),
            recorded_by: fact.recorded_by.0,
            recorded_for: fact.recorded_for.0,
            recorded_at: fact.recorded_at,
            rulebook: fact.rulebook.0,
            version: version(corrected_by.is_some()),
        })
    }
}

/// The view of one fact that was just recorded.
async fn recorded(work: &Work, facts: Vec<Fact>) -> Result<FactView, Failure> {
    let pollutants = parties::pollutants(work.connection()).await?;
    one(facts, |fact| FactView::try_of(Told { fact, corrected_by: None }, &pollutants))?
}

impl Concerns for FactView {
    fn concerns(&self, whose: &mut Whose) {
        if let Some(organisation) = self.organisation {
            whose.of([Party::Organisation(organisation)]);
        }
    }
}

/// A fact to record.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordFact {
    /// The enterprise that a credit rating is about.
    pub organisation: Option<Uuid>,
    /// The site that an incident or a fee is about.
    #[schema(example = json!(null))]
    pub site: Option<Uuid>,
    /// Code of the area that a rated park is.
    #[schema(example = json!(null))]
    pub area: Option<String>,
    /// What it says.
    pub content: FactContent,
    /// Number of the document that proves it.
    #[schema(example = "鄂环信评〔2022〕3号")]
    pub source: String,
    /// Ids of documents of your organisation that it rests on.
    #[serde(default)]
    #[schema(example = json!([]))]
    pub documents: Vec<Uuid>,
}

impl RecordFact {
    fn read(&self, pollutants: &Pollutants) -> Result<NewFact, Failure> {
        let mut fields = Fields::default();
        let content = self.content.read(&mut fields, pollutants);
        let source = fields.text("source", &self.source);
        let documents = read_documents(&mut fields, &self.documents);
        let about = content.as_ref().and_then(|(kind, _)| self.read_subject(&mut fields, *kind));
        let grounds = Grounds { reason: None, documents, document_hash: None };
        let read = about.zip(content).zip(source);
        fields.finish(read.map(|((about, (kind, content)), source)| NewFact { about, kind, content, source, grounds }))
    }

    fn read_subject(&self, fields: &mut Fields, kind: FactKind) -> Option<Named> {
        let subject = kind.is_about();
        let named = match (subject, self.organisation, self.site, &self.area) {
            ("organisation", Some(id), None, None) => Some(Named::Organisation(OrganisationId(id))),
            ("site", None, Some(id), None) => Some(Named::Site(SiteId(id))),
            ("area", None, None, Some(code)) => Some(Named::Area(code.clone())),
            _ => None,
        };
        let (kind, wanted) = (kind.as_str().to_owned(), subject.to_owned());
        fields.take(subject, named.ok_or(FactRefusal::WrongSubject { kind, subject: wanted }))
    }
}

/// Record a fact about what lies in your area: how an enterprise or a park was rated, what happened at a site, a usage fee that is
/// owed or settled.
#[utoipa::path(post, path = "/facts", tag = "parties", operation_id = "record_fact", request_body = RecordFact,
    security(("bearer" = [])), extensions(("x-permission" = json!("record_fact"))),
    responses((status = 201, description = "Recorded", body = FactView)))]
async fn record_fact(State(shared): State<Shared>, command: Command<RecordFact>) -> Reply<FactView> {
    let permit = command.caller.may(Action::RecordFact)?;
    let news = [command.body.read(&parties::pollutants(shared.db.reader()).await?)?];
    let told = shared.db.run_once(&permit, &command.key, &news, |work, news| {
        Box::pin(async move {
            let facts = commands::record(work, news).await?;
            recorded(work, facts).await
        })
    });
    Ok(Answer::created(told.await?))
}

/// What is told instead of a fact that was wrong.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectFact {
    /// What stands instead, of the same kind; without it the fact is annulled, because it never was so.
    pub content: Option<FactContent>,
    /// Why.
    #[schema(example = "复核后调整")]
    pub reason: String,
    /// Number of the document that proves it.
    #[schema(example = "鄂环信评〔2022〕5号")]
    pub source: String,
    /// Ids of documents of your organisation that it rests on.
    #[serde(default)]
    #[schema(example = json!([]))]
    pub documents: Vec<Uuid>,
}

impl CorrectFact {
    fn read(&self, fact: FactId, expected: Option<i64>, pollutants: &Pollutants) -> Result<Correction, Failure> {
        let mut fields = Fields::default();
        let content = self.content.as_ref().map(|content| content.read(&mut fields, pollutants));
        let source = fields.text("source", &self.source);
        let reason = fields.reason("reason", &self.reason);
        let documents = read_documents(&mut fields, &self.documents);
        let grounds = Grounds { reason, documents, document_hash: None };
        fields.finish(source.map(|source| Correction { fact, expected, content: content.flatten(), source, grounds }))
    }
}

/// Correct a fact that was told wrongly: a new one stands in its place, or it is annulled. The old one stays in the list.
#[utoipa::path(post, path = "/facts/{id}/correct", tag = "parties", operation_id = "correct_fact",
    params(("id" = Uuid, Path, description = "Id of the fact")), request_body = CorrectFact, security(("bearer" = [])),
    extensions(("x-permission" = json!("record_fact"))),
    responses((status = 201, description = "Corrected; the new fact", body = FactView)))]
async fn correct_fact(
    State(shared): State<Shared>,
    Id(fact): Id<FactId>,
    command: Command<CorrectFact>,
) -> Reply<FactView> {
    let permit = command.caller.may(Action::RecordFact)?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    let wanted = [command.body.read(fact, command.expected, &pollutants)?];
    let corrected = shared.db.run_once(&permit, &command.key, &wanted, |work, wanted| {
        Box::pin(async move {
            let facts = commands::correct(work, wanted).await?;
            recorded(work, facts).await
        })
    });
    Ok(Answer::created(corrected.await?))
}

/// Filters of the facts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FactQuery {
    /// Id of an enterprise: facts about it and about its sites.
    organisation: Option<Uuid>,
    /// Id of a site.
    site: Option<Uuid>,
    /// A kind of fact.
    #[param(example = "credit_rating")]
    kind: Option<String>,
}

/// Facts about your enterprise and its sites; those of its area for a bureau. How parks were rated is for everybody.
#[utoipa::path(get, path = "/facts", tag = "parties", operation_id = "list_facts", params(FactQuery, OrderParams, PagingParams),
    security(("bearer" = [])), extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "Facts in the order in which they were recorded, corrected ones too", body = Listing<FactView>)))]
async fn list_facts(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<FactQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<FactView>> {
    caller.may(Action::ReadParties)?;
    one_of("kind", query.kind.as_deref(), &kinds())?;
    let kind = query.kind.as_deref().and_then(FactKind::parse);
    let filter = FactFilter { subject: query.site, organisation: query.organisation, kind };
    let found = queries::list_facts(shared.db.reader(), &caller.scope(), &filter, &page).await?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    Ok(Answer::plain(views(found, |told| FactView::try_of(told, &pollutants))?))
}

/// A fact that you may see.
#[utoipa::path(get, path = "/facts/{id}", tag = "parties", operation_id = "find_fact",
    params(("id" = Uuid, Path, description = "Id of the fact")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "The fact", body = FactView)))]
async fn find_fact(State(shared): State<Shared>, Signed(caller): Signed, Id(id): Id<FactId>) -> Reply<FactView> {
    caller.may(Action::ReadParties)?;
    let filter = FactFilter::default();
    let found = queries::list_facts(shared.db.reader(), &caller.scope(), &filter, &PageRequest::only(id)).await?;
    let told = found.only(id, |told| told.fact.id.0).ok_or_else(|| not_found("fact"))?;
    Ok(Answer::ok(FactView::try_of(told, &parties::pollutants(shared.db.reader()).await?)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parties::place::founding_pollutants;
    use serde_json::{Value, json};

    fn read(content: &Value) -> Result<(FactKind, Content), Vec<(String, String)>> {
        let body = json!({"site": Uuid::nil(), "content": content, "source": "咸环罚〔2022〕9号"});
        let body: RecordFact = serde_json::from_value(body).unwrap();
        let told = |failure: Failure| {
            let faults = failure.violations.into_iter();
            faults.map(|fault| (fault.field, fault.code.into_owned())).collect()
        };
        let pollutants = founding_pollutants().into_iter().map(|known| (known.code.clone(), known)).collect();
        body.read(&pollutants).map(|new| (new.kind, new.content)).map_err(told)
    }

    #[expect(clippy::needless_pass_by_value, reason = "a body is made where it is read")]
    fn faults(content: Value) -> Vec<(String, String)> {
        read(&content).unwrap_err()
    }

    fn fault(field: &str, code: &str) -> (String, String) {
        (field.to_owned(), code.to_owned())
    }

    #[test]
    fn each_kind_has_its_own_fields() {
        let (kind, content) = read(&json!({"kind": "over_permit_discharge", "period": "2021"})).unwrap();
        assert_eq!(kind, FactKind::OverPermitDischarge);
        assert_eq!(content, Content::OverPermit { period: Period::year(2021).unwrap(), pollutant: None });
        assert!(read(&json!({"kind": "over_permit_discharge", "period": "2021", "pollutant": "COD"})).is_ok());
        assert!(read(&json!({"kind": "major_accident", "happened_on": "2022-03-01"})).is_ok());
        assert!(read(&json!({"kind": "fee_settled", "happened_on": "2022-03-01", "settles": Uuid::nil()})).is_ok());
    }

    #[test]
    fn every_fault_of_a_fact_is_told_at_once_and_where_it_stands() {
        assert_eq!(faults(json!({"kind": "gossip"})), [fault("content.kind", "API_UNKNOWN_WORD")]);
        let told = faults(json!({"kind": "major_accident", "level": "black", "pollutant": "COD"}));
        let expected = [
            fault("content.level", "ORG_FACT_SUPERFLUOUS"),
            fault("content.happened_on", "ORG_FACT_MISSING"),
            fault("content.pollutant", "ORG_FACT_SUPERFLUOUS"),
        ];
        assert_eq!(told, expected);
        let told = faults(json!({"kind": "over_permit_discharge", "period": "2021Q1"}));
        assert_eq!(told, [fault("content.period", "ORG_BAD_PERIOD")]);
        let told = faults(json!({"kind": "fee_settled", "happened_on": "2022-02-30"}));
        let expected = [fault("content.right_class", "ORG_FACT_MISSING"), fault("content.happened_on", "API_NOT_DATE")];
        assert_eq!(told, expected);
        let both =
            json!({"kind": "fee_settled", "happened_on": "2022-03-01", "right_class": "x", "settles": Uuid::nil()});
        assert_eq!(faults(both), [fault("content.settles", "ORG_FACT_SUPERFLUOUS")]);
        let of_owed =
            json!({"kind": "fee_settled", "happened_on": "2022-03-01", "quantity": "1.000", "settles": Uuid::nil()});
        assert_eq!(faults(of_owed), [fault("content.quantity", "ORG_FACT_SUPERFLUOUS")]);
        let class = "COD-MULTI-FREE-LUSHUI-20210101-20251231";
        let of_class = |quantity: &str| json!({"kind": "fee_settled", "happened_on": "2022-03-01", "right_class": class, "quantity": quantity});
        assert_eq!(faults(of_class("1.0000")), [fault("content.quantity", "API_TOO_PRECISE")]);
        let quantity = Some(Quantity::try_new(1_500_000).unwrap());
        let of = Settled::Rights { right_class: class.to_owned(), quantity };
        let (_, content) = read(&of_class("1.500")).unwrap();
        assert_eq!(content, Content::Settlement { on: jiff::civil::date(2022, 3, 1), of });
    }

    #[test]
    fn a_rating_is_of_an_enterprise_and_a_quarter_and_its_level_is_a_plain_word() {
        let told = faults(json!({"kind": "credit_rating", "level": "green", "period": "2022Q3"}));
        assert_eq!(told, [fault("organisation", "ORG_FACT_SUBJECT")], "not of a site");
        let told = faults(json!({"kind": "credit_rating", "level": "A B", "period": "2022"}));
        assert_eq!(told, [fault("content.period", "ORG_BAD_PERIOD"), fault("content.level", "ORG_BAD_CREDIT_LEVEL")]);
        assert!(level("").is_err() && level(&"a".repeat(33)).is_err() && level("level_4").is_ok());
    }
}
