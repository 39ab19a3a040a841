//! A province of its own on the real database: who owns what, which account a name stands for, and which recipe an act is.

use super::acts::{AREAS, Act, CLASSES, Deal, HOLDS, Hold, RESERVE, SITES, area_of, areas_of};
use super::plain::{Name, Waiting, What, Who};
use crate::books::desk::Desk;
use accounting::recipes::{
    self, AreaMove, BuyBack, CapStanding, Claim, Claimant, Delivery, Enforcement, Held, Payee, Postings, Settlement,
};
use accounting::{
    AccountKey, AssetId, AssetKind, Books, Holding, JournalKind, Money, OwnerId, Purpose, Quantity, SubjectId,
    SubjectKind,
};
use ganhe::kernel::ids;
use ganhe::ledger::{self, Asset, CNY, Owner, OwnerKind};
use std::collections::HashMap;
use uuid::Uuid;

/// Its owners, assets and holds.
pub struct Province {
    owners: HashMap<Who, Uuid>,
    assets: HashMap<What, Uuid>,
    holds: HashMap<usize, Uuid>,
    /// The same, read backwards.
    names: (HashMap<Uuid, Who>, HashMap<Uuid, What>, HashMap<Uuid, usize>),
}

fn backwards<T: Copy>(map: &HashMap<T, Uuid>) -> HashMap<Uuid, T> {
    map.iter().map(|(name, id)| (*id, *name)).collect()
}

fn grams(grams: i64) -> Quantity {
    Quantity::try_new(grams).unwrap()
}

fn fen(fen: i64) -> Money {
    Money::try_new(fen).unwrap()
}

impl Province {
    /// Makes its owners and assets known to the ledger.
    pub async fn found(desk: &Desk) -> Self {
        let sites = (0..SITES).flat_map(|site| [Who::Site(site), Who::Purse(site)]);
        let who = [Who::Book].into_iter().chain((0..AREAS).map(Who::Area)).chain(sites);
        let owners: HashMap<Who, Uuid> = who.map(|who| (who, ids::fresh())).collect();
        let capacities = (0..AREAS).map(|area| (What::Capacity(area), ids::fresh()));
        let classes = (0..CLASSES).map(|class| (What::Class(class), ids::fresh()));
        let assets: HashMap<What, Uuid> = classes.chain(capacities).chain([(What::Money, CNY.0)]).collect();
        let holds: HashMap<usize, Uuid> =
            (0..3 * 10).filter(|hold| hold % 10 < HOLDS).map(|hold| (hold, ids::fresh())).collect();
        let names = (backwards(&owners), backwards(&assets), backwards(&holds));
        let province = Self { owners, assets, holds, names };
        province.register(desk).await;
        province
    }

    async fn register(&self, desk: &Desk) {
        let owner = |(who, id): (&Who, &Uuid)| Owner {
            id: OwnerId(*id),
            kind: match who {
                Who::Book => OwnerKind::Book,
                Who::Area(_) => OwnerKind::Area,
                Who::Site(_) => OwnerKind::Site,
                Who::Purse(_) => OwnerKind::Organisation,
            },
            name: format!("{who:?}"),
            organisation: None,
            area_path: None,
        };
        let asset = |(what, id): (&What, &Uuid)| Asset {
            id: AssetId(*id),
            kind: if matches!(what, What::Class(_)) { AssetKind::Right } else { AssetKind::Capacity },
            code: id.to_string(),
            unit: "g".to_owned(),
            units_per_whole: 1,
            decimals: 0,
        };
        let owners: Vec<Owner> = self.owners.iter().map(owner).collect();
        let own = self.assets.iter().filter(|(what, _)| **what != What::Money);
        let known = (owners, own.map(asset).collect::<Vec<Asset>>());
        desk.db()
            .run(desk.permit(), &known, |work, (owners, assets)| {
                Box::pin(async move {
                    ledger::register_owners(work, owners).await?;
                    ledger::register_assets(work, assets).await
                })
            })
            .await
            .unwrap();
    }

    /// Ids of everybody who owns an account in it.
    pub fn owners(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.owners.values().copied()
    }

