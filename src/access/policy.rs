//! The permissions and the roles that there are; `grants` says which role carries which permission.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

accounting::words! {
    /// What a user may be in an organisation.
    Role {
        /// Runs the platform: founds the book, registers organisations and users. Moves nothing.
        Operator = "operator",
        /// Officer of an ecology and environment bureau (生态环境局): proposes, verifies, approves.
        BureauOfficer = "bureau_officer",
        /// Head of a bureau: confirms what an officer proposed.
        BureauHead = "bureau_head",
        /// Reviews major decisions of a bureau before they are made (法制审核); decides nothing.
        LegalReviewer = "legal_reviewer",
        /// Keeps the users of the own organisation, whatever its kind: who they are, which roles they have.
        OrganisationAdmin = "organisation_admin",
        /// Acts for an enterprise: trades, pays, pledges, consents.
        EnterpriseTrader = "enterprise_trader",
        /// The checker beside the trader: reads what the enterprise has and does, approves what the trader proposes, proposes nothing.
        EnterpriseApprover = "enterprise_approver",
        /// Acts for the government reserve (储备机构).
        ReserveTrader = "reserve_trader",
        /// The checker beside the reserve's trader: approves what the trader proposes, proposes nothing.
        ReserveApprover = "reserve_approver",
        /// Acts for a bank or guarantor as pledgee (质权人).
        PledgeeOfficer = "pledgee_officer",
        /// The checker beside the pledgee's officer: approves what the officer proposes, proposes nothing.
        PledgeeApprover = "pledgee_approver",
        /// Confirms money in and out at the settlement bank (结算银行).
        SettlementOfficer = "settlement_officer",
        /// Head of the settlement bank's desk: also dates back what came late, and undoes what was booked by mistake.
        SettlementHead = "settlement_head",
        /// Runs the exchange (交易中心).
        ExchangeOfficer = "exchange_officer",
        /// The checker beside the exchange's officer: approves what the officer proposes, proposes nothing.
        ExchangeApprover = "exchange_approver",
        /// Reads everything; writes nothing into the books, but names witnesses of the log.
        Auditor = "auditor",
    }
}

