//! Published figures: sessions of Hubei's exchange, to the fen. The papers tell quantities, highest prices and sums; the bidders' own
//! prices are made up so that they give these, on the published grid of base price and steps of 50.

use super::stage::{CLOSES, OPENS, Session, it_is, time_passes};
use crate::support::World;
use crate::support::world::{Enterprise, TONGCHENG};
use accounting::{Measure, Money, Price, Quantity};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::HashMap;

/// A lot: pollutant, quantity, base price, and who bids which price for how much of it.
struct Lot {
    pollutant: &'static str,
    quantity: &'static str,
    base: &'static str,
    bids: &'static [(usize, &'static str, &'static str)],
}

fn fen(text: &str) -> i64 {
    Money::parse(text).unwrap().fen()
}

/// Bids in the open, confirms, and gives what each pollutant brought: tonnes, fen, highest price in fen.
async fn held(
    world: &World,
    bidders: &[Enterprise],
    lots: &[(&Enterprise, Lot)],
) -> HashMap<&'static str, (Decimal, i64, i64)> {
    let session = Session::planned(world, "ascending", &[("bid_step", "50.00")]).await;
    let mut ids = Vec::new();
    for (seller, lot) in lots {
        ids.push(session.lot(seller, &format!("{} t {}", lot.quantity, lot.pollutant), lot.base).await);
    }
    session.exchange(world, "/announce").await.granted();
    for ((_, lot), id) in lots.iter().zip(&ids) {
        for (bidder, _, quantity) in lot.bids {
            session.admits(world, &bidders[*bidder], *id, quantity).await;
        }
    }
    it_is(world, OPENS);
    for ((_, lot), id) in lots.iter().zip(&ids) {
        for (bidder, price, quantity) in lot.bids {
            session.bids(&bidders[*bidder], *id, price, quantity).await.granted();
        }
    }
    it_is(world, CLOSES);
    time_passes(world).await;
    session.exchange(world, "/confirm").await.granted();
    let results = session.list(&world.exchange, "/results?limit=200").await;
    let mut sums: HashMap<&'static str, (Decimal, i64, i64)> = HashMap::new();
    for ((_, lot), id) in lots.iter().zip(&ids) {
        let sum = sums.entry(lot.pollutant).or_default();
        for won in results.iter().filter(|one| one["lot"] == json!(id)) {
            let text = |field: &str| won[field].as_str().unwrap_or_else(|| panic!("{won:#}")).to_owned();
            sum.0 += text("quantity").parse::<Decimal>().unwrap();
            sum.1 += fen(&text("total"));
            sum.2 = sum.2.max(fen(&text("price")));
        }
    }
    let trades = world.auditor.get("/trades?limit=200").await.granted();
    let agreed: i64 =
        trades["items"].as_array().unwrap().iter().map(|trade: &Value| fen(trade["total"].as_str().unwrap())).sum();
    assert_eq!(agreed, sums.values().map(|sum| sum.1).sum::<i64>(), "what was won is what the trades are for");
    world.books_are_right().await;
    sums
}

async fn stage(bidders: usize) -> (World, Vec<Enterprise>) {
    let world = World::new().await;
    for pollutant in ["NH3N", "NOX"] {
        let cap = json!({"area": TONGCHENG, "pollutant": pollutant, "cap": "1000.000", "valid_from": "2022-12-01", "document": "总量控制"});
        world.city_head.post("/capacities", cap).await.granted();
    }
    let mut cast = Vec::new();
    for at in 0..bidders {
        cast.push(world.buyer(&format!("竞买企业{at}"), "2000000.00").await);
    }
    (world, cast)
}

fn assert_sums(sums: &HashMap<&'static str, (Decimal, i64, i64)>, published: &[(&'static str, &str, &str, &str)]) {
    for (pollutant, tonnes, amount, highest) in published {
        assert_eq!(sums[pollutant], (tonnes.parse().unwrap(), fen(amount), fen(highest)), "{pollutant}");
    }
}

