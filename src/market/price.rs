//! The total that a price makes, the one that is agreed, and the deposit on it.

use super::error::MarketRefusal;
use crate::http::Fields;
use crate::rulebook::Rulebook;
use accounting::decimal::DecimalFault;
use accounting::{Measure, Money, Price, PriceBasis, Quantity};

/// Reads what a price is for: the whole validity of the right where nobody says so, as in the papers of Hubei.
pub fn read_price_basis(fields: &mut Fields, word: Option<&str>) -> Option<PriceBasis> {
    match word {
        None => Some(PriceBasis::PerUnitWholeValidity),
        Some(word) => fields.word("price_basis", word, PriceBasis::parse, PriceBasis::WORDS),
    }
}

/// Price × quantity, half up to the fen, once; `price` is for the whole validity.
///
/// # Errors
/// [`MarketRefusal::NothingToPay`], [`MarketRefusal::TotalOutOfRange`].
pub fn product(price: Price, quantity: Quantity, measure: &Measure) -> Result<Money, MarketRefusal> {
    match price.times(quantity, measure) {
        Ok(total) if total.is_zero() => Err(MarketRefusal::NothingToPay {}),
        Ok(total) => Ok(total),
        Err(_) => Err(MarketRefusal::TotalOutOfRange {}),
    }
}

/// The total of a deal: the one that the parties agreed on, where they state one that is as near to price × quantity as the rules allow,
/// to the fen where they allow nothing; else price × quantity.
///
/// # Errors
/// [`MarketRefusal::AmountDiffers`].
pub fn agreed(product: Money, stated: Option<Money>, rulebook: &Rulebook) -> Result<Money, MarketRefusal> {
    let Some(stated) = stated else { return Ok(product) };
    let tolerance = rulebook.amount_tolerance();
    if stated.is_zero() || product.fen().abs_diff(stated.fen()) > tolerance.fen().unsigned_abs() {
        return Err(MarketRefusal::AmountDiffers { product: product.print(), tolerance: tolerance.print() });
    }
    Ok(stated)
}

/// The deposit (保证金): the rulebook's share of the total, or all of it where no share is known.
///
/// # Errors
/// [`DecimalFault`].
pub fn deposit(total: Money, rulebook: &Rulebook) -> Result<Money, DecimalFault> {
    rulebook.deposit_rate().map_or(Ok(total), |rate| total.share(rate))
}

/// What the exchange takes of the total (交易手续费), out of the seller's proceeds; the reserve sells without a fee, and none is taken where no
/// rule asks for one.
///
/// # Errors
/// [`DecimalFault`].
pub fn fee(total: Money, seller_is_reserve: bool, rulebook: &Rulebook) -> Result<Option<Money>, DecimalFault> {
    rulebook.exchange_fee_rate().filter(|_| !seller_is_reserve).map(|rate| total.share(rate)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::RulebookId;
    use crate::rulebook::Rule;
    use jiff::civil::date;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn rulebook(tolerance: Option<&str>) -> Rulebook {
        let rule = Rule { value: tolerance.map(str::to_owned), legal_basis: None };
        let rules = BTreeMap::from([("amount_tolerance".to_owned(), rule)]);
        let effective_from = date(2022, 1, 1);
        Rulebook { id: RulebookId::fresh(), jurisdiction: "420000".to_owned(), version: 1, effective_from, rules }
    }

    fn money(text: &str) -> Money {
        Money::parse(text).unwrap()
    }

    #[test]
    fn the_agreed_total_of_yongning_needs_a_tolerance_and_is_then_kept() {
        let quantity = Quantity::parse("0.066", &Measure::tonnes()).unwrap();
        let product = product(Price::parse("75757").unwrap(), quantity, &Measure::tonnes()).unwrap();
        assert_eq!(product.print(), "4999.96", "4,999.962 half up to the fen");
        let stated = Some(money("5000.00"));
        let differs = |tolerance: &str| {
            Err(MarketRefusal::AmountDiffers { product: "4999.96".to_owned(), tolerance: tolerance.to_owned() })
        };
        assert_eq!(agreed(product, stated, &rulebook(None)), differs("0.00"), "a gap in the rules allows no fen");
        assert_eq!(agreed(product, stated, &rulebook(Some("0.03"))), differs("0.03"));
        assert_eq!(agreed(product, stated, &rulebook(Some("0.04"))), Ok(money("5000.00")));
        assert_eq!(agreed(product, Some(money("4999.92")), &rulebook(Some("0.04"))), Ok(money("4999.92")));
        assert_eq!(agreed(product, None, &rulebook(Some("0.04"))), Ok(product));
        assert_eq!(agreed(product, Some(product), &rulebook(None)), Ok(product));
    }

    proptest! {
        #[test]
        fn what_is_stated_stands_exactly_within_the_tolerance(product in 1_i64..1_000_000, stated in 1_i64..1_000_000, fen in 1_i64..500) {
            let (product, stated) = (Money::try_new(product).unwrap(), Money::try_new(stated).unwrap());
            let tolerance = Money::try_new(fen).unwrap().print();
            let is_near = (product.fen() - stated.fen()).abs() <= fen;
            let agreed = agreed(product, Some(stated), &rulebook(Some(&tolerance)));
            prop_assert_eq!(agreed.ok(), is_near.then_some(stated));
        }
    }
}
