//! What stands on the paper of a certificate, in Chinese and English, and the file that is attached to it.

use super::certificate::Issued;
use crate::kernel::{Failure, Moment};
use crate::ledger::log::proved::Proved;
use crate::paper::{Amount, Fact, Kind, Paper, day_in_chinese, instant_in_words, stamp_of};
use accounting::certificate::{Certificate, CertifiedOrigin};
use accounting::leaf::LeafJournal;
use accounting::{Origin, RightClass, decimal};
use jiff::civil::Date;

/// Names that a certificate does not carry itself.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Of the area.
    pub area: String,
    /// Of the pollutant, in Chinese and English.
    pub pollutant: (String, String),
    /// Of the basin or the city.
    pub zone: String,
}

/// The paper of a certificate, with what proves it, to be checked at an address.
///
/// # Errors
/// A fault of ours: a proof that does not belong to the certificate.
pub fn paper(issued: &Issued, proof: &Proved, names: &Names, public_url: &str) -> Result<Paper, Failure> {
    let certificate = &issued.certificate;
    let journal = LeafJournal::parse(&proof.journal).ok_or_else(|| Failure::bug("a proof without its journal"))?;
    let class = RightClass::parse(&certificate.right_class).map_err(Failure::bug)?;
    let recorded_at = Moment::from_micros(journal.recorded_at);
    let (text, sha256) = (certificate.canonical(), certificate.hash());
    let issued_on: Date = certificate.issued_on.parse().map_err(Failure::bug)?;
    Ok(Paper {
        kind: Kind::Rights,
        number: certificate.number.clone(),
        as_of: as_of(recorded_at),
        stamp: stamp_of(recorded_at)?,
        facts: facts(certificate, &class, names),
        amounts: amounts(certificate),
        lines: certificate.origins.iter().map(|origin| origin_line(certificate, origin)).collect(),
        registry: certificate.registry.clone(),
        issued: (format!("签发日期 {}", day_in_chinese(issued_on)), format!("Issued on {issued_on}")),
        address: format!("{public_url}/api/v1/public/certificates/{}", certificate.number),
        proof: proof.lines("证书摘要 SHA-256", &sha256)?,
        attachment: proof.attachment("ganhe-certificate-proof/1", &text, &sha256)?,
    })
}

fn as_of(at: Moment) -> (String, String) {
    let (zh, en) = instant_in_words(at);
    (
        format!("兹证明：截至{zh}，下列排污权登记于下述排污单位名下。"),
        format!("At {en} the rights below stood in the register in the name of this site."),
    )
}

fn facts(certificate: &Certificate, class: &RightClass, names: &Names) -> Vec<Fact> {
    let fact = |label, value: &str, more: String| Fact { label, value: value.to_owned(), more };
    let permit = certificate.permit.as_ref();
    let permit_valid = permit.map(|permit| format!("有效期 valid {} – {}", permit.valid_from, permit.valid_to));
    let origin = match class.origin {
        Origin::Free => "无偿取得 free of charge",
        Origin::Paid => "有偿取得 paid",
    };
    let validity = class.validity;
    vec![
        fact(
            ("持有单位", "Holder"),
            &certificate.holder,
            format!("统一社会信用代码 Unified social credit code {}", certificate.holder_code),
        ),
        fact(
            ("排污单位", "Site"),
            &certificate.site_name,
            format!("{} · {} ({})", certificate.site_number, names.area, certificate.area),
        ),
        fact(
            ("排污许可证", "Discharge permit"),
            permit.map_or("—", |permit| &permit.number),
            permit_valid.unwrap_or_default(),
        ),
        fact(
            ("污染物", "Pollutant"),
            &format!("{} {}", names.pollutant.0, names.pollutant.1),
            format!("{} · {} ({})", class.pollutant, names.zone, class.zone),
        ),
        fact(("取得方式", "Way of acquisition"), origin, String::new()),
        fact(
            ("有效期", "Validity"),
            &format!("{} – {}", day_in_chinese(validity.from()), day_in_chinese(validity.to())),
            format!("{} – {}", validity.from(), validity.to()),
        ),
        fact(("权利类别", "Class of right"), &certificate.right_class, String::new()),
    ]
}

/// Grams as a decimal with the unit of the certificate.
pub fn print(certificate: &Certificate, grams: i64) -> String {
    let measure = &certificate.measure;
    format!("{} {}", decimal::print(grams, measure.grams_per_unit, measure.decimals), measure.unit)
}

fn amounts(certificate: &Certificate) -> Vec<Amount> {
    let grams = certificate.grams;
    let amount = |label, grams| Amount { label, value: print(certificate, grams) };
    vec![
        amount(("持有总量", "Held in all"), grams.total()),
        amount(("可用", "Free"), grams.available),
        amount(("交易冻结", "Held for trades"), grams.committed),
        amount(("质押", "Pledged"), grams.pledged),
        amount(("司法冻结", "Frozen by a court"), grams.frozen),
    ]
}

