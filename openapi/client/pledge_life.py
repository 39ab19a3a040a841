"""The life of two pledges as a bank's program runs it, written from the contract alone: see docs/PLEDGES.md.

One is registered, paid out, extended with more security, given back in part, valued anew, defaulted on and
sold; the other is defaulted on, cured and released. Where the server behaves otherwise, the program fails.
"""

import datetime
import time
from collections.abc import Callable
from typing import Any, TypeVar

import demonstration
from calls import only, program
from demonstration import BASE, LosesAnAnswer, login, organisation
from ganhe_client.api.consents import give_consent, list_access, look_under_consent
from ganhe_client.api.events import list_deliveries, list_events, list_webhooks, register_webhook
from ganhe_client.api.identity import find_me
from ganhe_client.api.parties import list_projects, list_sites
from ganhe_client.api.pledges import (
    agree_amendment,
    agree_pledge,
    apply_for_pledge,
    cure_default,
    declare_default,
    find_pledge,
    list_amendments,
    list_screenings,
    list_valuations,
    propose_amendment,
    propose_disposal,
    record_external_registration,
    register_pledge,
    release_part_of_pledge,
    release_pledge,
    report_payout,
    revalue_pledge,
    settle_disposal,
    verify_pledge,
)
from ganhe_client.models import (
    AmendedLien,
    ApplyForPledge,
    Consent,
    DeclareDefault,
    DefaultNotice,
    Disposal,
    Event,
    ExternalRegistration,
    GiveConsent,
    ListingAccessRecord,
    ListingAmendment,
    ListingDelivery,
    ListingEvent,
    ListingProject,
    ListingSite,
    ListingValuation,
    ListingWebhook,
    Me,
    Pledge,
    PledgedRight,
    ProposeAmendment,
    ProposeDisposal,
    ProposeDisposalMode,
    RecordExternalRegistration,
    RecordExternalRegistrationStatus,
    RegisterWebhook,
    ReleasedLien,
    ReleasePart,
    ReportPayout,
    RevaluedLien,
    RevaluePledge,
    Screenings,
    SeenHoldings,
    VerifyPledge,
    WebhookWithSecret,
)

T = TypeVar("T")

BANK = "91421222MA0000903Q"
MILL = "91421222MA0000002J"
BUYER = "91421222MA0000001F"
COD = "COD-MULTI-PAID-LUSHUI-20210101-20251231"
# What the bank's program may do: each operation of the contract tells the permission that it needs.
SCOPES = [
    "read_parties",
    "read_under_consent",
    "read_pledges",
    "register_pledge",
    "release_pledge",
    "enforce_pledge",
    "read_events",
]


def expect(found: Any, wanted: Any) -> None:
    """Ends the program where the server behaves otherwise."""
    if found != wanted:
        raise AssertionError(f"found: {found}, wanted: {wanted}")
    print(f"ok: {found}")


def soon(read: Callable[[], T], is_there: Callable[[T], bool]) -> T:
    """Reads until it is there, for ten seconds at most: events appear within about a second."""
    for _ in range(50):
        if is_there(found := read()):
            break
        time.sleep(0.2)
    return found


print("-- the bank's program signs in by client credentials, the people of the others by their logins")
administrator = demonstration.administrator(BANK)
network = LosesAnAnswer("/register")
bank = program(BASE, *demonstration.credentials(administrator, BANK, SCOPES), network)
mill, bureau, buyer = login("liwei.trader"), login("tongcheng.officer"), login("yaxiya.trader")
demonstration.cap_loans("0.90")
settlement_bank = demonstration.pays_in(BUYER, "70320.00")

me = bank.read(Me, find_me)
today = me.business_time.date()
expect((me.kind, me.organisation_kind), ("client", "bank"))
mill_id, buyer_id = organisation(bank, MILL), organisation(bank, BUYER)
mill_site = only(bank.read(ListingSite, list_sites, organisation=mill_id))
buyer_site = only(bank.read(ListingSite, list_sites, organisation=buyer_id))


def events(after: int) -> list[Event]:
    """What has happened to the bank since that position, page by page."""
    told: list[Event] = []
    while page := bank.read(ListingEvent, list_events, after=after, limit=200).items:
        told += page
        after = page[-1].position
    return told


so_far = events(0)[-1].position
hook = RegisterWebhook(url="https://bank.example/hooks/ganhe", kinds=["pledge_registered", "pledge_enforced"])
webhook = administrator.act(WebhookWithSecret, register_webhook, body=hook).webhook

print("-- the enterprise lets the bank look at one class of its rights")
consent = mill.act(
    Consent,
    give_consent,
    body=GiveConsent(pledgee=me.organisation, right_classes=[COD], valid_until=datetime.date(2023, 11, 30)),
)


def looks() -> dict[str, str]:
    """What the enterprise holds of the class, by what it is held for. Each look is a new one, and logged."""
    return {it.purpose: it.balance for it in bank.act(SeenHoldings, look_under_consent, consent.id).items}


expect(looks(), {"available": "72.212"})


