//! The table of permissions and roles: which role carries which permission. Who may do what is decided here and nowhere else.

use super::policy::{Action, Role};
use Action as A;

const OPERATOR: &[A] = &[
    A::ReadParties,
    A::RegisterReference,
    A::AdoptRulebook,
    A::RegisterOrganisation,
    A::SuspendOrganisation,
    A::RegisterUser,
    A::SupportSignIn,
    A::ManageClients,
    A::SealPeriod,
    A::KeepLog,
    A::ReadDecisions,
    A::ReadTasks,
    A::DecideTask,
    A::RegisterDocument,
    A::ReadDocuments,
];
const ORGANISATION_ADMIN: &[A] = &[
    A::ReadParties,
    A::ReadAccessLog,
    A::ManageMembers,
    A::RequireApproval,
    A::ReadTasks,
    A::ReadEvents,
    A::SupportSignIn,
    A::ManageClients,
    A::ManageWebhooks,
];
const BUREAU_OFFICER: &[A] = &[
    A::ReadParties,
    A::ReadBooks,
    A::ReadQuota,
    A::ReadIdleRights,
    A::ReadDischarge,
    A::ReadMarket,
    A::ReadFreezes,
    A::ReadPledges,
    A::ReadDecisions,
    A::AdoptRulebook,
    A::VerifyOrganisation,
    A::RegisterSite,
    A::RegisterPermit,
    A::RegisterProject,
    A::RegisterReduction,
    A::RecordFact,
    A::SuspendArea,
    A::ReconcilePermits,
    A::ProposeAllocation,
    A::RenewRights,
    A::VaryRights,
    A::OperateReserve,
    A::ReviewApplication,
    A::IssueCertificate,
    A::AnswerObjection,
    A::SendMonitorData,
    A::MeasureDischarge,
    A::VerifyCompliance,
    A::DecideTrade,
    A::RequestTradeOverride,
    A::VaryPermit,
    A::VerifyPledge,
    A::ReadTasks,
    A::ReadEvents,
    A::DecideTask,
    A::RegisterDocument,
    A::ReadDocuments,
    A::IssueExtract,
];
const BUREAU_HEAD: &[A] = &[
    A::ReadParties,
    A::ReadBooks,
    A::ReadQuota,
    A::ReadIdleRights,
    A::ReadDischarge,
    A::ReadMarket,
    A::ReadFreezes,
    A::ReadPledges,
    A::ReadDecisions,
    A::AdoptRulebook,
    A::VerifyOrganisation,
    A::SuspendOrganisation,
    A::RegisterReduction,
    A::SetCapacity,
    A::SuspendArea,
    A::ReconcilePermits,
    A::ReviewApplication,
    A::DecideAllocation,
    A::DecideRightAct,
    A::AnswerObjection,
    A::MeasureDischarge,
    A::VerifyCompliance,
    A::DecideTrade,
    A::RequestTradeOverride,
    A::DecideTradeOverride,
    A::VerifyPledge,
    A::SealPeriod,
    A::PublishDecision,
    A::ReadTasks,
    A::ReadEvents,
    A::DecideTask,
    A::RegisterDocument,
    A::ReadDocuments,
];
const LEGAL_REVIEWER: &[A] = &[
    A::ReadParties,
    A::ReadQuota,
    A::ReadIdleRights,
    A::ReadDischarge,
    A::ReadMarket,
    A::ReadFreezes,
    A::ReadPledges,
    A::ReadDecisions,
    A::ReviewDecision,
    A::ReadTasks,
    A::RegisterDocument,
    A::ReadDocuments,
];
const ENTERPRISE_TRADER: &[A] = &[
    A::ReadParties,
    A::ReadBooks,
    A::ReadQuota,
    A::ReadDischarge,
    A::ReadMoney,
    A::ReadMarket,
    A::ReadFreezes,
    A::ReadPledges,
    A::ReadConsents,
    A::ReadAccessLog,
    A::ProposeOffer,
    A::AnswerOffer,
    A::ListRights,
    A::BuyListed,
    A::BuyPledged,
    A::PreviewTrade,
    A::PayTrade,
    A::ProposeLot,
    A::BidAtAuction,
    A::ApplyForRights,
    A::ApplyForReduction,
    A::PayUsageFee,
    A::SurrenderRights,
    A::RenewRights,
    A::AgreeBuyBack,
    A::IssueCertificate,
    A::RaiseObjection,
    A::ReportDischarge,
    A::CoverShortfall,
    A::CancelTrade,
    A::GiveConsent,
    A::WithdrawConsent,
    A::AcceptFacility,
    A::AgreePledge,
    A::ReadTasks,
    A::ReadEvents,
    A::DecideTask,
    A::RegisterDocument,
    A::ReadDocuments,
    A::IssueExtract,
];
const ENTERPRISE_APPROVER: &[A] = &[
    A::ApproveAct,
    A::ReadParties,
    A::ReadBooks,
    A::ReadQuota,
    A::ReadDischarge,
    A::ReadMoney,
    A::ReadMarket,
    A::ReadFreezes,
    A::ReadPledges,
    A::ReadConsents,
    A::ReadAccessLog,
    A::ReadTasks,
    A::ReadEvents,
    A::DecideTask,
    A::RegisterDocument,
    A::ReadDocuments,
];
const RESERVE_TRADER: &[A] = &[
    A::ReadParties,
    A::ReadBooks,
    A::ReadQuota,
    A::ReadIdleRights,
    A::ReadMoney,
    A::ReadMarket,
    A::BuyPledged,
    A::ReadPledges,
    A::ReadFreezes,
    A::OperateReserve,
    A::ProposeOffer,
    A::ListRights,
    A::PreviewTrade,
    A::CancelTrade,
    A::ProposeLot,
    A::ReadTasks,
    A::ReadEvents,
    A::DecideTask,
    A::RegisterDocument,
    A::ReadDocuments,
];
const RESERVE_APPROVER: &[A] = &[
    A::ApproveAct,
    A::ReadParties,
    A::ReadBooks,
    A::ReadQuota,
    A::ReadIdleRights,
    A::ReadMoney,
    A::ReadMarket,
    A::ReadFreezes,
    A::ReadTasks,
    A::ReadEvents,
    A::DecideTask,
    A::RegisterDocument,
    A::ReadDocuments,
];
const PLEDGEE_OFFICER: &[A] = &[
    A::ReadParties,
    A::ReadPledges,
    A::ReadConsents,
    A::ReadUnderConsent,
    A::OfferFacility,
    A::RegisterPledge,
    A::ReleasePledge,
    A::EnforcePledge,
    A::ReadTasks,
    A::ReadEvents,
    A::DecideTask,
    A::RegisterDocument,
    A::ReadDocuments,
    A::IssueExtract,
];
const SETTLEMENT_OFFICER: &[A] = &[
    A::ReadMoney,
    A::ConfirmMoney,
    A::ReadParties,
    A::ReadTasks,
    A::ReadEvents,
    A::DecideTask,
    A::RegisterDocument,
    A::ReadDocuments,
];
const PLEDGEE_APPROVER: &[A] = &[
    A::ApproveAct,
    A::ReadParties,
    A::ReadPledges,
    A::ReadConsents,
    A::ReadTasks,
    A::ReadEvents,
    A::DecideTask,
    A::RegisterDocument,
    A::ReadDocuments,
];
const SETTLEMENT_HEAD: &[A] = &[
    A::ApproveAct,
    A::ReadMoney,
    A::ConfirmMoney,
    A::BackDate,
    A::CorrectBooks,
    A::ReadParties,
    A::ReadTasks,
    A::ReadEvents,
    A::DecideTask,
    A::RegisterDocument,
    A::ReadDocuments,
];
const EXCHANGE_OFFICER: &[A] = &[
    A::ReadParties,
    A::ReadBooks,
    A::ReadQuota,
    A::ReadMarket,
    A::ReadFreezes,
    A::ReadPledges,
    A::RunAuction,
    A::ConfirmSettlement,
    A::PublishResult,
    A::RecordFreeze,
    A::ReadTasks,
    A::ReadEvents,
    A::DecideTask,
    A::RegisterDocument,
    A::ReadDocuments,
    A::IssueExtract,
];
const EXCHANGE_APPROVER: &[A] = &[
    A::ApproveAct,
    A::ReadParties,
    A::ReadBooks,
    A::ReadQuota,
    A::ReadMarket,
    A::ReadFreezes,
    A::ReadPledges,
    A::ReadTasks,
    A::ReadEvents,
    A::DecideTask,
    A::RegisterDocument,
    A::ReadDocuments,
];
const AUDITOR: &[A] = &[
    A::ReadParties,
    A::ReadBooks,
    A::ReadQuota,
    A::ReadIdleRights,
    A::ReadDischarge,
    A::ReadMoney,
    A::ReadMarket,
    A::ReadFreezes,
    A::ReadPledges,
    A::ReadConsents,
    A::ReadDecisions,
    A::ReadAccessLog,
    A::Audit,
    A::KeepLog,
    A::ReadTasks,
    A::ReadDocuments,
];

