"""What stands around the bank in the demonstration: its administrator, the offices, and a bad network."""

import os
import time
from uuid import UUID

import httpx
from calls import Party, only, person
from ganhe_client.api.audit import verify_books
from ganhe_client.api.decisions import decide_task
from ganhe_client.api.identity import find_me, register_client, register_user
from ganhe_client.api.money import confirm_deposit
from ganhe_client.api.operations import find_operation
from ganhe_client.api.parties import list_organisations
from ganhe_client.api.reference import adopt_rulebook
from ganhe_client.models import (
    AdoptRulebook,
    ChangeRule,
    ClientWithSecret,
    ConfirmMoney,
    DecideTask,
    DecideTaskOutcome,
    ListingOrganisation,
    Me,
    MoneyMovement,
    Operation,
    OperationResultType0,
    RegisterClient,
    RegisterUser,
    Task,
    User,
)

BASE = os.environ["BASE"]
PASSWORD = "ganhe-demo-2022"


def login(name: str) -> Party:
    """Somebody whom the README lists."""
    return person(BASE, name, PASSWORD)


def organisation(party: Party, code: str) -> UUID:
    """The id of the organisation with that credit code."""
    found: UUID = only(party.read(ListingOrganisation, list_organisations, code=code)).id
    return found


def administrator(bank: str) -> Party:
    """The operator registers the first administrator of the bank, who keeps its people and programs."""
    operator = login("operator")
    body = RegisterUser(
        organisation=organisation(operator, bank),
        login="huifa.admin",
        name="管理员 周",
        roles=["organisation_admin"],
        password=PASSWORD,
    )
    operator.act(User, register_user, body=body)
    return login("huifa.admin")


def credentials(of: Party, bank: str, scopes: list[str]) -> tuple[str, str]:
    """The administrator registers the bank's program, for what it is to do and no more: its id and secret."""
    body = RegisterClient(
        organisation=organisation(of, bank),
        name="信贷系统",
        roles=["pledgee_officer"],
        scopes=scopes,
        networks=["127.0.0.0/8"],
    )
    made = of.act(ClientWithSecret, register_client, body=body)
    return str(made.client.id), str(made.client_secret)


def cap_loans(ltv: str) -> None:
    """The province caps what may be lent on a right: its officer proposes the rule, its head approves it."""
    officer, head = login("province.officer"), login("province.head")
    cap = ChangeRule(name="ltv_cap", value=ltv, legal_basis="湖北省排污权抵质押贷款操作指引(暂行)")
    today = officer.read(Me, find_me).business_time.date()
    task = officer.act(Task, adopt_rulebook, body=AdoptRulebook(effective_from=today, rules=[cap]))
    head.act(Task, decide_task, task.id, body=DecideTask(outcome=DecideTaskOutcome.APPROVED, reason="同意"))


def pays_in(code: str, amount: str) -> UUID:
    """The settlement bank confirms what somebody has paid in; gives its own id, because it pays out, too."""
    officer = login("settlement.officer")
    paid = ConfirmMoney(
        organisation=organisation(officer, code), amount=amount, bank_reference="XN20221201000099"
    )
    officer.act(MoneyMovement, confirm_deposit, body=paid)
    return officer.read(Me, find_me).organisation


def books_are_clean() -> bool:
    """The auditor has every balance derived again from the entries, and waits for the result."""
    auditor = login("auditor")
    work = auditor.act(Operation, verify_books)
    while work.state not in ("finished", "failed"):
        time.sleep(0.1)
        work = auditor.read(Operation, find_operation, work.id)
    return isinstance(work.result, OperationResultType0) and work.result["is_clean"] is True


class LosesAnAnswer(httpx.HTTPTransport):
    """A network that brings every request to the server, and loses the first answer to one path."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.keys: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        if request.url.path.endswith(self.path):
            self.keys.append(request.headers["Idempotency-Key"])
            if len(self.keys) == 1:
                answer.read()
                answer.close()
                raise httpx.ReadTimeout("the answer is lost", request=request)
        return answer