    /// The name of an account read from the database.
    pub fn name(&self, owner: Uuid, asset: Uuid, purpose: &str, subject: Option<Uuid>) -> Name {
        let purpose = Purpose::parse(purpose).unwrap().as_str();
        let hold = subject.map(|subject| self.names.2[&subject]);
        Name { who: self.names.0[&owner], what: self.names.1[&asset], purpose, hold }
    }

    /// The name of an account of a posting.
    pub fn name_of(&self, key: &AccountKey) -> Name {
        self.name(key.owner.0, key.asset.0, key.purpose.as_str(), key.subject.map(|subject| subject.0))
    }

    fn key(&self, name: Name) -> AccountKey {
        AccountKey {
            owner: OwnerId(self.owners[&name.who]),
            asset: AssetId(self.assets[&name.what]),
            purpose: Purpose::parse(name.purpose).unwrap(),
            subject: name.hold.map(|hold| SubjectId(self.holds[&hold])),
        }
    }

    fn stock(&self, site: usize, class: usize) -> Holding {
        Holding { owner: OwnerId(self.owners[&Who::Site(site)]), asset: AssetId(self.assets[&What::Class(class)]) }
    }

    fn purse(&self, site: usize) -> Holding {
        Holding { owner: OwnerId(self.owners[&Who::Purse(site)]), asset: CNY }
    }

    fn area(&self, area: usize) -> Holding {
        Holding { owner: OwnerId(self.owners[&Who::Area(area)]), asset: AssetId(self.assets[&What::Capacity(area)]) }
    }

    fn book(&self, what: What) -> Holding {
        Holding { owner: OwnerId(self.owners[&Who::Book]), asset: AssetId(self.assets[&what]) }
    }

    fn trade(&self, deal: &Deal) -> SubjectId {
        SubjectId(self.holds[&deal.trade])
    }

    fn lien(&self, number: usize) -> SubjectId {
        SubjectId(self.holds[&(10 + number)])
    }

    fn freeze(&self, number: usize) -> SubjectId {
        SubjectId(self.holds[&(20 + number)])
    }

    /// The accounts that a command reads before it knows what to post.
    pub fn reads(&self, act: &Act) -> Vec<AccountKey> {
        let areas = (0..AREAS).flat_map(|area| CapStanding::accounts(self.area(area)));
        let held = match act {
            Act::Void(deal) => {
                let stocks = [
                    Some(self.stock(deal.seller, deal.class)),
                    Some(self.purse(deal.buyer)),
                    area_of(deal.buyer).map(|area| self.area(area)),
                ];
                stocks.into_iter().flatten().map(|stock| stock.committed(self.trade(deal))).collect()
            }
            _ => Vec::new(),
        };
        areas.chain(held).collect()
    }

    fn line(&self, behind: SubjectId, line: &[Waiting]) -> Vec<Claim> {
        let claim = |waiting: &Waiting| {
            let subject = SubjectId(self.holds[&waiting.hold]);
            let claimant = if waiting.hold < 20 { Claimant::Junior(subject) } else { Claimant::Freeze(subject) };
            (subject != behind).then_some(Claim { claimant, wanted: grams(waiting.wanted) })
        };
        line.iter().filter_map(claim).collect()
    }

