//! Every id type there is, and the only place where ids are made. All are UUIDv7, so they sort by the time of making.

use accounting::{AssetId, JournalId, OwnerId, SubjectId};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// A fresh UUIDv7.
#[expect(clippy::disallowed_methods, reason = "the one place where ids are made")]
pub fn fresh() -> Uuid {
    Uuid::now_v7()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh one.
            pub fn fresh() -> Self {
                Self(fresh())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(out)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )*};
}

ids! {
    /// Who acts: a person who signs in, or an API client.
    UserId,
    /// A sign-in of a person, with the family of its refresh tokens.
    SessionId,
    /// A key that signs tokens.
    TokenKeyId,
    /// An enterprise, bank, bureau, exchange, reserve institution, settlement bank or auditor.
    OrganisationId,
    /// A discharging unit (排污单位): one permit, one area, one basin.
    SiteId,
    /// A discharge permit (排污许可证).
    PermitId,
    /// A construction project (建设项目).
    ProjectId,
    /// A read consent of an enterprise to a bank.
    ConsentId,
    /// Roles that one user of an organisation has handed to another for a while.
    DelegationId,
    /// A registered reduction (减排登记).
    ReductionId,
    /// A permit that allows another quantity than its site has rights for.
    MismatchId,
    /// A fact that the checks read.
    FactId,
    /// An administrative area.
    AreaId,
    /// A suspension of an area (区域限批).
    AreaSuspensionId,
    /// A right class.
    RightClassId,
    /// A grant of rights.
    AllocationId,
    /// An application for rights.
    ApplicationId,
    /// An application for the registration of a reduction.
    ReductionApplicationId,
    /// A certificate of rights.
    CertificateId,
    /// An objection to what was laid open.
    ObjectionId,
    /// A batch of grants, by the id of the operation that proposed it.
    AllocationBatchId,
    /// A part of a batch, which one journal grants.
    AllocationPartId,
    /// An act by which rights end, go back or are renewed.
    RightActId,
    /// A cap of an area and a pollutant.
    CapacityId,
    /// An outlet (排放口) with its monitor.
    OutletId,
    /// A message of a monitor.
    MonitorMessageId,
    /// What a monitor sent and nobody believes until the bureau has looked at it.
    DischargeHoldId,
    /// What a site, or the bureau, says of the discharge of a period.
    DischargeReportId,
    /// The annual account of a site and a pollutant.
    ComplianceYearId,
    /// A change of a cap that waits for its day.
    CapacityChangeId,
    /// Money in or out, as the settlement bank confirmed it.
    MoneyMovementId,
    /// A payment that came in at the settlement bank.
    PaymentId,
    /// A code by which payments to an organisation are recognised.
    PaymentCodeId,
    /// A version of the bank's statement of a day.
    BankStatementId,
    /// What stands on one side only of a statement.
    BankDifferenceId,
    /// An offer to a named buyer.
    OfferId,
    /// A listing (挂牌) at a fixed price.
    ListingId,
    /// A lot of an auction (竞价).
    AuctionLotId,
    /// A trade.
    TradeId,
    /// A province's override of the boundary of a trade (省级特批).
    TradeOverrideId,
    /// A session of bidding.
    AuctionId,
    /// Who may bid for a lot.
    AuctionRegistrationId,
    /// A bid.
    AuctionBidId,
    /// A place in the ranking of a lot.
    AuctionAwardId,
    /// A credit facility.
    FacilityId,
    /// A pledge.
    PledgeId,
    /// What one pledge holds of one right class.
    LienId,
    /// What a court has ordered frozen.
    FreezeId,
    /// A part of what a freeze held that was sold.
    FreezeExecutionId,
    /// A part of a freeze that was lifted.
    FreezeLiftingId,
    /// A certified extract of the lien register.
    ExtractId,
    /// What a pledgee was told about rights of its lien.
    LienNoticeId,
    /// A change of what a junior lien waits for.
    LienWaitId,
    /// A valuation of what a lien lies on.
    ValuationId,
    /// A call for more security.
    MarginCallId,
    /// A change of the terms of a pledge.
    AmendmentId,
    /// A disposal of what a lien holds.
    DisposalId,
    /// A sale of what a lien holds, with the consent of its pledgee.
    ConsentedSaleId,
    /// A transfer of the claim that a pledge secures.
    ClaimTransferId,
    /// What was paid out on the loan of a pledge.
    PayoutId,
    /// A release of a pledge that a court has ordered.
    CourtReleaseId,
    /// A version of the rulebook.
    RulebookId,
    /// A decision record.
    DecisionId,
    /// Something that waits for a second person. Its decision record goes by the same id.
    TaskId,
    /// A document kept as evidence.
    DocumentId,
    /// Who else may read a document, because it is evidence in something of theirs.
    DocumentLinkId,
    /// A result that is to be published.
    PublicationId,
    /// Where an organisation is told of events.
    WebhookId,
    /// A message to a webhook.
    DeliveryId,
    /// An account of the ledger.
    AccountId,
    /// A long work.
    OperationId,
    /// An accounting period (会计期间).
    PeriodId,
}

macro_rules! kin {
    ($($from:ident => $to:ident,)*) => {$(
        impl From<$from> for $to {
            fn from(id: $from) -> Self {
                Self(id.0)
            }
        }
    )*};
}

kin! {
    SiteId => OwnerId,
    OrganisationId => OwnerId,
    AreaId => OwnerId,
    RightClassId => AssetId,
    CapacityId => AssetId,
    AllocationId => SubjectId,
    TradeId => SubjectId,
    ListingId => SubjectId,
    AuctionLotId => SubjectId,
    AuctionRegistrationId => SubjectId,
    LienId => SubjectId,
    DisposalId => SubjectId,
    FreezeId => SubjectId,
    TaskId => DecisionId,
}

/// A fresh journal id.
pub fn fresh_journal() -> JournalId {
    JournalId(fresh())
}
