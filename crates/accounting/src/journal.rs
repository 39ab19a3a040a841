//! A journal (凭证): one business event with 0..n postings, all or nothing.

use crate::account::{AccountKey, SubjectId};
use crate::posting::Posting;
use jiff::civil::Date;
use uuid::Uuid;

/// The identity of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JournalId(pub Uuid);

crate::words! {
    /// What happened.
    JournalKind {
        /// An area's cap was set or changed.
        CapSet = "cap_set",
        /// A change of a cap was set for a later day; nothing moves yet.
        CapChangePlanned = "cap_change_planned",
        /// A change of a cap took effect on its day; the cap itself moves by a journal of its own.
        CapChangeEffective = "cap_change_effective",
        /// A change of a cap was taken back before its day.
        CapChangeWithdrawn = "cap_change_withdrawn",
        /// An area was suspended for a pollutant or a medium (区域限批); nothing moves.
        AreaSuspended = "area_suspended",
        /// The suspension of an area was lifted; nothing moves.
        AreaSuspensionLifted = "area_suspension_lifted",
        /// An enterprise drafted an application for rights.
        ApplicationDrafted = "application_drafted",
        /// It changed what its application says.
        ApplicationRevised = "application_revised",
        /// It handed the application in, for the first time or corrected.
        ApplicationSubmitted = "application_submitted",
        /// The bureau named everything that the application lacks.
        ApplicationCorrectionRequested = "application_correction_requested",
        /// The bureau accepted the application, or its silence did.
        ApplicationAccepted = "application_accepted",
        /// The grant that was applied for was proposed.
        ApplicationProposed = "application_proposed",
        /// The bureau turned the application down.
        ApplicationRejected = "application_rejected",
        /// The applicant took it back.
        ApplicationWithdrawn = "application_withdrawn",
        /// An enterprise applied for the registration of a reduction (减排登记).
        ReductionApplied = "reduction_applied",
        /// The bureau registered the reduction that was applied for.
        ReductionRegistered = "reduction_registered",
        /// The bureau turned the application for a reduction down.
        ReductionRefused = "reduction_refused",
        /// The applicant took its application for a reduction back.
        ReductionWithdrawn = "reduction_withdrawn",
        /// Rights were proposed to be granted; nothing moves yet.
        AllocationProposed = "allocation_proposed",
        /// Rights were granted to a site.
        AllocationConfirmed = "allocation_confirmed",
        /// A proposed grant was turned down.
        AllocationRejected = "allocation_rejected",
        /// A proposed grant was laid open to objections.
        AllocationPublicised = "allocation_publicised",
        /// The proposer took a grant back.
        AllocationWithdrawn = "allocation_withdrawn",
        /// A certificate of what a site holds was issued.
        CertificateIssued = "certificate_issued",
        /// An extract of the lien register was issued; nothing moves.
        ExtractIssued = "extract_issued",
        /// Money was paid towards the usage fee of a grant; with the last of it the rights come into being.
        UsageFeePaid = "usage_fee_paid",
        /// Somebody objected to what was laid open.
        ObjectionRaised = "objection_raised",
        /// An objection was answered.
        ObjectionAnswered = "objection_answered",
        /// A fact that the checks read was recorded.
        FactRecorded = "fact_recorded",
        /// A fact was corrected by a new one, or annulled.
        FactCorrected = "fact_corrected",
        /// A file of grants was proposed as one batch; nothing moves yet.
        AllocationBatchProposed = "allocation_batch_proposed",
        /// A proposed batch was laid open to objections.
        AllocationBatchPublicised = "allocation_batch_publicised",
        /// A batch of grants was confirmed; its parts move the rights in the same work.
        AllocationBatchConfirmed = "allocation_batch_confirmed",
        /// A proposed batch of grants was turned down.
        AllocationBatchRejected = "allocation_batch_rejected",
        /// The rights of one part of a batch were granted to their sites.
        AllocationPartGranted = "allocation_part_granted",
        /// The settlement bank confirmed money that came in.
        MoneyDeposited = "money_deposited",
        /// The settlement bank confirmed money that went out.
        MoneyWithdrawn = "money_withdrawn",
        /// A seller offered rights to a named buyer; the quantity is held.
        OfferProposed = "offer_proposed",
        /// The seller took the offer back.
        OfferWithdrawn = "offer_withdrawn",
        /// The buyer said no.
        OfferDeclined = "offer_declined",
        /// The offer ran out before the buyer answered it.
        OfferExpired = "offer_expired",
        /// A seller drafted a listing; nothing is held yet.
        ListingDrafted = "listing_drafted",
        /// A listing was opened; its whole quantity is held.
        ListingOpened = "listing_opened",
        /// A buyer took part of a listing, or all; the grams pass in the journal of the trade.
        ListingBought = "listing_bought",
        /// The seller took a listing back; what nobody bought is free again.
        ListingWithdrawn = "listing_withdrawn",
        /// The period of a listing is over; what nobody bought is free again.
        ListingExpired = "listing_expired",
        /// A buyer and a seller were matched; the deposit is held.
        TradeMatched = "trade_matched",
        /// One bureau of several approved; nothing moves yet.
        TradeApprovalGiven = "trade_approval_given",
        /// The last approval came; headroom is held where it is needed.
        TradeApproved = "trade_approved",
        /// A bureau refused the trade; all holds are undone.
        TradeRefused = "trade_refused",
        /// A party called the trade off; all holds are undone.
        TradeCancelled = "trade_cancelled",
        /// The buyer did not pay in time; all holds are undone, and the deposit is lost where the rules say so.
        TradeExpired = "trade_expired",
        /// Somebody objected to a trade that is laid open: the time to pay stands still.
        TradeObjected = "trade_objected",
        /// The last objection to a trade was dismissed: the time to pay begins anew.
        TradeResumed = "trade_resumed",
        /// The buyer paid towards the agreed total.
        TradePaid = "trade_paid",
        /// Rights against money, in one step (DvP).
        TradeSettled = "trade_settled",
        /// A permit was varied after the trade, for one side.
        TradePermitVaried = "trade_permit_varied",
        /// A bureau asked the province to lift the boundary of a trade; nothing moves.
        TradeOverrideRequested = "trade_override_requested",
        /// The province lifted it.
        TradeOverrideApproved = "trade_override_approved",
        /// The province did not.
        TradeOverrideRefused = "trade_override_refused",
        /// The bureau took its request back.
        TradeOverrideWithdrawn = "trade_override_withdrawn",
        /// The province took its override back.
        TradeOverrideRevoked = "trade_override_revoked",
        /// The last day of an override has passed.
        TradeOverrideLapsed = "trade_override_lapsed",
        /// A session of bidding was planned.
        AuctionPlanned = "auction_planned",
        /// An official contributed a key to which its bids are sealed.
        AuctionKeyContributed = "auction_key_contributed",
        /// An official handed in the private half of a key after the close.
        AuctionKeyHandedIn = "auction_key_handed_in",
        /// A session was announced; what is on offer is held by journals of the lots.
        AuctionAnnounced = "auction_announced",
        /// Bidding began.
        AuctionOpened = "auction_opened",
        /// Enough have bid: the timed bidding follows.
        AuctionFinal = "auction_final",
        /// Sealed bidding is over; the bids wait to be opened.
        AuctionClosed = "auction_closed",
        /// The bids are ranked; nothing moves yet.
        AuctionRanked = "auction_ranked",
        /// The exchange confirmed the ranking (成交确认单); trades are opened by journals of their own.
        AuctionConfirmed = "auction_confirmed",
        /// Every trade of it is over.
        AuctionSettled = "auction_settled",
        /// Too few have bid for anything.
        AuctionFailed = "auction_failed",
        /// The exchange called it off.
        AuctionCancelled = "auction_cancelled",
        /// A seller put a lot into a session; nothing is held yet.
        LotProposed = "lot_proposed",
        /// The seller took it out again.
        LotWithdrawn = "lot_withdrawn",
        /// It was announced; its grams are held.
        LotOffered = "lot_offered",
        /// Nobody may have it; its grams go back.
        LotFailed = "lot_failed",
        /// Its winners were confirmed; what nobody won goes back.
        LotAwarded = "lot_awarded",
        /// It was called off; its grams go back.
        LotCancelled = "lot_cancelled",
        /// Somebody registered to bid; the deposit is held.
        BidderRegistered = "bidder_registered",
        /// The exchange let them bid.
        BidderQualified = "bidder_qualified",
        /// The exchange did not; the deposit goes back.
        BidderRefused = "bidder_refused",
        /// They took it back; so does the deposit.
        BidderWithdrawn = "bidder_withdrawn",
        /// They won nothing; the deposit goes back.
        BidderReleased = "bidder_released",
        /// They won; what the deposit has beyond the trade's goes back.
        BidderWon = "bidder_won",
        /// A sealed bid arrived: its document hash is the commitment.
        SealedBidPlaced = "sealed_bid_placed",
        /// A credit facility was offered.
        FacilityOffered = "facility_offered",
        /// One borrower accepted its part of a facility.
        FacilityAccepted = "facility_accepted",
        /// One borrower declined its part of a facility.
        FacilityDeclined = "facility_declined",
        /// The pledgee took the offer of a part back.
        FacilityPartWithdrawn = "facility_part_withdrawn",
        /// The pledgee closed a facility; nothing more is drawn from it.
        FacilityClosed = "facility_closed",
        /// A bank applied for a pledge.
        PledgeApplied = "pledge_applied",
        /// The bureau verified the quantity.
        PledgeVerified = "pledge_verified",
        /// The pledgor agreed to the terms.
        PledgeAgreed = "pledge_agreed",
        /// One of several pledgors agreed to the terms, or to a change of them that waits for the others; nothing moves.
        FurtherPledgorAgreed = "further_pledgor_agreed",
        /// One of several pledgees said yes to its share; nothing moves.
        PledgeeJoined = "pledgee_joined",
        /// The pledge was registered and the grams moved.
        PledgeRegistered = "pledge_registered",
        /// The bureau or the pledgor turned the application down, or the bank took it back.
        PledgeRefused = "pledge_refused",
        /// The lien ended and what it held went back.
        PledgeReleased = "pledge_released",
        /// A transfer of the claim that a pledge secures was proposed; nothing moves.
        ClaimTransferProposed = "claim_transfer_proposed",
        /// Another has the claim, and is the pledgee; nothing moves.
        ClaimTransferred = "claim_transferred",
        /// A proposed transfer was turned down, or taken back.
        ClaimTransferDropped = "claim_transfer_dropped",
        /// What a lien lies on was valued anew; nothing moves.
        PledgeRevalued = "pledge_revalued",
        /// The pledgee reported what was paid out on a loan; nothing moves.
        PayoutReported = "payout_reported",
        /// A change of the terms of a pledge was proposed; nothing moves yet.
        PledgeAmendmentProposed = "pledge_amendment_proposed",
        /// A change of the terms came into force, and what it adds moved.
        PledgeAmended = "pledge_amended",
        /// A proposed change was refused, or taken back.
        PledgeAmendmentDropped = "pledge_amendment_dropped",
        /// A part of what a pledge holds went back, with the terms that are left.
        PledgePartlyReleased = "pledge_partly_released",
        /// By order of a court the lien ended and what it held went back.
        PledgeReleasedByCourt = "pledge_released_by_court",
        /// By order of a court a part of what a pledge holds went back.
        PledgePartlyReleasedByCourt = "pledge_partly_released_by_court",
        /// The pledgee told what the unified register says of a pledge; nothing moves.
        PledgeExternallyRegistered = "pledge_externally_registered",
        /// The pledgee was told that rights of its lien end or are to be taken back.
        PledgeeNotified = "pledgee_notified",
        /// Rights of a lien have ended; they moved in the journal of what ended them.
        LienLapsed = "lien_lapsed",
        /// A legacy register was taken over: what one of its holders had at its beginning.
        OpeningBalance = "opening_balance",
        /// A transaction of a legacy register, with all its rows.
        LegacyTransaction = "legacy_transaction",
        /// An accounting period was sealed; nothing moves.
        PeriodSealed = "period_sealed",
        /// A junior lien was registered; it waits in line and holds nothing yet.
        JuniorLienRegistered = "junior_lien_registered",
        /// A junior lien took what a lien or a freeze before it has let go.
        LienAdvanced = "lien_advanced",
        /// A junior lien waits no more for what nobody holds any more; nothing moves.
        LienWaitEnded = "lien_wait_ended",
        /// The pledgee declared a default; nothing moves.
        PledgeDefaulted = "pledge_defaulted",
        /// The pledgee told anew what is due after a default; nothing moves.
        DefaultRestated = "default_restated",
        /// The pledgor was called for more security; nothing moves.
        MarginCalled = "margin_called",
        /// The security that was called for is there, or the ratio is within the cap again; nothing moves.
        MarginMet = "margin_met",
        /// A default was cured; nothing moves.
        DefaultCured = "default_cured",
        /// A disposal of what a lien holds was proposed; nothing moves yet.
        DisposalProposed = "disposal_proposed",
        /// The pledgor agreed to a disposal; nothing moves yet.
        DisposalAgreed = "disposal_agreed",
        /// A disposal was declined, or taken back.
        DisposalDropped = "disposal_dropped",
        /// What a lien held was sold, and the proceeds were paid out by rank.
        PledgeEnforced = "pledge_enforced",
        /// The pledgor asked to sell what a lien holds; nothing moves yet.
        ConsentedSaleRequested = "consented_sale_requested",
        /// The pledgee consented to a sale of what its lien holds; nothing moves yet.
        ConsentedSaleAgreed = "consented_sale_agreed",
        /// The pledgee refused its consent, or the pledgor took its wish back.
        ConsentedSaleDropped = "consented_sale_dropped",
        /// What was sold with the pledgee's consent has left a pledge, and what it was paid its claim; what is left unsold after the whole
        /// claim goes back.
        SoldWithConsent = "sold_with_consent",
        /// A court froze rights.
        RightsFrozen = "rights_frozen",
        /// A freeze was lifted, in whole or in part.
        FreezeLifted = "freeze_lifted",
        /// What a court had frozen was sold.
        FreezeExecuted = "freeze_executed",
        /// A surrender, renewal, take-back or the like was proposed; nothing moves yet.
        RightActProposed = "right_act_proposed",
        /// Who is to sell rights back has agreed; nothing moves yet.
        RightActAgreed = "right_act_agreed",
        /// A renewal was approved and waits for the first day of the new validity.
        RightActApproved = "right_act_approved",
        /// It was turned down.
        RightActRefused = "right_act_refused",
        /// Its proposer took it back.
        RightActWithdrawn = "right_act_withdrawn",
        /// Rights were set aside for the reserve.
        RightsSetAside = "rights_set_aside",
        /// A bureau has varied rights downward.
        RightsVaried = "rights_varied",
        /// Rights were given up for good.
        RightsSurrendered = "rights_surrendered",
        /// Rights passed the end of their validity.
        RightsExpired = "rights_expired",
        /// Free rights went back to the reserve.
        RightsTakenBack = "rights_taken_back",
        /// Paid rights went back to the reserve, against money.
        RightsBoughtBack = "rights_bought_back",
        /// Rights turned into rights of another class.
        RightsConverted = "rights_converted",
        /// An annual surplus was made tradable.
        SurplusGranted = "surplus_granted",
        /// The annual account of a site and a pollutant was opened.
        ComplianceYearOpened = "compliance_year_opened",
        /// An annual account was handed in, with the figures as they stood.
        ComplianceYearReported = "compliance_year_reported",
        /// An annual account went back to whoever had handed it in.
        ComplianceYearReturned = "compliance_year_returned",
        /// An annual account was verified: a surplus or a shortfall.
        ComplianceYearVerified = "compliance_year_verified",
        /// Annual surplus was given up to cover a shortfall.
        ShortfallCovered = "shortfall_covered",
        /// An annual account was settled (清缴).
        ComplianceYearSettled = "compliance_year_settled",
        /// An annual account was sealed; nothing of it changes any more.
        ComplianceYearSealed = "compliance_year_sealed",
        /// Money came in that nobody could be matched to.
        PaymentUnmatched = "payment_unmatched",
        /// Money in suspense was found to be somebody's.
        PaymentMatched = "payment_matched",
        /// Money in suspense went back to whoever had paid it.
        PaymentReturned = "payment_returned",
        /// An earlier journal was undone by its exact opposite.
        Reversal = "reversal",
    }
}

