"""How to sign in and how to call. What there is to call is ``ganhe_client``, generated from the contract."""

import time
from types import ModuleType
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
from ganhe_client import AuthenticatedClient, Client
from ganhe_client.api.identity import issue_token, sign_in
from ganhe_client.models import ClientToken, Empty, OAuthError, Problem, Session, SignIn, TokenRequest

T = TypeVar("T")


class Refused(Exception):
    """The server said no; the problem says why, rule by rule."""

    def __init__(self, problem: Problem) -> None:
        broken = [f"{it.code} ({it.field or 'the whole'}): {it.message}" for it in problem.violations]
        super().__init__("; ".join(broken) or problem.detail)
        self.problem = problem


def ask(wanted: type[T], operation: ModuleType, *ids: UUID, **arguments: Any) -> T:
    """Gives the answer that is wanted. Where none comes, or the server is busy: the very same call again."""
    for attempt in range(5):
        try:
            answer = operation.sync_detailed(*ids, **arguments)
        except httpx.TransportError:
            time.sleep(0.1 * 2**attempt)
            continue
        if answer.status_code in (429, 503):
            time.sleep(float(answer.headers["Retry-After"]))
            continue
        if isinstance(answer.parsed, Problem):
            raise Refused(answer.parsed)
        if isinstance(answer.parsed, OAuthError):
            raise PermissionError(answer.parsed.error_description)
        if isinstance(answer.parsed, wanted):
            return answer.parsed
        raise TypeError(
            f"{wanted.__name__} was wanted, this came: {answer.status_code} {answer.content.decode()}"
        )
    raise TimeoutError("no answer in five tries")


class Party:
    """A person or a program that has signed in. A status that is not in the contract raises an error."""

    def __init__(self, base: str, token: str, transport: httpx.BaseTransport | None = None) -> None:
        self.client = AuthenticatedClient(
            base_url=base,
            token=token,
            headers={"Accept-Language": "en"},
            timeout=httpx.Timeout(30),
            raise_on_unexpected_status=True,
            httpx_args={"transport": transport},
        )

    def read(self, wanted: type[T], operation: ModuleType, *ids: UUID, **filters: Any) -> T:
        """Reads a thing or a page of things."""
        return ask(wanted, operation, *ids, client=self.client, **filters)

    def act(
        self, wanted: type[T], operation: ModuleType, *ids: UUID, body: Any = None, seen: Any = None
    ) -> T:
        """Acts under its own key. A repeat keeps it: nothing is done twice, the first answer comes back.

        With ``seen``, the thing as one has decided on it, it is refused when the thing has changed since.
        """
        terms = {} if seen is None else {"if_match": f'"{seen.version}"'}
        key = str(uuid4())
        return ask(
            wanted, operation, *ids, client=self.client, body=body or Empty(), idempotency_key=key, **terms
        )

    def is_refused(self, operation: ModuleType, *ids: UUID, body: Any = None, seen: Any = None) -> Problem:
        """Acts as nobody may, and gives the refusal."""
        try:
            done = self.act(object, operation, *ids, body=body, seen=seen)
        except Refused as refused:
            return refused.problem
        raise AssertionError(f"this must be refused: {done}")


def person(base: str, login: str, password: str) -> Party:
    """A person, signed in by login and password."""
    session = ask(Session, sign_in, client=Client(base_url=base), body=SignIn(login=login, password=password))
    return Party(base, session.access_token)


def program(base: str, client_id: str, secret: str, transport: httpx.BaseTransport | None = None) -> Party:
    """A program, signed in by OAuth client credentials. After ``expires_in`` seconds it must do so again."""
    body = TokenRequest(grant_type="client_credentials", client_id=client_id, client_secret=secret)
    token = ask(ClientToken, issue_token, client=Client(base_url=base), body=body)
    return Party(base, token.access_token, transport)


def only(page: Any) -> Any:
    """The one thing of a list that was filtered down to it."""
    [thing] = page.items
    return thing
