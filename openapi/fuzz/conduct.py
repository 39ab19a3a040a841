"""Signs in as the user that FUZZ_LOGIN names, and leaves out what no client can make up."""

import os

import requests
import schemathesis


@schemathesis.auth(refresh_interval=300)
class Bearer:
    """A token of the server's own, renewed before it is over."""

    def get(self, case, context):
        body = {"login": os.environ["FUZZ_LOGIN"], "password": os.environ["FUZZ_PASSWORD"]}
        answer = requests.post(os.environ["FUZZ_URL"] + "/api/v1/auth/login", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()["access_token"]

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = "Bearer " + data


@schemathesis.hook
def before_call(context, case, kwargs):
    """A cursor is sealed: only the server makes one. The forging of cursors is tried in the tests of the program.

    A rehearsal needs no key, so a command without one is no rehearsal here."""
    if case.query and "Idempotency-Key" not in (case.headers or {}):
        case.query.pop("dry_run", None)
    is_valid = case.meta is not None and case.meta.generation.mode.is_positive
    if is_valid and case.query:
        case.query.pop("cursor", None)