def application(
    contract: str, quantity: str, assessed_value: str, principal: str, secured: str
) -> ApplyForPledge:
    """So much of the class, for the part of a loan that is to rest on it."""
    return ApplyForPledge(
        pledgor=mill_id,
        loan_contract=f"惠发借字{contract}",
        pledge_contract=f"惠发质字{contract}",
        principal=principal,
        secured=secured,
        assessed_value=assessed_value,
        valuation_method="base_price",
        valued_on=today,
        debt_from=today,
        debt_to=datetime.date(2023, 11, 30),
        rights=[PledgedRight(site=mill_site.id, right_class=COD, quantity=quantity)],
    )


def agreed(body: ApplyForPledge) -> Pledge:
    """Applied for by the bank, verified by the bureau, agreed to by the enterprise."""
    pledge = bank.act(Pledge, apply_for_pledge, body=body)
    bureau.act(Pledge, verify_pledge, pledge.id, body=VerifyPledge(reason="数量与凭证一致"))
    return mill.act(Pledge, agree_pledge, pledge.id, seen=bank.read(Pledge, find_pledge, pledge.id))


print("-- 10.000 t for a loan of 100,000.00, of which 70,000.00 rest on them")
pledge = agreed(application("2022-201", "10.000", "87900.00", "100000.00", "70000.00"))
expect((pledge.state, pledge.number, pledge.ltv), ("agreed", None, "0.7964"))
# The answer to this one is lost. The repeat under the same key gets it, and nothing is registered twice.
pledge = bank.act(Pledge, register_pledge, pledge.id, seen=pledge)
expect((len(network.keys), len(set(network.keys))), (2, 1))
expect((pledge.state, pledge.number, pledge.version), ("registered", "PL-2022-000007", 4))
expect(looks(), {"available": "62.212", "pledged": "10.000"})
[lien] = pledge.liens

print("-- what is pledged is not pledged again, and every broken rule is told at once")
problem = bank.is_refused(
    apply_for_pledge, body=application("2022-202", "62.213", "546852.27", "500000.00", "500000.00")
)
for violation in problem.violations:
    print(f"{violation.code}, {violation.field}: {violation.message} ({violation.legal_basis})")
expect(problem.status, 422)
expect({it.code for it in problem.violations}, {"PLG_NOT_ENOUGH_AVAILABLE", "PLG_LTV_OVER_CAP"})

print("-- what it rests on, and its number in the unified register")
screenings = bank.read(Screenings, list_screenings, pledge.id).items
expect([it.step for it in screenings], ["applied", "registered"])
expect({it.outcome.value for it in screenings[1].findings}, {"passed", "off"})
[ltv] = [it for it in screenings[1].findings if it.check == "PLG_LTV_OVER_CAP"]
expect((ltv.outcome, ltv.rule, ltv.seen), ("passed", "0.90", "0.7964"))
number = RecordExternalRegistration(
    number="16830024002150738291", status=RecordExternalRegistrationStatus.REGISTERED, valid_until=datetime.date(2023, 11, 30)
)
pledge = bank.act(Pledge, record_external_registration, pledge.id, body=number, seen=pledge)
assert isinstance(pledge.external_registration, ExternalRegistration)
expect(
    (pledge.external_registration.number, pledge.external_registration.status),
    ("16830024002150738291", "registered"),
)

print("-- the loan is paid out, in two parts")
for amount, reference in ("60000.00", "放款2022-1201-01"), ("40000.00", "放款2022-1201-02"):
    payout = ReportPayout(amount=amount, paid_on=today, annual_rate="4.35", reference=reference)
    pledge = bank.act(Pledge, report_payout, pledge.id, body=payout, seen=pledge)
expect((pledge.paid_out, [it.amount for it in pledge.payouts]), ("100000.00", ["60000.00", "40000.00"]))

print("-- a year more for 2.500 t more: proposed by the bank, and in force when the enterprise agrees")
change = ProposeAmendment(
    reason="展期并追加质押",
    debt_to=datetime.date(2024, 11, 30),
    valuation_method="base_price",
    valued_on=today,
    liens=[AmendedLien(lien=lien.id, add_quantity="2.500", assessed_value="109875.00")],
)
pledge = bank.act(Pledge, propose_amendment, pledge.id, body=change, seen=pledge)
expect((pledge.open_amendment, pledge.liens[0].held), (True, "10.000"))
pledge = mill.act(Pledge, agree_amendment, pledge.id, seen=pledge)
expect(
    (pledge.terms_number, str(pledge.debt_to), pledge.liens[0].held, pledge.ltv),
    (2, "2024-11-30", "12.500", "0.6371"),
)

print("-- 10,000.00 are repaid, and 4.500 t go back")
part = ReleasePart(
    reason="部分还款",
    principal="90000.00",
    secured="60000.00",
    liens=[ReleasedLien(lien=lien.id, quantity="4.500")],
)
pledge = bank.act(Pledge, release_part_of_pledge, pledge.id, body=part, seen=pledge)
expect(
    (pledge.terms_number, pledge.liens[0].held, pledge.assessed_value, pledge.ltv),
    (3, "8.000", "70320.00", "0.8532"),
)
expect(looks(), {"available": "64.212", "pledged": "8.000"})
versions = bank.read(ListingAmendment, list_amendments, pledge.id).items
expect(
    [(it.number, it.kind, it.state) for it in versions],
    [(2, "amendment", "in_force"), (3, "partial_release", "in_force")],
)

