"""`fixline submit`: a request from a terminal, over the same address that programs use."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import httpx
import orjson
import typer

from schemas.text import show_number
from schemas.vocabulary import Kind, Language
from services.commands.terminal import AsJson, Exit, fail, out, print_json, settings

#: Where a program's token is looked for; on a command line everybody could read it.
TOKEN = "FIXLINE_TOKEN"  # noqa: S105 - the variable's name

_PATIENCE = 30.0


def submit(
    file: Annotated[
        str | None, typer.Argument(help="A file with one request as JSON, or - for standard input.", metavar="[FILE|-]")
    ] = None,
    kind: Annotated[Kind | None, typer.Option("--kind", help="What is asked.")] = None,
    text: Annotated[str | None, typer.Option("--text", help="What is wrong, in words.")] = None,
    machine_type: Annotated[str | None, typer.Option("--type", help="Machine type.")] = None,
    serial: Annotated[str | None, typer.Option("--serial", help="Serial number.")] = None,
    customer: Annotated[str | None, typer.Option("--customer", help="Customer number.")] = None,
    contract: Annotated[str | None, typer.Option("--contract", help="Contract number.")] = None,
    product: Annotated[str | None, typer.Option("--product", help="Product id.")] = None,
    severity: Annotated[int | None, typer.Option("--severity", min=1, max=4, help="1: work has stopped … 4.")] = None,
    language: Annotated[Language | None, typer.Option("--language", help="Language of messages.")] = None,
    email: Annotated[str | None, typer.Option("--email", help="Whom to write to.")] = None,
    key: Annotated[
        str | None, typer.Option("--key", help="Idempotency key: the same key and request gives the same number again.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Send a request and print its number. Options go before what the file says."""
    given: dict[str, Any] = {
        "kind": kind,
        "text": text,
        "customer_number": customer,
        "contract_number": contract,
        "product_id": product,
        "severity": severity,
        "language": language,
    }
    machine = _given({"type": machine_type, "serial": serial})
    contact = _given({"email": email})
    body = _read(file) | _given(given)
    if machine:
        body["machine"] = machine
    if contact:
        body["contact"] = contact
    if not body:
        fail(Exit.USAGE, "nothing to send: name a file, - for standard input, or --kind and --text")
    answer = _post(body, key or str(uuid4()))
    if as_json:
        print_json(answer)
        return
    out.print(f"{show_number(answer['number'])}  accepted; tracking code {answer['tracking_code']}", markup=False)
    out.print(
        f"Next: `fixline track {show_number(answer['number'])} --follow`, or {answer['tracking_url']}", markup=False
    )


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _read(file: str | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        found = orjson.loads(raw)
    except OSError as error:
        fail(Exit.USAGE, f"{file}: {error.strerror}; name a file that can be read")
    except orjson.JSONDecodeError as error:
        fail(Exit.USAGE, f"{file}:{error.lineno}:{error.colno}: not JSON; give one request as an object")
    if not isinstance(found, dict):
        fail(Exit.USAGE, f"{file}: give one request as a JSON object, {{…}}")
    return found


def _post(body: dict[str, Any], key: str) -> dict[str, Any]:
    """The answer. One repeat under the same key when the line breaks: it cannot become two requests."""
    address = f"{settings().public_url.rstrip('/')}/api/requests"
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    secret = os.environ.get(TOKEN)
    if secret:
        headers["Authorization"] = f"Bearer {secret}"
    for last in (False, True):
        try:
            answer = httpx.post(
                address, content=orjson.dumps(body), headers=headers, timeout=_PATIENCE, trust_env=False
            )
            break
        except httpx.HTTPError as error:
            if last:
                fail(
                    Exit.AWAY,
                    f"{address}: {type(error).__name__}; is it running? See FIXLINE_PUBLIC_URL. "
                    f"Nothing is sent twice with --key {key}",
                )
    return _understood(answer, address, key)


def _understood(answer: httpx.Response, address: str, key: str) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        fail(Exit.AWAY, f"{address}: answered {answer.status_code} without JSON; see FIXLINE_PUBLIC_URL")
    if answer.status_code == httpx.codes.CREATED:
        return said
    faults = "; ".join(f"{one['path'] or 'request'}: {one['message']}" for one in said.get("errors", []))
    sentence = faults or said.get("detail") or str(answer.status_code)
    if answer.status_code >= 500:
        fail(Exit.AWAY, f"{sentence} Nothing is sent twice with --key {key}")
    fail(Exit.NO, sentence)
