//! What stands on the paper of an extract, in Chinese and English, and the file that is attached to it.

use super::extract::Issued;
use crate::kernel::{Failure, Moment};
use crate::ledger::log::proved::Proved;
use crate::paper::{Amount, Fact, Kind, Paper, day_in_chinese, instant_in_words, stamp_of};
use accounting::certificate::CertifiedMeasure;
use accounting::extract::{
    Encumbrance, EncumbranceKind, ExtractContent, ExtractedParty, ExtractedPledge, ExtractedStock, ExtractedThing,
};
use accounting::{JournalKind, Money, decimal};
use jiff::civil::Date;

/// Most lines that a page has room for; what is beyond them stands in the attached file.
const MOST_LINES: usize = 6;

/// The paper of an extract, with what proves it, to be checked at an address.
///
/// # Errors
/// A fault of ours: a proof that does not belong to the extract.
pub fn paper(issued: &Issued, proof: &Proved, public_url: &str) -> Result<Paper, Failure> {
    let extract = &issued.extract;
    let (text, sha256) = (extract.canonical(), extract.hash());
    let as_of = Moment::from_micros(extract.as_of);
    let (zh, en) = instant_in_words(as_of);
    let issued_on: Date = extract.issued_on.parse().map_err(Failure::bug)?;
    let (kind, said, facts, amounts, lines) = match &extract.content {
        ExtractContent::Pledge(pledge) => (
            Kind::Pledge,
            (
                format!("兹证明：截至{zh}，下列质押登记于登记簿。"),
                format!("At {en} this pledge stood in the register."),
            ),
            pledge_facts(pledge),
            pledge_amounts(pledge)?,
            pledge.things.iter().map(thing_line).collect(),
        ),
        ExtractContent::Search(stock) => (
            Kind::Search,
            (
                format!("兹证明：截至{zh}，下列排污权上的负担如下。"),
                format!("At {en} this, and nothing else, lay on the rights below."),
            ),
            stock_facts(stock, &extract.applicant),
            stock_amounts(stock),
            encumbrance_lines(stock),
        ),
    };
    Ok(Paper {
        kind,
        number: extract.number.clone(),
        as_of: said,
        stamp: stamp_of(as_of)?,
        facts,
        amounts,
        lines: cut(lines),
        registry: extract.registry.clone(),
        issued: (format!("签发日期 {}", day_in_chinese(issued_on)), format!("Issued on {issued_on}")),
        address: format!("{public_url}/api/v1/public/extracts/{}", extract.number),
        proof: proof.lines("证明摘要 SHA-256", &sha256)?,
        attachment: proof.attachment("ganhe-extract-proof/1", &text, &sha256)?,
    })
}

/// As many lines as there is room for, the last of which says how many more there are.
fn cut(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > MOST_LINES {
        let more = lines.len() - (MOST_LINES - 1);
        lines.truncate(MOST_LINES - 1);
        lines.push(format!("另有 {more} 项，见附件 · {more} more in the attached file"));
    }
    lines
}

fn fact(label: (&'static str, &'static str), value: &str, more: String) -> Fact {
    Fact { label, value: value.to_owned(), more }
}

fn party(label: (&'static str, &'static str), party: &ExtractedParty) -> Fact {
    fact(label, &party.name, format!("统一社会信用代码 Unified social credit code {}", party.code))
}

/// Whether a court has ordered its release: the journal of the release says so.
fn is_by_court(pledge: &ExtractedPledge) -> bool {
    let by_court = JournalKind::PledgeReleasedByCourt.as_str();
    pledge.history.iter().any(|event| event.kind == by_court)
}

fn pledge_facts(pledge: &ExtractedPledge) -> Vec<Fact> {
    let (zh, en) = instant_in_words(Moment::from_micros(pledge.registered_at));
    let state = match pledge.state.as_str() {
        "registered" => "有效 in force",
        "defaulted" => "违约，有效 in default",
        "released" if is_by_court(pledge) => "已依法院文书解除 released by order of a court",
        "released" => "已解除 released",
        _ => "已实现 closed by disposal",
    };
    vec![
        fact(("登记编号", "Registration"), &format!("{} · {state}", pledge.pledge), format!("{zh} · {en}")),
        first_of(("出质人", "Pledgor"), &pledge.pledgor, &pledge.further_pledgors),
        first_of(("质权人", "Pledgee"), &pledge.pledgee, &pledge.further_pledgees),
        fact(("合同", "Contracts"), &pledge.loan_contract, terms(pledge)),
        fact(("债务期限", "Term of the debt"), &format!("{} – {}", pledge.debt.0, pledge.debt.1), String::new()),
        fact(
            ("统一登记", "Unified register"),
            pledge.external.as_deref().unwrap_or("—"),
            "动产和权利担保统一登记 Number at the unified register of movables and rights".to_owned(),
        ),
    ]
}