print("-- the price falls: 93.75 % where 90 % is the cap, and more security is called for")
value = RevaluePledge(
    method="market_price", valued_on=today, valuations=[RevaluedLien(lien=lien.id, assessed_value="64000.00")]
)
pledge = bank.act(Pledge, revalue_pledge, pledge.id, body=value, seen=pledge)
[call] = pledge.margin_calls
expect((call.ltv, call.cap, call.ended_at), ("0.9375", "0.90", None))
values = bank.read(ListingValuation, list_valuations, pledge.id).items
expect([it.assessed_value for it in values], ["87900.00", "109875.00", "70320.00", "64000.00"])

print("-- neither comes: the default is declared, and the rights are sold to who has won them at auction")
pledge = bank.act(
    Pledge,
    declare_default,
    pledge.id,
    body=DeclareDefault(reason="逾期未还", amount_due="61000.00"),
    seen=pledge,
)
assert isinstance(pledge.default_notice, DefaultNotice)
expect((pledge.state, pledge.default_notice.amount_due), ("defaulted", "61000.00"))
project = only(buyer.read(ListingProject, list_projects, site=buyer_site.id))
sale = ProposeDisposal(
    lien=lien.id,
    mode=ProposeDisposalMode.AUCTION,
    document="咸宁处置2022-001",
    buyer_site=buyer_site.id,
    project=project.id,
    unit_price="8790.00",
    costs="1000.00",
    owed="61000.00",
    settlement_bank=settlement_bank,
)
disposal = bank.act(Disposal, propose_disposal, pledge.id, body=sale, seen=pledge)
expect((disposal.state, disposal.quantity, disposal.total), ("proposed", "8.000", "70320.00"))
disposal = buyer.act(Disposal, settle_disposal, disposal.id, seen=disposal)
expect((disposal.state, disposal.paid_costs, disposal.paid_claim), ("settled", "1000.00", "61000.00"))
expect((disposal.surplus, disposal.shortfall), ("8320.00", "0.00"))
pledge = bank.read(Pledge, find_pledge, pledge.id)
expect((pledge.state, pledge.still_owed, pledge.margin_calls[0].ended_at is None), ("closed", "0.00", False))

print("-- another pledge: a default that is cured, and the release once the loan is repaid")
other = agreed(application("2022-203", "5.000", "43950.00", "30000.00", "30000.00"))
registered = bank.act(Pledge, register_pledge, other.id, seen=other)
other = bank.act(
    Pledge,
    declare_default,
    other.id,
    body=DeclareDefault(reason="逾期未还", amount_due="30100.00"),
    seen=registered,
)
# Whoever decides on what has changed meanwhile is told so.
stale = bank.is_refused(release_pledge, other.id, seen=registered)
expect((stale.status, stale.code), (412, "API_STALE_VERSION"))
other = bank.act(Pledge, cure_default, other.id, seen=other)
expect((other.state, other.default_notice), ("registered", None))
other = bank.act(Pledge, release_pledge, other.id, seen=other)
expect((other.state, other.number), ("released", "PL-2022-000008"))

print("-- what is left: 8.000 t were sold, everything else is free")
expect(looks(), {"available": "64.212"})
log = mill.read(ListingAccessRecord, list_access, limit=200).items
expect([it.reader_organisation_name for it in log if it.consent == consent.id], ["通城县惠发村镇银行"] * 4)

print("-- the feed tells every act once and in order, and the webhook what it was registered for")
feed = soon(lambda: events(so_far), lambda told: "pledge_released" in {it.kind for it in told})
positions = [it.position for it in feed]
expect(positions, sorted(set(positions)))
beginning = ["pledge_applied", "pledge_verified", "pledge_agreed", "pledge_registered"]
lent = ["pledge_externally_registered", "payout_reported", "payout_reported"]
changed = ["pledge_amendment_proposed", "pledge_amended", "pledge_partly_released", "pledge_revalued", "margin_called"]
sold = ["pledge_defaulted", "disposal_proposed", "pledge_enforced"]
expect([it.kind for it in feed if it.subject == pledge.id], beginning + lent + changed + sold)
expect(
    [it.kind for it in feed if it.subject == other.id],
    [*beginning, "pledge_defaulted", "default_cured", "pledge_released"],
)
expect(
    [(it.state, it.url) for it in administrator.read(ListingWebhook, list_webhooks).items],
    [("active", hook.url)],
)
# Nobody answers at this address: what it is to be told of waits for the next try.
wanted = {it.id for it in feed if it.kind in ("pledge_registered", "pledge_enforced")}
messages = soon(
    lambda: administrator.read(ListingDelivery, list_deliveries, webhook.id).items,
    lambda told: len(told) == len(wanted),
)
expect({it.event for it in messages} == wanted, True)
expect({it.state.value for it in messages}, {"waiting"})

expect(demonstration.books_are_clean(), True)