impl Role {
    /// Whether the role carries the permission.
    pub fn may(self, action: Action) -> bool {
        // Whoever has a role may hand it over for a while, whoever signs in keeps that, and what is published is for everybody.
        matches!(action, Action::ReadReference | Action::ReadPublished | Action::Delegate | Action::KeepOwnSignIn)
            || self.permissions().contains(&action)
    }

    /// What the role may do, beyond reading the reference data and what is published, handing itself over and keeping one's own
    /// sign-in.
    pub fn permissions(self) -> &'static [Action] {
        match self {
            Self::Operator => OPERATOR,
            Self::BureauOfficer => BUREAU_OFFICER,
            Self::BureauHead => BUREAU_HEAD,
            Self::LegalReviewer => LEGAL_REVIEWER,
            Self::OrganisationAdmin => ORGANISATION_ADMIN,
            Self::EnterpriseTrader => ENTERPRISE_TRADER,
            Self::EnterpriseApprover => ENTERPRISE_APPROVER,
            Self::ReserveTrader => RESERVE_TRADER,
            Self::ReserveApprover => RESERVE_APPROVER,
            Self::PledgeeOfficer => PLEDGEE_OFFICER,
            Self::PledgeeApprover => PLEDGEE_APPROVER,
            Self::SettlementOfficer => SETTLEMENT_OFFICER,
            Self::SettlementHead => SETTLEMENT_HEAD,
            Self::ExchangeOfficer => EXCHANGE_OFFICER,
            Self::ExchangeApprover => EXCHANGE_APPROVER,
            Self::Auditor => AUDITOR,
        }
    }

    /// Whether the role sees the whole book.
    pub fn sees_everything(self) -> bool {
        matches!(self, Self::Operator | Self::ExchangeOfficer | Self::ExchangeApprover | Self::Auditor)
    }

    /// Whether the role sees its area and those below.
    pub fn sees_area(self) -> bool {
        matches!(self, Self::BureauOfficer | Self::BureauHead | Self::LegalReviewer)
    }

    /// Whether what nobody decided in time comes to this role: the head of an organisation, or whoever stands for it where
    /// it has none.
    pub fn takes_escalated(self) -> bool {
        matches!(
            self,
            Self::Operator
                | Self::BureauHead
                | Self::EnterpriseTrader
                | Self::EnterpriseApprover
                | Self::ReserveTrader
                | Self::ReserveApprover
                | Self::PledgeeOfficer
                | Self::PledgeeApprover
                | Self::SettlementHead
                | Self::ExchangeApprover
        )
    }
}
