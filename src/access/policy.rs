//! The permission × role table: the one place that says who may do what.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $name:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $type { $($(#[$variant_doc])* #[serde(rename = $word)] $name,)* }

        impl $type {
            /// Every one there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word the token, the database and the API use.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Reads the word back.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$name),)* _ => None }
            }
        }
    };
}

words! {
    /// What a user may be in an organisation.
    Role {
        /// Runs the platform: founds the book, registers organisations and users. Moves nothing.
        Operator = "operator",
        /// Officer of an ecology and environment bureau (生态环境局): proposes, verifies, approves.
        BureauOfficer = "bureau_officer",
        /// Head of a bureau: confirms what an officer proposed.
        BureauHead = "bureau_head",
        /// Acts for an enterprise: trades, pays, pledges, consents.
        EnterpriseTrader = "enterprise_trader",
        /// Acts for the government reserve (储备机构).
        ReserveTrader = "reserve_trader",
        /// Acts for a bank or guarantor as pledgee (质权人).
        PledgeeOfficer = "pledgee_officer",
        /// Confirms money in and out at the settlement bank (结算银行).
        SettlementOfficer = "settlement_officer",
        /// Runs the exchange (交易中心).
        ExchangeOfficer = "exchange_officer",
        /// Reads everything, writes nothing.
        Auditor = "auditor",
    }
}

words! {
    /// What can be permitted. Each operation of the API names the one it needs.
    Action {
        /// Read the reference data: areas, basins, pollutants, classes, rules.
        ReadReference = "read_reference",
        /// Read organisations, sites, permits, projects within one's scope.
        ReadParties = "read_parties",
        /// Read accounts, balances, entries and journals within one's scope.
        ReadBooks = "read_books",
        /// Read allocations and capacities within one's scope.
        ReadQuota = "read_quota",
        /// Read money movements within one's scope.
        ReadMoney = "read_money",
        /// Read offers and trades within one's scope.
        ReadMarket = "read_market",
        /// Read pledges and facilities within one's scope.
        ReadPledges = "read_pledges",
        /// Read decision records.
        ReadDecisions = "read_decisions",
        /// Read consents given or received.
        ReadConsents = "read_consents",
        /// Read holdings of an enterprise under its consent.
        ReadUnderConsent = "read_under_consent",
        /// Read the trial balance, every journal, refusals; verify the books.
        Audit = "audit",
        /// Load areas, basins, pollutants, calendars, right classes.
        RegisterReference = "register_reference",
        /// Adopt a version of the rulebook.
        AdoptRulebook = "adopt_rulebook",
        /// Register organisations.
        RegisterOrganisation = "register_organisation",
        /// Register users.
        RegisterUser = "register_user",
        /// Register sites of enterprises.
        RegisterSite = "register_site",
        /// Register permits.
        RegisterPermit = "register_permit",
        /// Register construction projects.
        RegisterProject = "register_project",
        /// Register a verified reduction.
        RegisterReduction = "register_reduction",
        /// Set the cap of an area.
        SetCapacity = "set_capacity",
        /// Propose an allocation.
        ProposeAllocation = "propose_allocation",
        /// Confirm or reject an allocation that somebody else proposed.
        DecideAllocation = "decide_allocation",
        /// Confirm money that came in or went out.
        ConfirmMoney = "confirm_money",
        /// Offer rights to a named buyer, and take the offer back.
        ProposeOffer = "propose_offer",
        /// Accept or decline an offer.
        AnswerOffer = "answer_offer",
        /// Approve or refuse a trade.
        DecideTrade = "decide_trade",
        /// Pay for a trade.
        PayTrade = "pay_trade",
        /// Call a trade off before it is paid.
        CancelTrade = "cancel_trade",
        /// Record that a permit was varied after a trade.
        VaryPermit = "vary_permit",
        /// Give and withdraw consent to read.
        GiveConsent = "give_consent",
        /// Offer a credit facility.
        OfferFacility = "offer_facility",
        /// Accept a part of a facility.
        AcceptFacility = "accept_facility",
        /// Apply for a pledge, register it, release it.
        RegisterPledge = "register_pledge",
        /// Verify the quantity of a pledge, or refuse it.
        VerifyPledge = "verify_pledge",
        /// Agree to the terms of a pledge as its pledgor, or refuse them.
        AgreePledge = "agree_pledge",
    }
}

impl Role {
    /// Whether the role carries the permission.
    pub fn may(self, action: Action) -> bool {
        use Action as A;
        matches!(action, A::ReadReference)
            || match self {
                Self::Operator => matches!(
                    action,
                    A::ReadParties
                        | A::RegisterReference
                        | A::AdoptRulebook
                        | A::RegisterOrganisation
                        | A::RegisterUser
                ),
                Self::BureauOfficer => matches!(
                    action,
                    A::ReadParties
                        | A::ReadBooks
                        | A::ReadQuota
                        | A::ReadMarket
                        | A::ReadPledges
                        | A::ReadDecisions
                        | A::RegisterSite
                        | A::RegisterPermit
                        | A::RegisterProject
                        | A::RegisterReduction
                        | A::ProposeAllocation
                        | A::DecideTrade
                        | A::VaryPermit
                        | A::VerifyPledge
                ),
                Self::BureauHead => matches!(
                    action,
                    A::ReadParties
                        | A::ReadBooks
                        | A::ReadQuota
                        | A::ReadMarket
                        | A::ReadPledges
                        | A::ReadDecisions
                        | A::SetCapacity
                        | A::DecideAllocation
                        | A::DecideTrade
                        | A::VerifyPledge
                ),
                Self::EnterpriseTrader => matches!(
                    action,
                    A::ReadParties
                        | A::ReadBooks
                        | A::ReadQuota
                        | A::ReadMoney
                        | A::ReadMarket
                        | A::ReadPledges
                        | A::ReadConsents
                        | A::ProposeOffer
                        | A::AnswerOffer
                        | A::PayTrade
                        | A::CancelTrade
                        | A::GiveConsent
                        | A::AcceptFacility
                        | A::AgreePledge
                ),
                Self::ReserveTrader => matches!(
                    action,
                    A::ReadParties
                        | A::ReadBooks
                        | A::ReadQuota
                        | A::ReadMoney
                        | A::ReadMarket
                        | A::ProposeOffer
                        | A::CancelTrade
                ),
                Self::PledgeeOfficer => matches!(
                    action,
                    A::ReadParties
                        | A::ReadPledges
                        | A::ReadConsents
                        | A::ReadUnderConsent
                        | A::OfferFacility
                        | A::RegisterPledge
                ),
                Self::SettlementOfficer => {
                    matches!(action, A::ReadMoney | A::ReadBooks | A::ConfirmMoney | A::ReadParties)
                }
                Self::ExchangeOfficer => {
                    matches!(action, A::ReadParties | A::ReadBooks | A::ReadQuota | A::ReadMarket | A::ReadPledges)
                }
                Self::Auditor => matches!(
                    action,
                    A::ReadParties
                        | A::ReadBooks
                        | A::ReadQuota
                        | A::ReadMoney
                        | A::ReadMarket
                        | A::ReadPledges
                        | A::ReadConsents
                        | A::ReadDecisions
                        | A::Audit
                ),
            }
    }

    /// Whether the role sees the whole book.
    pub fn sees_everything(self) -> bool {
        matches!(self, Self::Operator | Self::ExchangeOfficer | Self::Auditor | Self::SettlementOfficer)
    }

    /// Whether the role sees its area and those below.
    pub fn sees_area(self) -> bool {
        matches!(self, Self::BureauOfficer | Self::BureauHead)
    }
}
