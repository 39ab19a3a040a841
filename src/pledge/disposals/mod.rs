//! Enforcement: the default on a pledge, and the disposal (处置变现) of what it holds, by auction, by agreement with the pledgor, or by buy-back
//! of the reserve. The buyer passes every check of a buyer, and is never the pledgee (民法典第四百二十八条: no forfeiture); rights and
//! money change hands in one journal, in which the proceeds pay the costs, then the claim, and then the pledgor (第三百八十九条,
//! 第四百三十六条, 第四百三十八条). What a claim is not paid is still owed.
//!
//! A disposal: proposed by the pledgee, or by the exchange that confirms who has won ([`super::lots`]) → agreed by the pledgor, where it is by
//! agreement → settled by the buyer; declined by the buyer or the pledgor, or withdrawn; forfeited by a winner that does not settle. A pledge: registered → defaulted → closed when nothing of it is left; cured, it is registered again.

pub mod commands;
pub mod default;
mod outstanding;
pub(super) mod store;

use super::error::PledgeRefusal;
use super::lots::{Left, LotWin};
use super::pledge::Pledge;
use super::shares::Payment;
use crate::access::{Caller, Scope};
use crate::kernel::Moment;
use crate::kernel::ids::{DisposalId, LienId, OrganisationId, PledgeId, ProjectId, RightClassId, SiteId, UserId};
use crate::parties::{Organisation, OrganisationKind};
use accounting::waterfall::{Distribution, waterfall};
use accounting::{Money, Price, Quantity};
use jiff::civil::Date;

accounting::words! {
    /// By which way what is pledged is disposed of.
    DisposalMode {
        /// At an auction (拍卖), whose record is named: one of the exchange, whose winner it names, or another's.
        Auction = "auction",
        /// By agreement with the pledgor (协议), which it gives.
        Agreement = "agreement",
        /// The reserve buys it back (政府回购).
        BuyBack = "buy_back",
    }
}

/// How far a disposal has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisposalState {
    /// The pledgee has named buyer and price.
    Proposed,
    /// The pledgor has agreed, where it is by agreement.
    Agreed,
    /// Rights and money have changed hands.
    Settled {
        /// Who settled it for the buyer.
        by: UserId,
        /// When.
        at: Moment,
        /// Who got what of the proceeds.
        paid: Proceeds,
    },
    /// The buyer, or the pledgor of one by agreement, has turned it down.
    Declined {
        /// Who.
        by: UserId,
        /// When.
        at: Moment,
    },
    /// The pledgee has taken it back.
    Withdrawn {
        /// Who.
        by: UserId,
        /// When.
        at: Moment,
    },
    /// The winner of a lot did not settle, and the deposit is lost to it: it is paid out as the proceeds would have been.
    Forfeited {
        /// Who ended it.
        by: UserId,
        /// When.
        at: Moment,
        /// Who got what of the deposit.
        paid: Proceeds,
    },
}

/// What became of the proceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proceeds {
    /// To the costs of the disposal.
    pub costs: Money,
    /// To the secured claim.
    pub claim: Money,
    /// To the pledgor.
    pub surplus: Money,
    /// What of the claim is still owed then.
    pub shortfall: Money,
}

impl DisposalState {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] = &["proposed", "agreed", "settled", "declined", "withdrawn", "forfeited"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Agreed => "agreed",
            Self::Settled { .. } => "settled",
            Self::Declined { .. } => "declined",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Forfeited { .. } => "forfeited",
        }
    }

    /// Who ended it, and when.
    pub fn ended(&self) -> Option<(UserId, Moment)> {
        match self {
            Self::Proposed | Self::Agreed => None,
            Self::Settled { by, at, .. }
            | Self::Forfeited { by, at, .. }
            | Self::Declined { by, at }
            | Self::Withdrawn { by, at } => Some((*by, *at)),
        }
    }

    /// Who got what of the proceeds, or of the deposit that was lost.
    pub fn paid(&self) -> Option<Proceeds> {
        match self {
            Self::Settled { paid, .. } | Self::Forfeited { paid, .. } => Some(*paid),
            _ => None,
        }
    }
}

