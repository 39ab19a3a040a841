//! Figures of the market, summed from smallest units; pure.

use crate::kernel::cycle::{Cycle, Period};
use accounting::Measure;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasher;
use uuid::Uuid;

/// What was settled in a period of a pollutant, in an area, by a mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodLine {
    /// The period: that of the records, or one within it.
    pub period: Period,
    /// Code of the pollutant.
    pub pollutant: String,
    /// Path of the area.
    pub area_path: String,
    /// The mode.
    pub mode: String,
    /// Grams.
    pub volume: i64,
    /// Fen.
    pub turnover: i64,
    /// How many trades.
    pub trades: i64,
    /// Fen per display unit.
    pub lowest: i64,
    /// Fen per display unit.
    pub highest: i64,
}

/// Who took part in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodParty {
    /// The period: that of the records, or one within it.
    pub period: Period,
    /// Code of the pollutant.
    pub pollutant: String,
    /// Path of the area.
    pub area_path: String,
    /// The mode.
    pub mode: String,
    /// Whether as buyer; else as seller.
    pub is_buyer: bool,
    /// Who.
    pub party: Uuid,
}

/// Figures of a market, or of a part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Grams.
    pub volume: i128,
    /// Fen.
    pub turnover: i128,
    /// How many trades.
    pub trades: i128,
    /// Lowest and highest price in fen per display unit.
    pub prices: Option<(i64, i64)>,
    /// Who bought.
    pub buyers: BTreeSet<Uuid>,
    /// Who sold.
    pub sellers: BTreeSet<Uuid>,
}

impl Figures {
    pub(super) fn take_line(&mut self, line: &PeriodLine) {
        self.volume += i128::from(line.volume);
        self.turnover += i128::from(line.turnover);
        self.trades += i128::from(line.trades);
        let (lowest, highest) = self.prices.unwrap_or((line.lowest, line.highest));
        self.prices = Some((lowest.min(line.lowest), highest.max(line.highest)));
    }

    fn take_party(&mut self, party: &PeriodParty) {
        let parties = if party.is_buyer { &mut self.buyers } else { &mut self.sellers };
        parties.insert(party.party);
    }

    fn take_figures(&mut self, other: &Self) {
        self.volume += other.volume;
        self.turnover += other.turnover;
        self.trades += other.trades;
        self.buyers.extend(&other.buyers);
        self.sellers.extend(&other.sellers);
    }

    /// Mean price by volume in fen per display unit: turnover by volume, rounded half-up to the fen, once.
    pub fn mean(&self, measure: &Measure) -> Option<i128> {
        (self.volume > 0).then(|| half_up(self.turnover * i128::from(measure.grams_per_unit), self.volume))
    }

    /// Everybody who bought or sold, each once.
    pub fn participants(&self) -> usize {
        self.buyers.union(&self.sellers).count()
    }
}

/// A quotient of numbers that are not negative, rounded half-up.
pub fn half_up(dividend: i128, divisor: i128) -> i128 {
    (dividend * 2 + divisor) / (divisor * 2)
}

/// Which record it is: one for each period, area, pollutant and mode, and one for all modes together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The period.
    pub period: Period,
    /// Path of the area; it counts what lies below, too.
    pub area_path: String,
    /// Code of the pollutant.
    pub pollutant: String,
    /// The mode; all of them when absent.
    pub mode: Option<String>,
}

/// The areas that a path lies in, as far as they are asked for.
fn areas_over<'a>(path: &'a str, asked: &'a BTreeSet<String>) -> impl Iterator<Item = String> + 'a {
    let cuts = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    cuts.map(|at| path[..at].to_owned()).filter(|area| asked.contains(area))
}

/// The records of areas in periods of a cycle.
pub fn records(
    cycle: Cycle,
    areas: &BTreeSet<String>,
    lines: &[PeriodLine],
    parties: &[PeriodParty],
) -> BTreeMap<Key, Figures> {
    let mut records: HashMap<Key, Figures> = HashMap::new();
    let keys = |within: Period, path: &str, pollutant: &str, mode: &str| -> Vec<Key> {
        let period = Period::of(within.first_day(), cycle);
        let of_area = |area_path: String| {
            let key = |mode| Key { period, area_path: area_path.clone(), pollutant: pollutant.to_owned(), mode };
            [key(Some(mode.to_owned())), key(None)]
        };
        areas_over(path, areas).flat_map(of_area).collect()
    };
    for line in lines {
        for key in keys(line.period, &line.area_path, &line.pollutant, &line.mode) {
            records.entry(key).or_default().take_line(line);
        }
    }
    for party in parties {
        for key in keys(party.period, &party.area_path, &party.pollutant, &party.mode) {
            records.entry(key).or_default().take_party(party);
        }
    }
    records.into_iter().collect()
}

