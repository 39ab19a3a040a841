//! The readable codes of right classes.

use accounting::right_class::RightClassFault;
use accounting::{Origin, Product, RightClass, Validity};
use jiff::civil::date;

#[test]
fn a_code_tells_pollutant_product_origin_zone_and_validity() {
    let paid = RightClass {
        pollutant: "COD".to_owned(),
        product: Product::MultiYear,
        origin: Origin::Paid,
        zone: "LUSHUI".to_owned(),
        validity: Validity::try_new(date(2021, 1, 1), date(2025, 12, 31)).expect("a validity"),
    };
    assert_eq!(paid.code(), "COD-MULTI-PAID-LUSHUI-20210101-20251231");
    assert_eq!(RightClass::parse("COD-MULTI-PAID-LUSHUI-20210101-20251231"), Ok(paid));

    let surplus = RightClass {
        pollutant: "SO2".to_owned(),
        product: Product::AnnualSurplus { year: 2022 },
        origin: Origin::Free,
        zone: "421200".to_owned(),
        validity: Validity::try_new(date(2022, 1, 1), date(2022, 12, 31)).expect("a validity"),
    };
    assert_eq!(surplus.code(), "SO2-Y2022-FREE-421200-20220101-20221231");
    assert_eq!(RightClass::parse("SO2-Y2022-FREE-421200-20220101-20221231"), Ok(surplus));
}

#[test]
fn what_is_not_a_code_is_refused() {
    let strangers = [
        "",
        "-----",
        "COD",
        "COD-MULTI-PAID-LUSHUI-20210101",
        "COD-MULTI-PAID-LUSHUI-20210101-20251231-X",
        "cod-MULTI-PAID-LUSHUI-20210101-20251231",
        "-MULTI-PAID-LUSHUI-20210101-20251231",
        "COD-multi-PAID-LUSHUI-20210101-20251231",
        "COD-Y22-FREE-LUSHUI-20220101-20221231",
        "COD-Y02022-FREE-LUSHUI-20220101-20221231",
        "COD-Y+202-FREE-LUSHUI-20220101-20221231",
        "COD-2022-FREE-LUSHUI-20220101-20221231",
        "COD-Y２-FREE-LUSHUI-20220101-20221231",
        "COD-MULTI-BOUGHT-LUSHUI-20210101-20251231",
        "COD-MULTI-PAID--20210101-20251231",
        "COD-MULTI-PAID-陆水-20210101-20251231",
        "COD-MULTI-PAID-LU SHUI-20210101-20251231",
        "COD-MULTI-PAID-LUSHUI-20210230-20251231",
        "COD-MULTI-PAID-LUSHUI-20211301-20251231",
        "COD-MULTI-PAID-LUSHUI-2021011-20251231",
        "COD-MULTI-PAID-LUSHUI-2021 101-20251231",
        "COD-MULTI-PAID-LUSHUI-+2021011-20251231",
        "COD-MULTI-PAID-LUSHUI-20210101-20251231 ",
    ];
    for code in strangers {
        assert_eq!(RightClass::parse(code), Err(RightClassFault::Code), "{code:?}");
    }
}

#[test]
fn a_right_cannot_end_before_it_begins() {
    assert_eq!(RightClass::parse("COD-MULTI-PAID-LUSHUI-20251231-20251230"), Err(RightClassFault::Validity));
    assert!(RightClass::parse("COD-MULTI-PAID-LUSHUI-20251231-20251231").is_ok());
    assert_eq!(Validity::try_new(date(2025, 12, 31), date(2025, 12, 30)), Err(RightClassFault::Validity));
}

#[test]
fn both_the_first_and_the_last_day_belong_to_the_validity() {
    let validity = Validity::try_new(date(2021, 1, 1), date(2025, 12, 31)).expect("a validity");
    assert_eq!((validity.from(), validity.to()), (date(2021, 1, 1), date(2025, 12, 31)));
    assert!(validity.contains(date(2021, 1, 1)) && validity.contains(date(2025, 12, 31)));
    assert!(!validity.contains(date(2020, 12, 31)) && !validity.contains(date(2026, 1, 1)));
}