/// Who buys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buyer {
    /// The site that gets the rights.
    pub site: SiteId,
    /// Its organisation, which pays.
    pub organisation: OrganisationId,
    /// Path of the site's area.
    pub area_path: String,
    /// For which project; the reserve has none.
    pub project: Option<ProjectId>,
}

/// What is pledged becomes neither the pledgee's nor another bank's (民法典第四百二十八条): it has no project to hold rights for.
///
/// # Errors
/// [`PledgeRefusal::DisposalToPledgee`].
pub fn expect_no_forfeiture(buyer: &Organisation, pledgee: OrganisationId) -> Result<(), PledgeRefusal> {
    let is_creditor = matches!(buyer.kind, OrganisationKind::Bank | OrganisationKind::Guarantor);
    if buyer.id == pledgee || is_creditor { Err(PledgeRefusal::DisposalToPledgee {}) } else { Ok(()) }
}

/// A disposal of what a lien holds, in whole or in part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disposal {
    /// Its identity; also what holds the buyer's money while it settles.
    pub id: DisposalId,
    /// Of which pledge.
    pub pledge: PledgeId,
    /// Whose rights.
    pub pledgor: OrganisationId,
    /// Path of the area of the site.
    pub area_path: String,
    /// For whom they stand.
    pub pledgee: OrganisationId,
    /// Of which lien.
    pub lien: LienId,
    /// Of what.
    pub right_class: RightClassId,
    /// By which way.
    pub mode: DisposalMode,
    /// Number of the record that it rests on.
    pub document: String,
    /// Through whom costs and claim are paid out.
    pub settlement_bank: OrganisationId,
    /// Who buys.
    pub buyer: Buyer,
    /// How much.
    pub quantity: Quantity,
    /// In CNY per display unit over the whole validity.
    pub unit_price: Price,
    /// Price × quantity in CNY, half up to the fen.
    pub total: Money,
    /// Costs of the disposal.
    pub costs: Money,
    /// The claim that is owed at that time: principal, interest and what else the pledge secures.
    pub owed: Money,
    /// Who proposed it.
    pub proposed_by: UserId,
    /// When.
    pub proposed_at: Moment,
    /// Who agreed for the pledgor, and when.
    pub agreed: Option<(UserId, Moment)>,
    /// The lot that was won, where it comes of an auction of the exchange.
    pub win: Option<LotWin>,
    /// The other pledgees and pledgors of the pledge.
    pub further: Vec<OrganisationId>,
    /// What each of several pledgees got, once it is settled.
    pub payments: Vec<Payment>,
    /// How far it has come.
    pub state: DisposalState,
    /// Counts from 1.
    pub version: i64,
}

impl Disposal {
    /// Whether the caller may know of it: the parties, the bureaux of both areas, and who sees all.
    pub fn is_visible_to(&self, caller: &Caller) -> bool {
        match caller.scope() {
            Scope::Everything => true,
            Scope::Area { .. } => caller.covers(&self.area_path) || caller.covers(&self.buyer.area_path),
            Scope::Organisation { id } => {
                [self.pledgor, self.pledgee, self.buyer.organisation].contains(&id) || self.further.contains(&id)
            }
        }
    }

    fn wrong(&self, wanted: &str) -> PledgeRefusal {
        PledgeRefusal::DisposalState { state: self.state.as_str().to_owned(), wanted: wanted.to_owned() }
    }

    /// Whether it waits for somebody.
    pub fn is_open(&self) -> bool {
        matches!(self.state, DisposalState::Proposed | DisposalState::Agreed)
    }

    /// The pledgor agrees to one by agreement.
    ///
    /// # Errors
    /// [`PledgeRefusal::DisposalState`], [`PledgeRefusal::NoAgreementNeeded`].
    pub fn agree(self, by: UserId, at: Moment) -> Result<Self, PledgeRefusal> {
        if self.mode != DisposalMode::Agreement {
            return Err(PledgeRefusal::NoAgreementNeeded {});
        }
        match self.state {
            DisposalState::Proposed => {
                let version = self.version + 1;
                Ok(Self { state: DisposalState::Agreed, agreed: Some((by, at)), version, ..self })
            }
            _ => Err(self.wrong("proposed")),
        }
    }