/// Xianning's first session (湖北省首次市州级专场): ten enterprises. At steps of 50 from 8,790 no bids in kilograms give the published COD
/// sum to the fen, so that ten of its tonnes are a second seller's, with a base price of 8,800.
#[tokio::test]
async fn xianning_sold_262_712_tonnes_for_2_712_900_yuan() {
    let (world, bidders) = stage(10).await;
    let mill = world.seller("临江纸业", "10.002 t COD").await;
    for holding in ["123.250 t COD", "31.970 t NH3N", "57.670 t SO2", "39.820 t NOX"] {
        world.allocate(&world.reserve, holding).await;
    }
    let reserve = &world.reserve;
    let cod: &[_] = &[
        (0, "28140.00", "1.200"),
        (1, "10240.00", "60.000"),
        (2, "10240.00", "34.498"),
        (3, "10190.00", "20.000"),
        (4, "10190.00", "7.552"),
    ];
    let second: &[_] = &[(5, "8850.00", "4.000"), (6, "8800.00", "6.002")];
    let ammonia: &[_] = &[(2, "20000.00", "3.000"), (7, "16750.00", "22.020"), (8, "16700.00", "6.950")];
    let sulphur: &[_] =
        &[(9, "9290.00", "20.000"), (0, "7790.00", "2.684"), (1, "7740.00", "30.000"), (3, "7740.00", "4.986")];
    let nitrogen: &[_] = &[(4, "9350.00", "12.000"), (5, "7500.00", "12.820"), (6, "7450.00", "15.000")];
    let lots = [
        (reserve, Lot { pollutant: "COD", quantity: "123.250", base: "8790.00", bids: cod }),
        (&mill, Lot { pollutant: "COD", quantity: "10.002", base: "8800.00", bids: second }),
        (reserve, Lot { pollutant: "NH3N", quantity: "31.970", base: "14000.00", bids: ammonia }),
        (reserve, Lot { pollutant: "SO2", quantity: "57.670", base: "3990.00", bids: sulphur }),
        (reserve, Lot { pollutant: "NOX", quantity: "39.820", base: "4000.00", bids: nitrogen }),
    ];
    let sums = held(&world, &bidders, &lots).await;
    assert_sums(
        &sums,
        &[
            ("COD", "133.252", "1370400.00", "28140.00"),
            ("NH3N", "31.970", "544900.00", "20000.00"),
            ("SO2", "57.670", "477500.00", "9290.00"),
            ("NOX", "39.820", "320100.00", "9350.00"),
        ],
    );
    let (tonnes, amount) =
        sums.values().fold((Decimal::ZERO, 0), |(tonnes, amount), sum| (tonnes + sum.0, amount + sum.1));
    assert_eq!((tonnes, amount), ("262.712".parse().unwrap(), fen("2712900.00")));
}

/// Jingzhou, 2016-01-20: four enterprises.
#[tokio::test]
async fn jingzhou_sold_for_188_000_90_yuan() {
    let (world, bidders) = stage(4).await;
    for holding in ["9.195 t COD", "0.298 t NH3N", "12.315 t SO2", "8.392 t NOX"] {
        world.allocate(&world.reserve, holding).await;
    }
    let reserve = &world.reserve;
    let cod: &[_] = &[(0, "10790.00", "3.000"), (1, "10390.00", "0.945"), (2, "10340.00", "5.250")];
    let ammonia: &[_] = &[(3, "15800.00", "0.200"), (1, "15600.00", "0.022"), (0, "15550.00", "0.076")];
    let sulphur: &[_] = &[(2, "4390.00", "1.000"), (3, "4090.00", "7.211"), (0, "4040.00", "4.104")];
    let nitrogen: &[_] = &[(1, "4350.00", "4.000"), (2, "4350.00", "1.872"), (3, "4300.00", "2.520")];
    let lots = [
        (reserve, Lot { pollutant: "COD", quantity: "9.195", base: "8790.00", bids: cod }),
        (reserve, Lot { pollutant: "NH3N", quantity: "0.298", base: "14000.00", bids: ammonia }),
        (reserve, Lot { pollutant: "SO2", quantity: "12.315", base: "3990.00", bids: sulphur }),
        (reserve, Lot { pollutant: "NOX", quantity: "8.392", base: "4000.00", bids: nitrogen }),
    ];
    let sums = held(&world, &bidders, &lots).await;
    assert_sums(
        &sums,
        &[
            ("COD", "9.195", "96473.55", "10790.00"),
            ("NH3N", "0.298", "4685.00", "15800.00"),
            ("SO2", "12.315", "50463.15", "4390.00"),
            ("NOX", "8.392", "36379.20", "4350.00"),
        ],
    );
    assert_eq!(sums.values().map(|sum| sum.1).sum::<i64>(), fen("188000.90"));
}

/// The opening value in Ningxia: 4.048 t at 21,000.
#[test]
fn ningxia_opens_at_85_008_yuan() {
    let quantity = Quantity::parse("4.048", &Measure::tonnes()).unwrap();
    let total = Price::parse("21000.00").unwrap().times(quantity, &Measure::tonnes()).unwrap();
    assert_eq!(total.print(), "85008.00");
}