accounting::words! {
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
        /// Read what the sites of one's area hold above what they use, and for how long.
        ReadIdleRights = "read_idle_rights",
        /// Read discharge data and annual accounts within one's scope.
        ReadDischarge = "read_discharge",
        /// Read money movements within one's scope.
        ReadMoney = "read_money",
        /// Read offers and trades within one's scope.
        ReadMarket = "read_market",
        /// Read pledges and facilities within one's scope.
        ReadPledges = "read_pledges",
        /// Read decision records.
        ReadDecisions = "read_decisions",
        /// Read the decision records that are published (执法公示), of whichever authority.
        ReadPublished = "read_published",
        /// Review a major decision before it is made (法制审核).
        ReviewDecision = "review_decision",
        /// Publish a decision, and withdraw one that was changed.
        PublishDecision = "publish_decision",
        /// Read what waits for a second person.
        ReadTasks = "read_tasks",
        /// Claim, release and decide what waits for a second person; what it decides needs its own permission too.
        DecideTask = "decide_task",
        /// Approve what somebody else of the own organisation proposes, where the organisation asks for it.
        ApproveAct = "approve_act",
        /// Upload documents as evidence.
        RegisterDocument = "register_document",
        /// Read documents of one's own and of what one may see.
        ReadDocuments = "read_documents",
        /// Read consents given or received.
        ReadConsents = "read_consents",
        /// Read who has looked at the data of one's organisation.
        ReadAccessLog = "read_access_log",
        /// Read holdings of an enterprise under its consent.
        ReadUnderConsent = "read_under_consent",
        /// Read the trial balance, every journal, refusals; verify the books.
        Audit = "audit",
        /// Seal a month of the books.
        SealPeriod = "seal_period",
        /// Load areas, basins, pollutants, calendars, right classes.
        RegisterReference = "register_reference",
        /// Adopt a version of the rulebook.
        AdoptRulebook = "adopt_rulebook",
        /// Register organisations.
        RegisterOrganisation = "register_organisation",
        /// Verify or refuse an organisation that has applied, in one's area.
        VerifyOrganisation = "verify_organisation",
        /// Suspend and reinstate an organisation.
        SuspendOrganisation = "suspend_organisation",
        /// Register users of any organisation.
        RegisterUser = "register_user",
        /// Keep one's own sign-in: sessions, password, second factor.
        KeepOwnSignIn = "keep_own_sign_in",
        /// End the sessions of others, give them a code for a new password, remove their second factor.
        SupportSignIn = "support_sign_in",
        /// Register API clients, rotate their secrets, suspend and remove them.
        ManageClients = "manage_clients",
        /// Follow what happens to the own organisation.
        ReadEvents = "read_events",
        /// Register webhooks of the own organisation, rotate their secrets, suspend them, send events again.
        ManageWebhooks = "manage_webhooks",
        /// Register users of the own organisation, change their roles, suspend and reinstate them.
        ManageMembers = "manage_members",
        /// Switch for which acts of the own organisation a second of its people is needed.
        RequireApproval = "require_approval",
        /// Hand own roles to another user of the organisation for a while, and take them back.
        Delegate = "delegate",
        /// Register sites of enterprises.
        RegisterSite = "register_site",
        /// Register permits.
        RegisterPermit = "register_permit",
        /// Register construction projects.
        RegisterProject = "register_project",
        /// Register a verified reduction.
        RegisterReduction = "register_reduction",
        /// Apply for the registration of a reduction of one's own site.
        ApplyForReduction = "apply_for_reduction",
        /// Compare the permits of one's area with the rights of their sites.
        ReconcilePermits = "reconcile_permits",
        /// Record facts that the checks read, and correct them.
        RecordFact = "record_fact",
        /// Set the cap of an area.
        SetCapacity = "set_capacity",
        /// Suspend an area for a pollutant or a medium, and lift the suspension (区域限批).
        SuspendArea = "suspend_area",
        /// Apply for rights to one's own site.
        ApplyForRights = "apply_for_rights",
        /// Accept an application for rights, ask for its correction, reject it.
        ReviewApplication = "review_application",
        /// Propose an allocation.
        ProposeAllocation = "propose_allocation",
        /// Confirm or reject an allocation that somebody else proposed.
        DecideAllocation = "decide_allocation",
        /// Pay the usage fee of one's own grant.
        PayUsageFee = "pay_usage_fee",
        /// Give up rights of one's own site for good.
        SurrenderRights = "surrender_rights",
        /// Ask for the renewal of rights, of one's own site or in one's area.
        RenewRights = "renew_rights",
        /// Take part of a site's rights off, with cause.
        VaryRights = "vary_rights",
        /// Set rights aside for the reserve, take them back or buy them back.
        OperateReserve = "operate_reserve",
        /// Agree to sell rights of one's own back to the reserve.
        AgreeBuyBack = "agree_buy_back",
        /// Approve or refuse a surrender, a renewal, or what else was proposed about rights.
        DecideRightAct = "decide_right_act",
        /// Issue a certificate of what a site holds.
        IssueCertificate = "issue_certificate",
        /// Object to a grant that is laid open.
        RaiseObjection = "raise_objection",
        /// Answer an objection.
        AnswerObjection = "answer_objection",
        /// Hand in messages of monitors.
        SendMonitorData = "send_monitor_data",
        /// Report the discharge of one's own sites, and hand in their annual accounts.
        ReportDischarge = "report_discharge",
        /// Register outlets, record measurements of the bureau, decide on what is held, open annual accounts.
        MeasureDischarge = "measure_discharge",
        /// Verify, settle and seal annual accounts, and grant their surplus.
        VerifyCompliance = "verify_compliance",
        /// Cover a shortfall of one's own site with annual surplus.
        CoverShortfall = "cover_shortfall",
        /// Confirm money that came in or went out.
        ConfirmMoney = "confirm_money",
        /// Date a movement of money before today.
        BackDate = "back_date",
        /// Undo a movement of money that was booked by mistake.
        CorrectBooks = "correct_books",
        /// Offer rights to a named buyer, and take the offer back.
        ProposeOffer = "propose_offer",
        /// Accept or decline an offer.
        AnswerOffer = "answer_offer",
        /// Put rights up at a fixed price, and take the listing back.
        ListRights = "list_rights",
        /// Ask whether one could buy something, and why not.
        PreviewTrade = "preview_trade",
        /// Buy from a listing.
        BuyListed = "buy_listed",
        /// Approve or refuse a trade.
        DecideTrade = "decide_trade",
        /// Ask the province to lift the boundary of a trade, and take that back (省级特批).
        RequestTradeOverride = "request_trade_override",
        /// Lift the boundary of a trade as the province, refuse to, or revoke it.
        DecideTradeOverride = "decide_trade_override",
        /// Pay for a trade.
        PayTrade = "pay_trade",
        /// Call a trade off before it is paid.
        CancelTrade = "cancel_trade",
        /// Plan and announce auctions, let bidders in, open sealed bids, confirm or call off.
        RunAuction = "run_auction",
        /// Put rights of one's own into an auction, and take them out.
        ProposeLot = "propose_lot",
        /// Register to bid at an auction, and bid.
        BidAtAuction = "bid_at_auction",
        /// Confirm the settlement of a paid trade, as the exchange.
        ConfirmSettlement = "confirm_settlement",
        /// Record that a permit was varied after a trade.
        VaryPermit = "vary_permit",
        /// Publish results of the market, and withdraw them.
        PublishResult = "publish_result",
        /// Give consent to read.
        GiveConsent = "give_consent",
        /// Withdraw consent to read.
        WithdrawConsent = "withdraw_consent",
        /// Offer a credit facility, take a part of it back, and close it.
        OfferFacility = "offer_facility",
        /// Accept a part of a facility, or decline it.
        AcceptFacility = "accept_facility",
        /// Apply for a pledge, and register it.
        RegisterPledge = "register_pledge",
        /// Release a pledge.
        ReleasePledge = "release_pledge",
        /// Declare a default on a pledge, and dispose of what it holds.
        EnforcePledge = "enforce_pledge",
        /// Buy what a pledgee disposes of.
        BuyPledged = "buy_pledged",
        /// Verify the quantity of a pledge, or refuse it.
        VerifyPledge = "verify_pledge",
        /// Agree to the terms of a pledge as its pledgor, or refuse them.
        AgreePledge = "agree_pledge",
        /// Have a pledge or the encumbrances of rights extracted from the register.
        IssueExtract = "issue_extract",
        /// Read court freezes within one's scope.
        ReadFreezes = "read_freezes",
        /// Record, lift and execute court freezes, and release pledges by order of a court.
        RecordFreeze = "record_freeze",
        /// Keep the transparency log: register its witnesses; append, sign, take another key.
        KeepLog = "keep_log",
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::parse(&word).ok_or_else(|| de::Error::custom("is no role"))
    }
}