crate::words! {
    /// What kind of thing a journal is about.
    SubjectKind {
        /// An area's cap for a pollutant.
        Capacity = "capacity",
        /// A change of a cap that waits for its day.
        CapacityChange = "capacity_change",
        /// A suspension of an area.
        AreaSuspension = "area_suspension",
        /// A grant.
        Allocation = "allocation",
        /// An application for rights.
        AllocationApplication = "allocation_application",
        /// An application for the registration of a reduction.
        ReductionApplication = "reduction_application",
        /// A certificate of what a site holds of a right class.
        Certificate = "certificate",
        /// A certified extract of the lien register.
        Extract = "extract",
        /// An objection to what was laid open.
        Objection = "objection",
        /// A fact that the checks read.
        Fact = "fact",
        /// A batch of grants.
        AllocationBatch = "allocation_batch",
        /// A part of a batch of grants, which one journal grants.
        AllocationPart = "allocation_part",
        /// Money in or out.
        MoneyMovement = "money_movement",
        /// A payment that came in at the settlement bank.
        Payment = "payment",
        /// A named offer.
        Offer = "offer",
        /// A listing at a fixed price.
        Listing = "listing",
        /// A trade.
        Trade = "trade",
        /// A province's override of the boundary of a trade.
        TradeOverride = "trade_override",
        /// A session of bidding.
        Auction = "auction",
        /// What is on offer in it.
        AuctionLot = "auction_lot",
        /// Who may bid for a lot.
        AuctionRegistration = "auction_registration",
        /// A bid.
        AuctionBid = "auction_bid",
        /// A credit facility.
        Facility = "facility",
        /// A pledge and its lien.
        Pledge = "pledge",
        /// Who had an account in a legacy register.
        Holder = "holder",
        /// A transaction of a legacy register.
        LegacyTransaction = "legacy_transaction",
        /// An accounting period.
        Period = "period",
        /// A court freeze.
        Freeze = "freeze",
        /// Rights that end, go back or change their class.
        Tenure = "tenure",
        /// The annual account of a site and a pollutant.
        ComplianceYear = "compliance_year",
        /// Another journal.
        Journal = "journal",
    }
}

