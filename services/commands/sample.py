"""The bundled sample in a data folder: contract data, and staff accounts with passwords that are written down once."""

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select

from schemas.vocabulary import Desk, Role
from services.intake import accounts
from services.routing import sample
from services.routing.data_files import load
from services.routing.imports import import_folder
from services.routing.tables import CONTRACT_DATA
from services.runtime.work import Workshop
from services.stack import Stack

#: Where the passwords are, in the data folder.
PASSWORDS = "README"

_HEAD = """\
Fixline: this folder holds the bundled sample. Everyone in it is invented; it may be thrown away.
Fixline : ce dossier contient l'échantillon fourni. Toutes les personnes y sont inventées; il peut être jeté.

Sign in at {address}/staff/sign-in with / Connexion avec :

"""


@dataclass(frozen=True, slots=True)
class Member:
    """One sample account."""

    username: str
    name: str
    roles: tuple[Role, ...]
    queues: tuple[str, ...]


def fill_if_empty(stack: Stack) -> Mapping[str, str]:
    """Contract data where there is none, accounts where there is none; the passwords of the accounts made, by username."""
    routing, intake = stack.workshops["routing"], stack.workshops["intake"]
    if _has_no_data(routing):
        import_folder(routing, sample.data_dir())
    if accounts.list_staff(intake):
        return {}
    return add_staff(intake, stack.settings.data_dir / PASSWORDS, stack.settings.public_url)


def add_staff(intake: Workshop, file: Path, address: str) -> dict[str, str]:
    """The sample's staff, all or none; `file` holds their passwords, for its owner's eyes alone."""
    everyone = staff()
    passwords = {member.username: secrets.token_urlsafe(9) for member in everyone}
    with intake.begin(origin=str(uuid4())) as work:
        for member in everyone:
            accounts.add_staff(
                work,
                username=member.username,
                name=member.name,
                password=passwords[member.username],
                roles=member.roles,
                queues=member.queues,
            )
        _write(file, _HEAD.format(address=address) + _table(everyone, passwords))
    return passwords


def staff() -> list[Member]:
    """An agent, a technician a province, somebody at the desks, at the depots, and in operations."""
    data = load(sample.data_dir())
    queues: dict[str, set[str]] = {}
    for territory in data.territories:
        queues.setdefault(technician_of(territory.territory), set()).add(territory.territory)
    technicians = [
        Member(username, f"Tech {username.rpartition('-')[2].upper()}", (Role.TECHNICIAN,), tuple(sorted(theirs)))
        for username, theirs in sorted(queues.items())
    ]
    depots = tuple(sorted({row.depot for row in data.depots}))
    return [
        Member("agent", "Agent", (Role.AGENT,), ()),
        *technicians,
        Member("desk", "Desk", (Role.DESK,), tuple(desk.value for desk in Desk)),
        Member("depot", "Depot", (Role.DEPOT,), depots),
        Member("ops", "Ops", (Role.OPS,), ("*",)),
    ]


def technician_of(queue: str) -> str:
    """Who works on a territory's queue in the sample: ``tech-qc`` on ``CA-QC-MTL``."""
    return f"tech-{queue.split('-')[1].lower()}"


def _has_no_data(routing: Workshop) -> bool:
    with routing.database.reading() as connection:
        return connection.execute(select(CONTRACT_DATA.customers.c.number).limit(1)).first() is None


def _table(everyone: Sequence[Member], passwords: Mapping[str, str]) -> str:
    width = max(len(member.username) for member in everyone)
    rows = ((m.username.ljust(width), passwords[m.username], ", ".join(m.roles), " ".join(m.queues)) for m in everyone)
    return "".join("  ".join(row).rstrip() + "\n" for row in rows)


def _write(file: Path, text: str) -> None:
    """Never readable by others, not even for a moment, also where an older file was."""
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
    draft.replace(file)