/// All pollutants of one unit together, in an area and a period, over all modes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// Summed from smallest units.
    pub figures: Figures,
    /// The total as it is published, in hundredths of the unit: rounded once, from smallest units.
    pub published: i128,
    /// The sum of the pollutants' published volumes, in hundredths of the unit: each rounded by itself.
    pub components: i128,
}

impl Total {
    /// What the published total differs from the sum of the published components, in hundredths of the unit. Rounding explains it:
    /// half a hundredth for each component, and half a hundredth for the total.
    pub fn difference(&self) -> i128 {
        self.published - self.components
    }
}

/// Hundredths of a unit, rounded half-up: as quantities are published.
pub fn hundredths(grams: i128, measure: &Measure) -> i128 {
    half_up(grams * 100, i128::from(measure.grams_per_unit))
}

/// Totals by period, area and unit.
pub fn totals<S: BuildHasher>(
    records: &BTreeMap<Key, Figures>,
    measures: &HashMap<String, Measure, S>,
) -> BTreeMap<(Period, String, String), Total> {
    let mut totals: BTreeMap<(Period, String, String), (Measure, Total)> = BTreeMap::new();
    for (key, figures) in records.iter().filter(|(key, _)| key.mode.is_none()) {
        let Some(measure) = measures.get(&key.pollutant) else { continue };
        let place = (key.period, key.area_path.clone(), measure.unit.clone());
        let empty = || (measure.clone(), Total { figures: Figures::default(), published: 0, components: 0 });
        let (_, total) = totals.entry(place).or_insert_with(empty);
        total.figures.take_figures(figures);
        total.components += hundredths(figures.volume, measure);
    }
    let finish = |(place, (measure, total)): (_, (Measure, Total))| {
        (place, Total { published: hundredths(total.figures.volume, &measure), ..total })
    };
    totals.into_iter().map(finish).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    const TONGCHENG: &str = "420000/421200/421222";
    const CHIBI: &str = "420000/421200/421281";

    fn line(month: &str, pollutant: &str, area: &str, grams: i64, fen: i64) -> PeriodLine {
        PeriodLine {
            period: Period::parse(month).unwrap(),
            pollutant: pollutant.to_owned(),
            area_path: area.to_owned(),
            mode: "negotiated".to_owned(),
            volume: grams,
            turnover: fen,
            trades: 1,
            lowest: 800_000,
            highest: 900_000,
        }
    }

    fn areas(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    fn measures(pollutants: &[&str]) -> HashMap<String, Measure> {
        pollutants.iter().map(|pollutant| ((*pollutant).to_owned(), Measure::tonnes())).collect()
    }

    #[test]
    fn a_trade_counts_in_its_area_and_in_every_area_above() {
        let lines = [
            line("2022-11", "COD", TONGCHENG, 1_000_000, 800_000),
            line("2022-12", "COD", CHIBI, 3_000_000, 2_700_000),
        ];
        let asked = areas(&["420000", "420000/421200", TONGCHENG]);
        let found = records(Cycle::Quarter, &asked, &lines, &[]);
        let volume = |area: &str| {
            let (period, mode) = (Period::parse("2022-Q4").unwrap(), None);
            let key = Key { period, area_path: area.to_owned(), pollutant: "COD".to_owned(), mode };
            found[&key].volume
        };
        assert_eq!((volume("420000"), volume("420000/421200"), volume(TONGCHENG)), (4_000_000, 4_000_000, 1_000_000));
        assert!(!found.keys().any(|key| key.area_path == CHIBI), "it was not asked for");
        let mean = found.values().find(|figures| figures.volume == 4_000_000).unwrap().mean(&Measure::tonnes());
        assert_eq!(mean, Some(875_000));
    }

    #[test]
    fn the_mean_is_of_what_was_agreed_on_and_not_of_the_prices_that_were_stated() {
        // Yongning: 0.066 t at 75,757.00, agreed at 5,000.00 in the place of 4,999.96.
        let agreed =
            PeriodLine { lowest: 7_575_700, highest: 7_575_700, ..line("2022-12", "COD", TONGCHENG, 66_000, 500_000) };
        let mut figures = Figures::default();
        figures.take_line(&agreed);
        assert_eq!(figures.mean(&Measure::tonnes()), Some(7_575_758));
        assert_eq!(figures.prices, Some((7_575_700, 7_575_700)));
    }

    #[test]
    fn a_party_counts_once_however_often_it_trades() {
        let (mill, glass) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let party = |month: &str, is_buyer, party| PeriodParty {
            period: Period::parse(month).unwrap(),
            pollutant: "COD".to_owned(),
            area_path: TONGCHENG.to_owned(),
            mode: "negotiated".to_owned(),
            is_buyer,
            party,
        };
        let parties = [
            party("2022-11", true, mill),
            party("2022-12", true, mill),
            party("2022-12", false, glass),
            party("2022-12", false, mill),
        ];
        let found = records(Cycle::Year, &areas(&["420000"]), &[], &parties);
        let all = found.iter().find(|(key, _)| key.mode.is_none()).unwrap().1;
        assert_eq!((all.buyers.len(), all.sellers.len(), all.participants()), (1, 2, 2));
    }

    #[test]
    fn the_mean_is_rounded_half_up_once() {
        let figures = |volume, turnover| Figures { volume, turnover, ..Figures::default() };
        // 1,000 t for CNY 0.005 a tonne more than nothing: half a fen goes up, less goes down.
        assert_eq!(figures(2_000_000, 1).mean(&Measure::tonnes()), Some(1));
        assert_eq!(figures(2_000_001, 1).mean(&Measure::tonnes()), Some(0));
        assert_eq!(figures(0, 0).mean(&Measure::tonnes()), None);
    }

    #[test]
    fn the_published_total_of_zhejiang_is_a_hundredth_below_the_sum_of_its_published_parts() {
        // 2025Q3 published 797.92 + 86.08 + 1,250.28 + 2,614.54 and the total 4,748.81: kilograms that are rounded so.
        let parts = [("COD", 797_917_000), ("NH3N", 86_078_000), ("SO2", 1_250_277_000), ("NOX", 2_614_537_000)];
        let lines: Vec<PeriodLine> =
            parts.iter().map(|(pollutant, grams)| line("2025-08", pollutant, "420000", *grams, 1)).collect();
        let found = records(Cycle::Quarter, &areas(&["420000"]), &lines, &[]);
        let measures = measures(&["COD", "NH3N", "SO2", "NOX"]);
        let shown: Vec<i128> = parts.iter().map(|(_, grams)| hundredths((*grams).into(), &Measure::tonnes())).collect();
        assert_eq!(shown, [79_792, 8_608, 125_028, 261_454]);
        let totals = totals(&found, &measures);
        let total = totals.values().next().unwrap();
        assert_eq!((total.components, total.published, total.difference()), (474_882, 474_881, -1));
    }

    proptest! {
        #[test]
        fn parts_make_the_whole_whatever_way_it_is_cut(amounts in vec((1_i64..1_000_000_000, 1_i64..1_000_000, 0_usize..2, 1_i8..=12), 0..20)) {
            let lines: Vec<PeriodLine> = amounts.iter().map(|(grams, fen, at, month)| {
                line(&format!("2022-{month:02}"), "COD", [TONGCHENG, CHIBI][*at], *grams, *fen)
            }).collect();
            let sum: i128 = amounts.iter().map(|(grams, ..)| i128::from(*grams)).sum();
            for cycle in [Cycle::Month, Cycle::Quarter, Cycle::Year] {
                for asked in [areas(&["420000"]), areas(&[TONGCHENG, CHIBI])] {
                    let found = records(cycle, &asked, &lines, &[]);
                    let all: i128 = found.iter().filter(|(key, _)| key.mode.is_none()).map(|(_, one)| one.volume).sum();
                    prop_assert_eq!(all, sum);
                }
            }
        }

        #[test]
        fn rounding_explains_every_difference(grams in vec(1_i64..10_000_000_000, 1..5)) {
            let names = ["COD", "NH3N", "SO2", "NOX"];
            let lines: Vec<PeriodLine> =
                grams.iter().zip(names).map(|(grams, name)| line("2022-01", name, "420000", *grams, 1)).collect();
            let found = records(Cycle::Year, &areas(&["420000"]), &lines, &[]);
            let totals = totals(&found, &measures(&names));
            let total = totals.values().next().unwrap();
            let most = i128::try_from(grams.len().div_ceil(2)).unwrap() + 1;
            prop_assert!(total.difference().abs() <= most);
            let exact: i128 = grams.iter().map(|grams| i128::from(*grams)).sum();
            prop_assert_eq!(total.published, hundredths(exact, &Measure::tonnes()));
        }
    }
}