/// A party with the others of its side.
fn first_of(label: (&'static str, &'static str), first: &ExtractedParty, others: &[ExtractedParty]) -> Fact {
    let fact = party(label, first);
    let others = others.iter().map(|other| format!("{} {}", other.name, other.code));
    Fact { more: std::iter::once(fact.more).chain(others).collect::<Vec<_>>().join(" · "), ..fact }
}

/// The pledge contract, and what of it binds others because it is registered.
fn terms(pledge: &ExtractedPledge) -> String {
    let mut said = vec![format!("质押合同 Pledge contract {}", pledge.pledge_contract)];
    let maximum = pledge.maximum.iter();
    said.extend(maximum.map(|(from, to)| format!("最高额质押 maximum-amount pledge, claims of {from} – {to}")));
    if pledge.restricts_transfer {
        said.push("约定不得转让 not to be sold meanwhile".to_owned());
    }
    said.join(" · ")
}

fn pledge_amounts(pledge: &ExtractedPledge) -> Result<Vec<Amount>, Failure> {
    let money = |label, fen| -> Result<Amount, Failure> {
        Ok(Amount { label, value: format!("{} 元", Money::try_new(fen).map_err(Failure::bug)?.print()) })
    };
    Ok(vec![money(("主债权", "Loan"), pledge.principal)?, money(("担保债权", "Secured on this"), pledge.secured)?])
}

fn print(measure: &CertifiedMeasure, grams: i64) -> String {
    format!("{} {}", decimal::print(grams, measure.grams_per_unit, measure.decimals), measure.unit)
}

fn thing_line(thing: &ExtractedThing) -> String {
    let ExtractedThing { site_number, site_name, right_class, measure, grams, .. } = thing;
    let mut line = vec![print(measure, *grams), right_class.clone(), format!("{site_name} {site_number}")];
    if thing.rank > 1 {
        line.push(format!("第 {0} 顺位 rank {0}", thing.rank));
    }
    if thing.waiting > 0 {
        line.push(format!("等待 waiting {}", print(measure, thing.waiting)));
    }
    line.join(" · ")
}

fn stock_facts(stock: &ExtractedStock, applicant: &str) -> Vec<Fact> {
    vec![
        party(("持有单位", "Holder"), &stock.holder),
        fact(("排污单位", "Site"), &stock.site_name, format!("{} · {}", stock.site_number, stock.area)),
        fact(("权利类别", "Class of right"), &stock.right_class, String::new()),
        fact(("申请人", "Applicant"), applicant, String::new()),
    ]
}

fn stock_amounts(stock: &ExtractedStock) -> Vec<Amount> {
    let amount = |label, grams| Amount { label, value: print(&stock.measure, grams) };
    vec![
        amount(("持有总量", "Held in all"), stock.grams.total()),
        amount(("可用", "Free"), stock.grams.available),
        amount(("交易冻结", "Held for trades"), stock.grams.committed),
        amount(("质押", "Pledged"), stock.grams.pledged),
        amount(("司法冻结", "Frozen by a court"), stock.grams.frozen),
    ]
}

fn encumbrance_lines(stock: &ExtractedStock) -> Vec<String> {
    if stock.encumbrances.is_empty() {
        return vec!["无质押、无司法冻结 · No pledge and no court freeze".to_owned()];
    }
    let line = |encumbrance: &Encumbrance| {
        let kind = match encumbrance.kind {
            EncumbranceKind::Pledge => "质押 pledge",
            EncumbranceKind::WaitingPledge => "后顺位质押 waiting pledge",
            EncumbranceKind::Freeze => "司法冻结 freeze",
            EncumbranceKind::WaitingFreeze => "轮候冻结 waiting freeze",
        };
        let (_, since) = instant_in_words(Moment::from_micros(encumbrance.since));
        let grams = print(&stock.measure, encumbrance.grams);
        format!("{since} · {kind} · {grams} · {} · {}", encumbrance.number, encumbrance.party)
    };
    stock.encumbrances.iter().map(line).collect()
}
