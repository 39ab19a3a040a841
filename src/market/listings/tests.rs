//! What a listing may become, and what it may not.

use super::*;
use crate::kernel::ids::SiteId;
use jiff::civil::date;
use proptest::prelude::*;

const LAST: Date = date(2022, 12, 22);

fn grams(grams: i64) -> Quantity {
    Quantity::try_new(grams).unwrap()
}

fn draft(quantity: i64, minimum: i64) -> Listing {
    let (site, organisation) = (SiteId::fresh(), OrganisationId::fresh());
    Listing {
        id: ListingId::fresh(),
        seller: Party { site, organisation, area_path: "420000/421200/421222".to_owned() },
        seller_is_reserve: false,
        right_class: RightClassId::fresh(),
        quantity: grams(quantity),
        minimum: grams(minimum),
        unit_price: Price::try_new(879_000).unwrap(),
        price_basis: PriceBasis::PerUnitWholeValidity,
        sold: 0,
        state: ListingState::Draft,
        drafted_by: UserId::fresh(),
        drafted_at: Moment::from_micros(0),
        rulebook: RulebookId::fresh(),
        version: 1,
    }
}

fn opening() -> Opening {
    Opening { by: UserId::fresh(), at: Moment::from_micros(0), last_day: Some(LAST) }
}

fn open(quantity: i64, minimum: i64) -> Listing {
    draft(quantity, minimum).open(opening()).unwrap()
}

fn take(listing: Listing, wanted: i64) -> Result<Listing, MarketRefusal> {
    listing.take(grams(wanted), LAST, &Measure::tonnes())
}

#[test]
fn a_draft_holds_nothing_and_is_opened_once() {
    let listing = draft(5_000_000, 1_000_000);
    assert_eq!((listing.held(), listing.left()), (0, 5_000_000));
    let refusal = MarketRefusal::ListingNotOpen { state: "draft".to_owned() };
    assert_eq!(take(listing.clone(), 1_000_000), Err(refusal.clone()));
    assert_eq!(listing.clone().expire(), Err(refusal));
    let listing = listing.open(opening()).unwrap();
    assert_eq!((listing.held(), listing.version, listing.state.as_str()), (5_000_000, 2, "open"));
    assert!(matches!(listing.open(opening()), Err(MarketRefusal::ListingNotOpen { .. })));
}

#[test]
fn it_is_sold_in_parts_of_the_least_and_the_rest_whole() {
    let listing = take(open(5_000_000, 2_000_000), 2_000_000).unwrap();
    assert_eq!((listing.state.as_str(), listing.held()), ("partly_filled", 3_000_000));
    let little = MarketRefusal::BelowMinimum { minimum: "2.000 t".to_owned() };
    assert_eq!(take(listing.clone(), 1_999_999), Err(little.clone()));
    let short = MarketRefusal::ListingShort { left: "3.000 t".to_owned() };
    assert_eq!(take(listing.clone(), 3_000_001), Err(short));
    let listing = take(listing, 2_000_000).unwrap();
    assert_eq!(take(listing.clone(), 999_999), Err(little));
    let listing = take(listing, 1_000_000).unwrap();
    assert_eq!((listing.state.as_str(), listing.held(), listing.sold), ("filled", 0, 5_000_000));
    assert_eq!(take(listing.clone(), 1), Err(MarketRefusal::ListingNotOpen { state: "filled".to_owned() }));
    assert!(listing.expire().is_err());
}

#[test]
fn nobody_buys_after_the_last_day_though_the_clock_has_not_run() {
    let late = open(5_000_000, 1).take(grams(1), LAST.tomorrow().unwrap(), &Measure::tonnes());
    assert_eq!(late, Err(MarketRefusal::ListingOver { last_day: LAST.to_string() }));
    assert!(take(open(5_000_000, 1), 1).is_ok(), "the last day counts");
    assert_eq!(open(5_000_000, 1).expire().unwrap().state.as_str(), "expired");
}

#[test]
fn only_its_seller_takes_it_back() {
    let listing = open(5_000_000, 1);
    let (seller, other) = (listing.seller.organisation, OrganisationId::fresh());
    assert_eq!(listing.clone().withdraw(other, None), Err(MarketRefusal::NotTheSeller {}));
    let withdrawn = listing.withdraw(seller, Some("改为协议转让".to_owned())).unwrap();
    assert_eq!((withdrawn.state.as_str(), withdrawn.held()), ("withdrawn", 0));
    assert!(withdrawn.state.opening().is_some());
    assert!(withdrawn.withdraw(seller, None).is_err());
    let never = draft(1, 1);
    let seller = never.seller.organisation;
    assert_eq!(never.withdraw(seller, None).unwrap().state.opening(), None);
}

proptest! {
    #[test]
    fn whoever_comes_no_more_is_sold_than_is_there(
        quantity in 1_i64..1_000, least in 1_i64..1_000, wanted in proptest::collection::vec(1_i64..400, 1..20),
    ) {
        let mut listing = open(quantity, least.min(quantity));
        let mut sold = 0;
        for grams in wanted {
            if let Ok(next) = take(listing.clone(), grams) {
                sold += grams;
                prop_assert!(grams >= listing.minimum.grams() || next.left() == 0);
                prop_assert_eq!(next.version, listing.version + 1);
                listing = next;
            }
            prop_assert!(sold <= quantity);
            prop_assert_eq!(listing.held() + sold, quantity);
            prop_assert_eq!(listing.state.as_str() == "filled", sold == quantity);
        }
    }
}
