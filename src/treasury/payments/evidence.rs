//! What the text of a remittance says about whose it is. Only what is written out counts: a name, an amount or a former payment of the
//! same payer is no evidence.

use super::payment::Cause;
use super::trades::NamedTrade;
use crate::kernel::ids::{OrganisationId, TradeId};
use crate::parties::organisation::is_credit_code;
use std::collections::BTreeSet;

/// The letters of a reference: those of credit codes (GB 32100), without what is easily confused.
const LETTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// What a reference begins with.
const PREFIX: &str = "TR";
/// Letters of a reference between its prefix and its check letter: 31^12 of them, so that a million trades share none.
const BODY: usize = 12;
/// Length of a payment code.
const CODE_LENGTH: std::ops::RangeInclusive<usize> = 6..=32;

/// The reference by which a payment names a trade (交易付款编号): made of its id, so that it needs no counter.
pub fn reference_of(trade: TradeId) -> String {
    let base = LETTERS.len() as u128;
    let mut rest = trade.0.as_u128();
    let mut digits = [0_usize; BODY];
    for digit in digits.iter_mut().rev() {
        *digit = usize::try_from(rest % base).unwrap_or_default();
        rest /= base;
    }
    let letters = digits.iter().map(|digit| char::from(LETTERS[*digit]));
    let check = char::from(LETTERS[check_of(&digits)]);
    PREFIX.chars().chain(letters).chain([check]).collect()
}

/// Weighted by powers of three, as in a credit code: one wrong letter and two neighbours that changed places are seen.
fn check_of(digits: &[usize]) -> usize {
    let weighed = digits.iter().fold((0, 1), |(sum, weight), digit| (sum + digit * weight, weight * 3 % LETTERS.len()));
    weighed.0 % LETTERS.len()
}

/// Whether a text is a reference, its check letter right.
pub fn is_payment_reference(text: &str) -> bool {
    let Some(letters) = text.strip_prefix(PREFIX).filter(|letters| letters.len() == BODY + 1) else { return false };
    let digit = |byte| LETTERS.iter().position(|letter| *letter == byte);
    let Some(digits) = letters.bytes().map(digit).collect::<Option<Vec<usize>>>() else { return false };
    check_of(&digits[..BODY]) == digits[BODY]
}

/// Whether a text may be registered as the payment code of an organisation.
pub fn is_payment_code(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    is_plain && CODE_LENGTH.contains(&text.len()) && !is_credit_code(text) && !is_payment_reference(text)
}

/// The words of a text that may be codes: runs of letters and digits in capitals, full-width ones read as plain ones.
pub fn words_of(text: &str) -> BTreeSet<String> {
    let plain: String = text.chars().map(plain).collect();
    let words = plain.split(|char: char| !char.is_ascii_alphanumeric());
    words.filter(|word| CODE_LENGTH.contains(&word.len())).map(str::to_ascii_uppercase).collect()
}

/// `Ａ` as `A`.
fn plain(char: char) -> char {
    match u32::from(char) {
        code @ 0xff01..=0xff5e => char::from_u32(code - 0xfee0).unwrap_or(char),
        _ => char,
    }
}

/// Whose a payment is, as far as its text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// One organisation's, for these trades of it.
    Of {
        /// Whose.
        organisation: OrganisationId,
        /// The trades that it names.
        trades: Vec<TradeId>,
    },
    /// Nobody can say.
    Unclear(Cause),
}

/// Judges what the words of a text have led to: organisations by their codes, and trades by their references.
pub fn judge(organisations: &BTreeSet<OrganisationId>, trades: &[&NamedTrade]) -> Verdict {
    let all: BTreeSet<OrganisationId> =
        organisations.iter().copied().chain(trades.iter().map(|named| named.buyer)).collect();
    let mut all = all.into_iter();
    match (all.next(), all.next()) {
        (None, _) => Verdict::Unclear(Cause::NoEvidence),
        (Some(organisation), None) => {
            Verdict::Of { organisation, trades: trades.iter().map(|named| named.trade).collect() }
        }
        _ => Verdict::Unclear(Cause::Conflicting),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::treasury::payments::Standing;
    use proptest::prelude::*;
    use uuid::Uuid;

    #[test]
    fn a_text_is_read_word_by_word_in_whatever_letters() {
        let words = words_of("付款:tr0123456789ab,附言ＰＡＹ００１２３/x9");
        assert_eq!(words, BTreeSet::from(["TR0123456789AB".to_owned(), "PAY00123".to_owned()]));
        assert!(words_of("货款 2022年").is_empty());
    }

    #[test]
    fn a_code_is_none_that_means_something_else() {
        let reference = reference_of(TradeId::fresh());
        assert!(is_payment_code("880012345678") && is_payment_code("ABC123"));
        for bad in ["", "AB12", "abc123", "ABC-123", "91421222MA49ABCD0X1234567890123456", &reference] {
            assert!(!is_payment_code(bad), "{bad}");
        }
    }

    fn named(buyer: OrganisationId) -> NamedTrade {
        let trade = TradeId::fresh();
        NamedTrade { reference: reference_of(trade), trade, buyer, standing: Standing::NotApproved }
    }

    #[test]
    fn only_what_all_evidence_agrees_on_is_matched() {
        let (mill, glass) = (OrganisationId::fresh(), OrganisationId::fresh());
        let (first, second, other) = (named(mill), named(mill), named(glass));
        let of = |organisation, trades: &[&NamedTrade]| Verdict::Of {
            organisation,
            trades: trades.iter().map(|named| named.trade).collect(),
        };
        assert_eq!(judge(&BTreeSet::new(), &[]), Verdict::Unclear(Cause::NoEvidence));
        assert_eq!(judge(&BTreeSet::from([mill]), &[]), of(mill, &[]));
        assert_eq!(judge(&BTreeSet::new(), &[&first]), of(mill, &[&first]));
        assert_eq!(judge(&BTreeSet::from([mill]), &[&first, &second]), of(mill, &[&first, &second]));
        assert_eq!(judge(&BTreeSet::from([glass]), &[&first]), Verdict::Unclear(Cause::Conflicting));
        assert_eq!(judge(&BTreeSet::from([mill, glass]), &[]), Verdict::Unclear(Cause::Conflicting));
        assert_eq!(judge(&BTreeSet::new(), &[&first, &other]), Verdict::Unclear(Cause::Conflicting));
    }

    proptest! {
        #[test]
        fn every_trade_has_a_reference_and_no_slip_of_one_letter_makes_another(id: u128, at in 2_usize..15, slip in 1_usize..31) {
            let reference = reference_of(TradeId(Uuid::from_u128(id)));
            prop_assert!(is_payment_reference(&reference), "{reference}");
            let text = format!("交易{reference}货款");
            prop_assert!(words_of(&text).contains(&reference));
            let mut slipped = reference.into_bytes();
            let letter = LETTERS.iter().position(|letter| *letter == slipped[at]).unwrap();
            slipped[at] = LETTERS[(letter + slip) % LETTERS.len()];
            let slipped = String::from_utf8(slipped).unwrap();
            prop_assert!(!is_payment_reference(&slipped), "{slipped}");
        }

        #[test]
        fn no_text_makes_the_reading_stumble(text in "\\PC{0,64}") {
            prop_assert!(words_of(&text).iter().all(|word| CODE_LENGTH.contains(&word.len())));
            is_payment_reference(&text);
        }
    }
}