    /// What the recipes post for an act, on books that were read under lock. `line` waits behind the stock it is about.
    pub fn postings(&self, act: &Act, books: &Books, line: &[Waiting]) -> Postings {
        let (money, outside) = (self.book(What::Money), self.book(What::Money).account(Purpose::Outside));
        match *act {
            Act::SetCap { area, cap } => {
                recipes::set_cap(self.area(area), CapStanding::of(books, self.area(area)), cap)
            }
            Act::Allocate { site, class, grams: granted } => {
                let issued = self.book(What::Class(class)).account(Purpose::Issued);
                recipes::allocate(
                    issued,
                    self.stock(site, class),
                    area_of(site).map(|area| self.area(area)),
                    grams(granted),
                )
            }
            Act::Surplus { site, class, grams: granted } => {
                let issued = self.book(What::Class(class)).account(Purpose::Issued);
                recipes::grant_surplus(issued, self.stock(site, class), grams(granted))
            }
            Act::Deposit { site, fen: paid } => recipes::deposit(outside, self.purse(site), fen(paid)),
            Act::Withdraw { site, fen: paid } => recipes::withdraw(outside, self.purse(site), fen(paid)),
            Act::Unmatched { fen: paid } => recipes::receive_unmatched(outside, money, fen(paid)),
            Act::Matched { site, fen: paid } => recipes::match_payment(money, self.purse(site), fen(paid)),
            Act::Hold(_) | Act::Bid(_) | Act::Settle(_) | Act::Void(_) => self.trades(act, books),
            Act::Pledge(hold) => {
                recipes::pledge(self.stock(hold.site, hold.class), self.lien(hold.number), grams(hold.grams))
            }
            Act::Freeze(hold) => {
                recipes::freeze(self.stock(hold.site, hold.class), self.freeze(hold.number), grams(hold.grams))
            }
            Act::Release(hold) | Act::Lift(hold) => self.gives_back(act, hold, line),
            Act::Enforce { .. } | Act::Execute { .. } => self.forced_sales(act),
            Act::Junior(_) | Act::WaitingFreeze(_) | Act::Reverse(_) => Ok(Vec::new()),
            _ => self.tenure(act),
        }
    }

    fn gives_back(&self, act: &Act, hold: Hold, line: &[Waiting]) -> Postings {
        let stock = self.stock(hold.site, hold.class);
        if matches!(act, Act::Release(_)) {
            let lien = self.lien(hold.number);
            recipes::release_in_line(stock, lien, grams(hold.grams), &self.line(lien, line))
        } else {
            let freeze = self.freeze(hold.number);
            recipes::lift_freeze(stock, freeze, grams(hold.grams), &self.line(freeze, line))
        }
    }

    fn area_move(&self, deal: &Deal) -> Option<AreaMove> {
        let (buyer, seller) = areas_of(deal)?;
        Some(AreaMove { buyer: self.area(buyer), seller: seller.map(|area| self.area(area)) })
    }

    fn trades(&self, act: &Act, books: &Books) -> Postings {
        let (Act::Hold(deal) | Act::Bid(deal) | Act::Settle(deal) | Act::Void(deal)) = act else {
            return Ok(Vec::new());
        };
        let (trade, seller, buyer_money) =
            (self.trade(deal), self.stock(deal.seller, deal.class), self.purse(deal.buyer));
        match act {
            Act::Settle(_) => recipes::settle(&Settlement {
                trade,
                seller,
                buyer: self.stock(deal.buyer, deal.class),
                conversion: None,
                quantity: grams(deal.grams),
                buyer_money,
                proceeds: if deal.seller == RESERVE {
                    self.book(What::Money).account(Purpose::Treasury)
                } else {
                    self.purse(deal.seller).available()
                },
                total: fen(deal.fen),
                fee: None,
                areas: self.area_move(deal),
            }),
            Act::Void(_) => {
                let held = |stock: Holding| (stock, books.balance(&stock.committed(trade)));
                let headroom = area_of(deal.buyer).map(|area| held(self.area(area)));
                recipes::void(trade, &Held { rights: Some(held(seller)), money: Some(held(buyer_money)), headroom })
            }
            _ => {
                let mut postings = Vec::new();
                if matches!(act, Act::Hold(_)) {
                    postings.extend(recipes::hold_rights(seller, trade, grams(deal.grams))?);
                }
                postings.extend(recipes::hold_money(buyer_money, trade, fen(deal.fen))?);
                if let Some(areas) = self.area_move(deal) {
                    postings.extend(recipes::hold_headroom(areas.buyer, trade, grams(deal.grams))?);
                }
                Ok(postings)
            }
        }
    }

