"""`fixline user` and `fixline token`: who of the staff, and which programs, may come in (docs/architecture.md, Identity)."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from uuid import uuid4

import typer
from rich.table import Table

from schemas.decision import show_instant
from schemas.text import identifier
from schemas.vocabulary import Role, Scope
from services.commands.console import DataDir, existing_stack, reachable
from services.commands.terminal import AsJson, Exit, fail, out, print_json
from services.intake import accounts
from services.runtime.errors import Conflict, NotFound
from services.runtime.work import Work, Workshop

user = typer.Typer(help="Staff accounts.", no_args_is_help=True)
token = typer.Typer(help="API tokens of programs.", no_args_is_help=True)

#: Shorter ones are guessed.
SHORTEST_PASSWORD = 12

Username = Annotated[str, typer.Argument(help="The name to sign in with.", metavar="USERNAME")]


@user.command("add")
def add_user(
    username: Username,
    role: Annotated[list[Role], typer.Option("--role", help="What they may do; can be given several times.")],
    queue: Annotated[
        list[str] | None,
        typer.Option("--queue", help="Territory, desk or depot they work on, * for all; can be given several times."),
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="As colleagues read it.", show_default="USERNAME")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Add someone. The password is asked for, or read from standard input; it is never an argument."""
    if not username.strip() or username != username.strip() or len(username) > 100:
        fail(Exit.USAGE, "USERNAME has 1 to 100 characters, without spaces around them")
    shop = _intake(data_dir)
    password = _password(from_stdin=password_stdin)
    with _work(shop) as work:
        try:
            accounts.add_staff(
                work,
                username=username,
                name=name or username,
                password=password,
                roles=sorted(set(role)),
                queues=queue or [],
            )
        except Conflict:
            fail(Exit.NO, f"{username}: this name is taken; choose another, see `fixline user list`")
        except ValueError as error:
            fail(Exit.USAGE, str(error))
    out.print(f"Added {username} ({', '.join(sorted(set(role)))}). They sign in at /staff/sign-in.", markup=False)


@user.command("list")
def list_users(data_dir: DataDir = None, *, as_json: AsJson = False) -> None:
    """List staff with their roles and queues."""
    with reachable():
        found = accounts.list_staff(_intake(data_dir))
    rows = [
        {
            "username": one.username,
            "name": one.name,
            "roles": list(one.roles),
            "queues": list(one.queues),
            "disabled": one.disabled,
        }
        for one in found
    ]
    if as_json:
        print_json(rows)
        return
    table = Table("username", "name", "roles", "queues", "state")
    for one in found:
        state = "disabled" if one.disabled else "active"
        table.add_row(one.username, one.name, ", ".join(one.roles), ", ".join(one.queues) or "–", state)
    out.print(table if found else "No staff yet. Next: `fixline user add USERNAME --role agent`.")


@user.command("disable")
def disable_user(username: Username, data_dir: DataDir = None) -> None:
    """Let someone in no longer. Open sessions end within a minute."""
    with _work(_intake(data_dir)) as work:
        try:
            accounts.disable_staff(work, username)
        except NotFound:
            fail(Exit.NO, f"{username}: there is no such account; see `fixline user list`")
    out.print(f"Disabled {username}.", markup=False)


@token.command("create")
def create_token(
    name: Annotated[str, typer.Argument(help="What the program is called here.")],
    scope: Annotated[list[Scope], typer.Option("--scope", help="What it may do; can be given several times.")],
    customer: Annotated[
        list[str], typer.Option("--customer", help="A customer number it acts for; can be given several times.")
    ],
    data_dir: DataDir = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a token. It is shown this once and stored nowhere."""
    customers = {identifier(number) for number in customer} - {None}
    if not customers:
        fail(Exit.USAGE, "--customer is empty: name each customer that the program acts for")
    with _work(_intake(data_dir)) as work:
        id_, secret = accounts.create_token(
            work, name=name, scopes=sorted(set(scope)), customers=sorted(filter(None, customers))
        )
    if as_json:
        print_json({"id": id_, "token": secret})
        return
    out.print(f"Token {id_} for {name}. Keep it now: it is shown this once.", markup=False)
    typer.echo(secret)


@token.command("list")
def list_tokens(data_dir: DataDir = None, *, as_json: AsJson = False) -> None:
    """List tokens, without their secrets."""
    with reachable():
        found = accounts.list_tokens(_intake(data_dir))
    rows = [
        {
            "id": one.id,
            "name": one.name,
            "scopes": list(one.scopes),
            "customers": list(one.customers),
            "created_at": show_instant(one.created_at),
            "revoked_at": None if one.revoked_at is None else show_instant(one.revoked_at),
        }
        for one in found
    ]
    if as_json:
        print_json(rows)
        return
    table = Table("id", "name", "scopes", "customers", "since", "state")
    for one in found:
        state = "active" if one.revoked_at is None else f"revoked {show_instant(one.revoked_at)}"
        scopes, customers = ", ".join(one.scopes), ", ".join(one.customers)
        table.add_row(one.id, one.name, scopes, customers, show_instant(one.created_at), state)
    out.print(
        table if found else "No tokens yet. Next: `fixline token create NAME --scope requests:write --customer C-1`."
    )


@token.command("revoke")
def revoke_token(
    id_: Annotated[str, typer.Argument(help="As `fixline token list` shows it.", metavar="ID")],
    data_dir: DataDir = None,
) -> None:
    """Refuse a token from now on; by the other services within a minute."""
    with _work(_intake(data_dir)) as work:
        try:
            accounts.revoke_token(work, id_)
        except NotFound:
            fail(Exit.NO, f"{id_}: there is no such token that still works; see `fixline token list`")
    out.print(f"Revoked {id_}.", markup=False)


def _intake(data_dir: DataDir) -> Workshop:
    return existing_stack(data_dir, "intake").workshops["intake"]


@contextmanager
def _work(shop: Workshop) -> Iterator[Work]:
    with reachable(), shop.begin(origin=str(uuid4())) as work:
        yield work


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        given = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        given = str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    else:
        fail(Exit.USAGE, "no terminal to ask for a password on: give it with --password-stdin")
    if len(given) < SHORTEST_PASSWORD:
        fail(Exit.USAGE, f"the password has {len(given)} characters; give at least {SHORTEST_PASSWORD}")
    return given
