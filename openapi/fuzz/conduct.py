"""Signs in as the user that FUZZ_LOGIN names, and leaves out what no client can make up.

Calls about one's own sign-in are made by another user, FUZZ_SPARE, signed in anew for each: they end sessions and change passwords,
and whoever tries all other operations must stay signed in."""

import os
import time

import requests
import schemathesis


# The server slows down an address from which guesses come; these sign-ins come from another one (the server believes this proxy).
ELSEWHERE = {"X-Forwarded-For": "192.0.2.1"}


# The password of the demonstration, and the new one that the contract gives as an example.
PASSWORDS = [os.environ["FUZZ_PASSWORD"], "correct-horse-battery"]


def asked(body):
    """What the server answers to a sign-in, asked again as often as it says that it is busy now."""
    for _ in range(20):
        answer = requests.post(os.environ["FUZZ_URL"] + "/api/v1/auth/login", json=body, headers=ELSEWHERE, timeout=30)
        if answer.status_code not in (429, 503):
            break
        time.sleep(int(answer.headers["Retry-After"]))
    return answer


def sign_in(login):
    """The access token of a new session, or the last refusal; a spare user's password may have been made up by a run."""
    for password in PASSWORDS:
        answer = asked({"login": login, "password": password})
        if answer.ok:
            return answer.json()["access_token"], None
    return "none", f"{answer.status_code} {answer.text}"


@schemathesis.auth(refresh_interval=300)
class Bearer:
    """A token of the server's own, renewed before it is over."""

    def get(self, case, context):
        token, refusal = sign_in(os.environ["FUZZ_LOGIN"])
        if refusal:
            print("the user of the run cannot sign in:", refusal)
        assert refusal is None
        return token

    def set(self, case, data, context):
        case.headers = case.headers or {}
        if case.operation.path.startswith("/api/v1/auth/") and case.operation.method.upper() == "POST":
            data, _ = sign_in(os.environ["FUZZ_SPARE"])
        case.headers["Authorization"] = "Bearer " + data


def is_wrong(case, where):
    """Whether a part of the call is made up to be refused."""
    parts = case.meta.components.items() if case.meta is not None else []
    return any(part.value == where and info.mode.is_negative for part, info in parts)


@schemathesis.hook
def before_call(context, case, kwargs):
    """A cursor is sealed: only the server makes one. The forging of cursors is tried in the tests of the program.

    A rehearsal needs no key, so a command without one is no rehearsal here."""
    if case.query and "Idempotency-Key" not in (case.headers or {}):
        case.query.pop("dry_run", None)
    is_valid = case.meta is not None and case.meta.generation.mode.is_positive
    # What is wrong with a call may be its headers alone; then its cursor is as made up as that of a right one.
    if case.query and not is_wrong(case, "query"):
        case.query.pop("cursor", None)
    # Whoever acts under a delegation has the roles that it hands over, and under a made-up one none.
    if case.headers:
        case.headers.pop("Acting-For", None)
    # In place of a version the generator sends nothing at all, which the pattern of the contract forbids: a client that lost
    # what it expects must not be told that it was so.
    for name in ("If-Match", "Ledger-Expect"):
        if is_valid and case.headers and case.headers.get(name) == "":
            del case.headers[name]
