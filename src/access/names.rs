//! What roles and permissions are called, Chinese and English, for whoever reads who may do what.

use super::policy::{Action, Role};

impl Role {
    /// Its names, Chinese and English.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Operator => ("平台运营", "Operator"),
            Self::BureauOfficer => ("主管部门经办", "Bureau officer"),
            Self::BureauHead => ("主管部门负责人", "Head of bureau"),
            Self::LegalReviewer => ("法制审核", "Legal reviewer"),
            Self::OrganisationAdmin => ("单位管理员", "Administrator"),
            Self::EnterpriseTrader => ("企业经办", "Enterprise trader"),
            Self::EnterpriseApprover => ("企业复核", "Enterprise approver"),
            Self::ReserveTrader => ("储备机构经办", "Reserve trader"),
            Self::ReserveApprover => ("储备机构复核", "Reserve approver"),
            Self::PledgeeOfficer => ("银行质权经办", "Pledgee officer"),
            Self::PledgeeApprover => ("银行复核", "Pledgee approver"),
            Self::SettlementOfficer => ("结算银行经办", "Settlement officer"),
            Self::SettlementHead => ("结算银行主管", "Settlement head"),
            Self::ExchangeOfficer => ("交易中心经办", "Exchange officer"),
            Self::ExchangeApprover => ("交易中心复核", "Exchange approver"),
            Self::Auditor => ("审计", "Auditor"),
        }
    }
}