impl Serialize for Action {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Action {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::parse(&word).ok_or_else(|| de::Error::custom("is no permission"))
    }
}

impl Action {
    /// Whether a person needs a second factor given lately: for acts that move rights or money or bind somebody to move them,
    /// and for those that hand out the power to. An act is listed on one side or the other, so that a new one is a decision.
    #[expect(clippy::too_many_lines, reason = "every action is named, so that a new one must be thought about")]
    pub fn needs_second_factor(self) -> bool {
        match self {
            Self::SealPeriod
            | Self::RegisterReference
            | Self::AdoptRulebook
            | Self::RegisterOrganisation
            | Self::VerifyOrganisation
            | Self::SuspendOrganisation
            | Self::RegisterUser
            | Self::ManageMembers
            | Self::RequireApproval
            | Self::Delegate
            | Self::SupportSignIn
            | Self::ManageClients
            | Self::ManageWebhooks
            | Self::RegisterReduction
            | Self::RecordFact
            | Self::SetCapacity
            | Self::SuspendArea
            | Self::ProposeAllocation
            | Self::DecideAllocation
            | Self::PayUsageFee
            | Self::SurrenderRights
            | Self::RenewRights
            | Self::VaryRights
            | Self::OperateReserve
            | Self::AgreeBuyBack
            | Self::DecideRightAct
            | Self::ApplyForRights
            | Self::ApplyForReduction
            | Self::ReviewApplication
            | Self::IssueCertificate
            | Self::IssueExtract
            | Self::AnswerObjection
            | Self::VerifyCompliance
            | Self::CoverShortfall
            | Self::ConfirmMoney
            | Self::BackDate
            | Self::CorrectBooks
            | Self::ProposeOffer
            | Self::AnswerOffer
            | Self::ListRights
            | Self::BuyListed
            | Self::ConfirmSettlement
            | Self::DecideTrade
            | Self::RequestTradeOverride
            | Self::DecideTradeOverride
            | Self::PayTrade
            | Self::CancelTrade
            | Self::RunAuction
            | Self::ProposeLot
            | Self::BidAtAuction
            | Self::GiveConsent
            | Self::OfferFacility
            | Self::AcceptFacility
            | Self::RegisterPledge
            | Self::ReleasePledge
            | Self::EnforcePledge
            | Self::BuyPledged
            | Self::VerifyPledge
            | Self::AgreePledge
            | Self::ReviewDecision
            | Self::PublishDecision
            | Self::PublishResult
            | Self::RecordFreeze
            | Self::DecideTask
            | Self::ApproveAct
            | Self::KeepLog => true,
            Self::ReadReference
            | Self::ReadParties
            | Self::ReadBooks
            | Self::ReadQuota
            | Self::ReadIdleRights
            | Self::ReadMoney
            | Self::ReadMarket
            | Self::PreviewTrade
            | Self::ReadPledges
            | Self::ReadEvents
            | Self::ReadFreezes
            | Self::ReadDecisions
            | Self::ReadPublished
            | Self::ReadConsents
            | Self::ReadUnderConsent
            | Self::ReadAccessLog
            | Self::ReadTasks
            | Self::ReadDocuments
            | Self::RegisterDocument
            | Self::WithdrawConsent
            | Self::RaiseObjection
            | Self::ReadDischarge
            | Self::SendMonitorData
            | Self::ReportDischarge
            | Self::MeasureDischarge
            | Self::Audit
            | Self::KeepOwnSignIn
            | Self::RegisterSite
            | Self::RegisterPermit
            | Self::RegisterProject
            | Self::ReconcilePermits
            | Self::VaryPermit => false,
        }
    }

    /// Whether only a person may do it, and no API client: a program has no sign-in to keep, is no second person, and reviews no law.
    pub fn is_for_people(self) -> bool {
        matches!(self, Self::KeepOwnSignIn | Self::ApproveAct | Self::ReviewDecision)
    }
}