    fn forced_sales(&self, act: &Act) -> Postings {
        let delivery = |deal: &Deal, from| Delivery {
            trade: self.trade(deal),
            from,
            buyer: self.stock(deal.buyer, deal.class),
            quantity: grams(deal.grams),
            areas: self.area_move(deal),
        };
        match act {
            Act::Enforce { lien, deal, costs, secured } => {
                let from = self.stock(deal.seller, deal.class).pledged(self.lien(*lien));
                let money = self.book(What::Money);
                let payees = [
                    Payee { account: money.account(Purpose::Fees), owed: fen(*costs) },
                    Payee { account: money.account(Purpose::Outside), owed: fen(*secured) },
                ];
                recipes::enforce(&Enforcement {
                    delivery: delivery(deal, from),
                    buyer_money: self.purse(deal.buyer),
                    total: fen(deal.fen),
                    payees: &payees,
                    surplus: self.purse(deal.seller).available(),
                })
            }
            Act::Execute { freeze, deal } => {
                let from = self.stock(deal.seller, deal.class).held(Purpose::Frozen, self.freeze(*freeze));
                recipes::execute_freeze(&delivery(deal, from))
            }
            _ => Ok(Vec::new()),
        }
    }

    fn tenure(&self, act: &Act) -> Postings {
        let area_from = |from: Name| match from.who {
            Who::Site(site) => area_of(site).map(|area| self.area(area)),
            _ => None,
        };
        match *act {
            Act::Surrender { from, grams: ended } => recipes::surrender(self.key(from), area_from(from), grams(ended)),
            Act::Expire { from, grams: ended } => recipes::expire(self.key(from), area_from(from), grams(ended)),
            Act::TakeBack { from, grams: taken } => {
                let What::Class(class) = from.what else { return Ok(Vec::new()) };
                recipes::take_back(self.key(from), self.stock(RESERVE, class), area_from(from), grams(taken))
            }
            Act::BuyBack { site, class, grams: bought, fen: price } => recipes::buy_back(&BuyBack {
                seller: self.stock(site, class),
                reserve: self.stock(RESERVE, class),
                area: area_of(site).map(|area| self.area(area)),
                quantity: grams(bought),
                treasury: self.book(What::Money).account(Purpose::Treasury),
                seller_money: self.purse(site),
                total: fen(price),
            }),
            Act::Convert { site, grams: converted } => {
                let side = |class| (self.stock(site, class), self.book(What::Class(class)).account(Purpose::Converted));
                recipes::convert(side(0), side(1), grams(converted))
            }
            _ => Ok(Vec::new()),
        }
    }
}

/// The words under which an act stands in the books.
pub fn words(act: &Act) -> (JournalKind, SubjectKind) {
    use {JournalKind as J, SubjectKind as S};
    match act {
        Act::SetCap { .. } => (J::CapSet, S::Capacity),
        Act::Allocate { .. } => (J::AllocationConfirmed, S::Allocation),
        Act::Surplus { .. } => (J::SurplusGranted, S::Tenure),
        Act::Deposit { .. } => (J::MoneyDeposited, S::MoneyMovement),
        Act::Withdraw { .. } => (J::MoneyWithdrawn, S::MoneyMovement),
        Act::Unmatched { .. } => (J::PaymentUnmatched, S::MoneyMovement),
        Act::Matched { .. } => (J::PaymentMatched, S::MoneyMovement),
        Act::Hold(_) | Act::Bid(_) => (J::TradeMatched, S::Trade),
        Act::Settle(_) => (J::TradeSettled, S::Trade),
        Act::Void(_) => (J::TradeCancelled, S::Trade),
        Act::Pledge(_) => (J::PledgeRegistered, S::Pledge),
        Act::Junior(_) => (J::JuniorLienRegistered, S::Pledge),
        Act::Release(_) => (J::PledgeReleased, S::Pledge),
        Act::Enforce { .. } => (J::PledgeEnforced, S::Pledge),
        Act::Freeze(_) | Act::WaitingFreeze(_) => (J::RightsFrozen, S::Freeze),
        Act::Lift(_) => (J::FreezeLifted, S::Freeze),
        Act::Execute { .. } => (J::FreezeExecuted, S::Freeze),
        Act::Surrender { .. } => (J::RightsSurrendered, S::Tenure),
        Act::Expire { .. } => (J::RightsExpired, S::Tenure),
        Act::TakeBack { .. } => (J::RightsTakenBack, S::Tenure),
        Act::BuyBack { .. } => (J::RightsBoughtBack, S::Tenure),
        Act::Convert { .. } => (J::RightsConverted, S::Tenure),
        Act::Reverse(_) => (J::Reversal, S::Journal),
    }
}