    /// Whether the buyer may settle it now.
    ///
    /// # Errors
    /// [`PledgeRefusal::DisposalState`].
    pub fn expect_ready(&self) -> Result<(), PledgeRefusal> {
        let ready = if self.mode == DisposalMode::Agreement { DisposalState::Agreed } else { DisposalState::Proposed };
        if self.state == ready { Ok(()) } else { Err(self.wrong(ready.as_str())) }
    }

    /// Whether rights and money have changed hands.
    pub fn is_settled(&self) -> bool {
        matches!(self.state, DisposalState::Settled { .. })
    }

    /// What is held of the winner's money until it is over.
    pub fn deposit(&self) -> Money {
        self.win.map(|win| win.deposit).unwrap_or_default()
    }

    /// Whether the winner of a lot has let its last day go by.
    pub fn is_late(&self, today: Date) -> bool {
        self.win.and_then(|win| win.settle_by).is_some_and(|last| last < today)
    }

    /// Rights and money have changed hands: the proceeds pay what is left of costs and claim.
    ///
    /// # Errors
    /// As [`Self::expect_ready`].
    pub fn settle(self, left: Left, by: UserId, at: Moment) -> Result<Self, PledgeRefusal> {
        self.expect_ready()?;
        let paid = distribution(self.total, left);
        Ok(Self { state: DisposalState::Settled { by, at, paid }, version: self.version + 1, ..self })
    }

    /// The winner of a lot does not settle, and loses the deposit: it pays what is left of costs and claim.
    ///
    /// # Errors
    /// [`PledgeRefusal::DisposalState`].
    pub fn forfeit(self, left: Left, by: UserId, at: Moment) -> Result<Self, PledgeRefusal> {
        let paid = distribution(self.deposit(), left);
        self.end(DisposalState::Forfeited { by, at, paid })
    }

    /// It comes to nothing.
    ///
    /// # Errors
    /// [`PledgeRefusal::DisposalState`].
    pub fn end(self, state: DisposalState) -> Result<Self, PledgeRefusal> {
        if self.is_open() {
            Ok(Self { state, version: self.version + 1, ..self })
        } else {
            Err(self.wrong("proposed, agreed"))
        }
    }

    /// What of the claim is still owed after it.
    pub fn shortfall(&self) -> Option<Money> {
        self.state.paid().map(|paid| paid.shortfall)
    }
}

/// Who gets what of proceeds: costs, then the claim, then the pledgor.
fn distribution(proceeds: Money, left: Left) -> Proceeds {
    let Distribution { paid, surplus } = waterfall(proceeds, &[left.costs, left.claim]);
    let share = |at: usize| paid.get(at).copied().unwrap_or_default();
    let (costs, claim) = (share(0), share(1));
    Proceeds { costs, claim, surplus, shortfall: left.claim.checked_sub(claim).unwrap_or_default() }
}

impl Pledge {
    /// What of the claim is still owed after the last disposal; none before one has settled.
    pub fn still_owed(&self) -> Option<Money> {
        let settled =
            self.disposals.iter().filter_map(|disposal| Some((disposal.state.ended()?, disposal.shortfall()?)));
        settled.max_by_key(|((_, at), _)| *at).map(|(_, shortfall)| shortfall)
    }

    /// Whether nothing of a lien waits for a buyer or for bids.
    ///
    /// # Errors
    /// [`PledgeRefusal::DisposalOpen`].
    pub fn expect_nothing_waits(&self, lien: LienId) -> Result<(), PledgeRefusal> {
        let waits = self.disposals.iter().any(|known| known.lien == lien && known.is_open());
        if waits || self.is_on_offer(lien) { Err(PledgeRefusal::DisposalOpen {}) } else { Ok(()) }
    }

    /// Whether nothing of it waits for a buyer or for bids.
    ///
    /// # Errors
    /// [`PledgeRefusal::DisposalOpen`].
    pub fn expect_no_disposal(&self) -> Result<(), PledgeRefusal> {
        self.liens.iter().try_for_each(|lien| self.expect_nothing_waits(lien.id))
    }

    /// The same pledge with this disposal as it stands now.
    #[must_use]
    pub fn with_disposal(mut self, disposal: Disposal) -> Self {
        self.disposals.retain(|known| known.id != disposal.id);
        self.disposals.push(disposal);
        self
    }
}

#[cfg(test)]
mod tests;