fn origin_line(certificate: &Certificate, origin: &CertifiedOrigin) -> String {
    let what = match origin.kind.as_str() {
        "allocation_confirmed" | "usage_fee_paid" | "allocation_part_granted" => "核定 granted",
        "trade_settled" => "交易 bought",
        "opening_balance" | "legacy_transaction" => "移转 taken over",
        "rights_converted" => "延续 renewed",
        "rights_set_aside" | "rights_taken_back" | "rights_bought_back" => "储备 reserved",
        "pledge_enforced" | "freeze_executed" => "处置 enforced",
        "surplus_granted" => "结余 surplus",
        _ => "其他 other",
    };
    let amount = print(certificate, origin.grams);
    format!("{} {what} {amount} · {}", origin.effective_on, origin.leaf_hash)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::kernel::ids::{CertificateId, OrganisationId, RightClassId, SiteId, UserId};
    use accounting::certificate::{CertifiedGrams, CertifiedMeasure, CertifiedPermit};
    use accounting::note::{TreeHead, note_key};
    use uuid::Uuid;

    fn issued() -> Issued {
        let certificate = Certificate {
            number: "CE-2022-000001".to_owned(),
            journal: Uuid::from_u128(1),
            issued_on: "2022-12-01".to_owned(),
            registry: "咸宁市生态环境局".to_owned(),
            site: Uuid::from_u128(2),
            site_number: "SITE-12".to_owned(),
            site_name: "临江纸业通城厂区".to_owned(),
            area: "421222".to_owned(),
            holder: "湖北临江纸业股份有限公司".to_owned(),
            holder_code: "91421222MA0000012X".to_owned(),
            permit: Some(CertifiedPermit {
                number: "PERMIT-12".to_owned(),
                valid_from: "2021-01-01".to_owned(),
                valid_to: "2025-12-31".to_owned(),
            }),
            right_class: "COD-MULTI-PAID-LUSHUI-20210101-20251231".to_owned(),
            measure: CertifiedMeasure { unit: "t".to_owned(), grams_per_unit: 1_000_000, decimals: 3 },
            grams: CertifiedGrams { available: 70_000_000, committed: 10_000_000, pledged: 40_000_000, frozen: 0 },
            origins: vec![CertifiedOrigin {
                kind: "allocation_confirmed".to_owned(),
                effective_on: "2022-12-01".to_owned(),
                grams: 120_000_000,
                leaf_hash: "8".repeat(64),
            }],
        };
        Issued {
            id: CertificateId(Uuid::from_u128(3)),
            site: SiteId(certificate.site),
            organisation: OrganisationId(Uuid::from_u128(4)),
            area_path: "420000/421200/421222".to_owned(),
            right_class: RightClassId(Uuid::from_u128(5)),
            journal: certificate.journal,
            issued_by: UserId(Uuid::from_u128(6)),
            issued_at: Moment::from_micros(1_669_856_400_000_000),
            certificate,
        }
    }

    /// The paper of a certificate of a mill.
    pub fn example() -> Paper {
        let issued = issued();
        let (secret, _) = note_key("ganhe/420000/5e0f3a91", &[7; 32]);
        let origin = "ganhe/420000/5e0f3a91".to_owned();
        let head = TreeHead { origin, size: 1_310, root: [9; 32], extensions: Vec::new() };
        let journal = LeafJournal {
            book: 1,
            id: issued.journal,
            kind: "certificate_issued".to_owned(),
            subject_kind: "certificate".to_owned(),
            subject: issued.id.0,
            subject_version: 1,
            effective_on: "2022-12-01".to_owned(),
            recorded_at: 1_669_856_400_000_000,
            actor: issued.issued_by.0,
            reason: None,
            document_hash: Some(issued.certificate.hash()),
            reverses: None,
            entries: Vec::new(),
        };
        let proof = Proved {
            leaf_hash: accounting::hexadecimal(&journal.hash()),
            journal: journal.canonical(),
            position: 1_204,
            tree_size: 1_310,
            inclusion: vec!["1".repeat(64)],
            checkpoint: head.sign(&[&secret]).unwrap(),
            origins: Vec::new(),
        };
        let pollutant = ("化学需氧量".to_owned(), "Chemical oxygen demand".to_owned());
        let names = Names { area: "通城县".to_owned(), pollutant, zone: "陆水".to_owned() };
        paper(&issued, &proof, &names, "https://ganhe.example").unwrap()
    }

    #[test]
    fn amounts_stand_with_their_unit_and_the_encumbered_ones_each_alone() {
        let paper = example();
        let values: Vec<&str> = paper.amounts.iter().map(|amount| amount.value.as_str()).collect();
        assert_eq!(values, ["120.000 t", "70.000 t", "10.000 t", "40.000 t", "0.000 t"]);
        assert_eq!(paper.as_of.0, "兹证明：截至2022年12月01日 09:00:00，下列排污权登记于下述排污单位名下。");
        assert_eq!(paper.address, "https://ganhe.example/api/v1/public/certificates/CE-2022-000001");
        assert!(paper.lines[0].starts_with("2022-12-01 核定 granted 120.000 t · 8888"));
    }
}