impl Action {
    /// Its names, Chinese and English.
    #[expect(clippy::too_many_lines, reason = "every permission has its name, so that a new one cannot do without")]
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::ReadReference => ("查阅基础资料", "Read reference data"),
            Self::ReadParties => ("查阅单位、排污单位与许可", "Read organisations, sites and permits"),
            Self::ReadBooks => ("查阅账户、余额与分录", "Read accounts, balances and entries"),
            Self::ReadQuota => ("查阅核定与总量", "Read grants and caps"),
            Self::ReadIdleRights => ("查阅闲置排污权", "Read idle rights"),
            Self::ReadDischarge => ("查阅排放数据与年度履约", "Read discharge data and annual accounts"),
            Self::ReadMoney => ("查阅资金往来", "Read movements of money"),
            Self::ReadMarket => ("查阅要约与交易", "Read offers and trades"),
            Self::ReadPledges => ("查阅质押与授信", "Read pledges and facilities"),
            Self::ReadDecisions => ("查阅决定记录", "Read decision records"),
            Self::ReadPublished => ("查阅公开的决定", "Read published decisions"),
            Self::ReviewDecision => ("法制审核重大决定", "Review major decisions"),
            Self::PublishDecision => ("公开决定", "Publish decisions"),
            Self::ReadTasks => ("查阅待复核事项", "Read what waits for a second person"),
            Self::DecideTask => ("复核待办事项", "Decide what waits for a second person"),
            Self::ApproveAct => ("复核本单位提出的事项", "Approve what one's own organisation proposes"),
            Self::RegisterDocument => ("上传文件", "Upload documents"),
            Self::ReadDocuments => ("查阅文件", "Read documents"),
            Self::ReadConsents => ("查阅授权", "Read consents"),
            Self::ReadAccessLog => ("查阅被查询记录", "Read who has looked"),
            Self::ReadUnderConsent => ("凭授权查阅企业持有", "Read holdings under a consent"),
            Self::Audit => ("审计账簿", "Audit the books"),
            Self::SealPeriod => ("月结封账", "Seal a month"),
            Self::RegisterReference => ("登记基础资料", "Register reference data"),
            Self::AdoptRulebook => ("制定规则册版本", "Adopt a version of the rulebook"),
            Self::RegisterOrganisation => ("登记单位", "Register organisations"),
            Self::VerifyOrganisation => ("审核交易主体资格", "Verify organisations"),
            Self::SuspendOrganisation => ("暂停与恢复单位", "Suspend and reinstate organisations"),
            Self::RegisterUser => ("登记任何单位的人员", "Register users of any organisation"),
            Self::KeepOwnSignIn => ("管理自己的登录", "Keep one's own sign-in"),
            Self::SupportSignIn => ("协助他人登录", "Support the sign-in of others"),
            Self::ManageClients => ("管理接口客户端", "Keep API clients"),
            Self::ReadEvents => ("查阅事件", "Follow events"),
            Self::ManageWebhooks => ("管理事件推送", "Keep webhooks"),
            Self::ManageMembers => ("管理本单位人员", "Keep the users of one's organisation"),
            Self::RequireApproval => ("设置须复核的事项", "Switch which acts need approval"),
            Self::Delegate => ("委托他人代行职责", "Hand roles over for a while"),
            Self::RegisterSite => ("登记排污单位", "Register sites"),
            Self::RegisterPermit => ("登记排污许可证", "Register permits"),
            Self::RegisterProject => ("登记建设项目", "Register construction projects"),
            Self::RegisterReduction => ("登记减排量", "Register reductions"),
            Self::ApplyForReduction => ("申请减排登记", "Apply for the registration of a reduction"),
            Self::ReconcilePermits => ("核对许可与排污权", "Compare permits with rights"),
            Self::RecordFact => ("记录事实", "Record facts"),
            Self::SetCapacity => ("设定区域总量", "Set caps"),
            Self::SuspendArea => ("区域限批", "Suspend areas"),
            Self::ApplyForRights => ("申请核定", "Apply for rights"),
            Self::ReviewApplication => ("受理核定申请", "Review applications"),
            Self::ProposeAllocation => ("提出核定", "Propose grants"),
            Self::DecideAllocation => ("确认或驳回核定", "Decide grants"),
            Self::PayUsageFee => ("缴纳使用费", "Pay usage fees"),
            Self::SurrenderRights => ("自愿注销排污权", "Surrender rights"),
            Self::RenewRights => ("申请延续", "Ask for renewal"),
            Self::VaryRights => ("核减排污权", "Vary rights downward"),
            Self::OperateReserve => ("预留、收回与回购", "Operate the reserve"),
            Self::AgreeBuyBack => ("同意回购", "Agree to a buy-back"),
            Self::DecideRightAct => ("审批权利变更", "Decide acts on rights"),
            Self::IssueCertificate => ("开具凭证", "Issue certificates"),
            Self::RaiseObjection => ("提出异议", "Raise objections"),
            Self::AnswerObjection => ("答复异议", "Answer objections"),
            Self::SendMonitorData => ("报送监测数据", "Hand in monitor data"),
            Self::ReportDischarge => ("申报排放与年度履约", "Report discharge"),
            Self::MeasureDischarge => ("登记排放口与执法监测", "Record measurements"),
            Self::VerifyCompliance => ("核定与清缴年度履约", "Verify and settle annual accounts"),
            Self::CoverShortfall => ("抵扣本单位缺口", "Cover a shortfall"),
            Self::ConfirmMoney => ("确认出入金", "Confirm money in and out"),
            Self::BackDate => ("补记以前日期的资金", "Date money back"),
            Self::CorrectBooks => ("冲正误记资金", "Undo what was booked by mistake"),
            Self::ProposeOffer => ("发出与撤回要约", "Propose offers"),
            Self::AnswerOffer => ("接受或谢绝要约", "Answer offers"),
            Self::ListRights => ("挂牌与撤牌", "List rights"),
            Self::PreviewTrade => ("试算交易", "Preview trades"),
            Self::BuyListed => ("摘牌", "Buy from listings"),
            Self::DecideTrade => ("审核交易", "Decide trades"),
            Self::RequestTradeOverride => ("申请省级特批", "Request overrides"),
            Self::DecideTradeOverride => ("审批省级特批", "Decide overrides"),
            Self::PayTrade => ("支付交易款", "Pay trades"),
            Self::CancelTrade => ("取消未付款交易", "Call trades off"),
            Self::RunAuction => ("组织竞价", "Run auctions"),
            Self::ProposeLot => ("提出竞价标的", "Propose lots"),
            Self::BidAtAuction => ("报名与报价", "Bid at auctions"),
            Self::ConfirmSettlement => ("确认交易结算", "Confirm settlement"),
            Self::VaryPermit => ("记录许可证变更", "Record varied permits"),
            Self::PublishResult => ("公布交易结果", "Publish results"),
            Self::GiveConsent => ("给予查询授权", "Give consent"),
            Self::WithdrawConsent => ("撤回查询授权", "Withdraw consent"),
            Self::OfferFacility => ("发起与关闭授信", "Offer and close facilities"),
            Self::AcceptFacility => ("接受或谢绝授信", "Accept or decline facilities"),
            Self::RegisterPledge => ("申请与登记质押", "Apply for and register pledges"),
            Self::ReleasePledge => ("解除质押", "Release pledges"),
            Self::EnforcePledge => ("申报违约与处置", "Declare defaults and dispose"),
            Self::BuyPledged => ("买受质押处置物", "Buy what is disposed of"),
            Self::VerifyPledge => ("核实质押数量", "Verify pledges"),
            Self::AgreePledge => ("同意质押条件", "Agree to pledges"),
            Self::IssueExtract => ("开具登记簿摘录", "Issue extracts"),
            Self::ReadFreezes => ("查阅司法冻结", "Read court freezes"),
            Self::RecordFreeze => ("记录与执行法院文书（冻结、解押）", "Record court freezes and releases"),
            Self::KeepLog => ("维护透明日志", "Keep the transparency log"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_roles_and_no_two_permissions_are_called_the_same() {
        let roles: Vec<_> = Role::ALL.iter().map(|role| role.names()).collect();
        let actions: Vec<_> = Action::ALL.iter().map(|action| action.names()).collect();
        for names in [roles, actions] {
            let zh: HashSet<&str> = names.iter().map(|(zh, _)| *zh).collect();
            let en: HashSet<&str> = names.iter().map(|(_, en)| *en).collect();
            assert_eq!((zh.len(), en.len()), (names.len(), names.len()));
        }
    }
}