/// What the journal is about, and the version the thing has reached with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subject {
    /// What kind of thing.
    pub kind: SubjectKind,
    /// Which one.
    pub id: Uuid,
    /// The version of the thing after this event.
    pub version: i64,
}

impl Subject {
    /// The same id as a key of an account that holds something for it.
    pub fn holder(&self) -> SubjectId {
        SubjectId(self.id)
    }
}

/// One business event. The instant it is recorded at is stamped when it is posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// Its identity.
    pub id: JournalId,
    /// What happened.
    pub kind: JournalKind,
    /// To what.
    pub subject: Subject,
    /// The legal date (Asia/Shanghai).
    pub effective_on: Date,
    /// Who acted, when it is not the one for whom the work that posts it was begun.
    pub actor: Option<Uuid>,
    /// Why, in the actor's words.
    pub reason: Option<String>,
    /// SHA-256 of the document that proves it, in lower-case hexadecimal.
    pub document_hash: Option<String>,
    /// The journal that this one undoes.
    pub reverses: Option<JournalId>,
    /// What moves; may be empty.
    pub postings: Vec<Posting>,
}

impl Journal {
    /// An event in which `postings` move.
    pub fn new(id: JournalId, kind: JournalKind, subject: Subject, effective_on: Date, postings: Vec<Posting>) -> Self {
        Self {
            id,
            kind,
            subject,
            effective_on,
            actor: None,
            reason: None,
            document_hash: None,
            reverses: None,
            postings,
        }
    }

    /// As the act of this user.
    #[must_use]
    pub fn by(mut self, actor: Uuid) -> Self {
        self.actor = Some(actor);
        self
    }

    /// With the actor's reason.
    #[must_use]
    pub fn because(mut self, reason: Option<String>) -> Self {
        self.reason = reason;
        self
    }

    /// With the hash of the document that proves it.
    #[must_use]
    pub fn proved_by(mut self, document_hash: Option<String>) -> Self {
        self.document_hash = document_hash;
        self
    }

    /// The counter-journal: every posting back, in the opposite order.
    #[must_use]
    pub fn reversal(&self, id: JournalId, effective_on: Date) -> Self {
        let postings = self.postings.iter().rev().map(Posting::reversed).collect();
        let subject = Subject { kind: SubjectKind::Journal, id: self.id.0, version: 1 };
        let mut counter = Self::new(id, JournalKind::Reversal, subject, effective_on, postings);
        counter.reverses = Some(self.id);
        counter
    }

    /// Every account it touches, in posting order, with repeats.
    pub fn accounts(&self) -> impl Iterator<Item = AccountKey> + '_ {
        self.postings.iter().flat_map(|posting| [*posting.from(), *posting.to()])
    }
}
