"""Keys of this installation. In production they are settings; the embedded stack makes its own once, in its data folder."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from services.runtime.settings import Settings, WrongSetting

_LEAST = 32


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """``keys`` sign cookies: the first signs, all verify. Never shown: this value has no repr."""

    keys: tuple[bytes, ...]
    tracking_key: bytes
    service_key: str


def from_settings(settings: Settings) -> Secrets:
    """The keys as set. Raises `WrongSetting` naming what is missing or too short."""
    given = {"keys": settings.keys, "tracking_key": settings.tracking_key, "service_key": settings.service_key}
    missing = [f"FIXLINE_{name.upper()}" for name, value in given.items() if value is None]
    if missing:
        raise WrongSetting(f"{', '.join(missing)}: set them, each random and at least {_LEAST} characters long")
    texts = {name: value.get_secret_value().strip() for name, value in given.items() if value is not None}
    keys = [key.strip() for key in texts["keys"].split(",") if key.strip()]
    short = [f"FIXLINE_{name.upper()}" for name in ("tracking_key", "service_key") if len(texts[name]) < _LEAST]
    if not keys or any(len(key) < _LEAST for key in keys):
        short.append("FIXLINE_KEYS")
    if short:
        raise WrongSetting(f"{', '.join(short)}: each key needs at least {_LEAST} characters")
    return Secrets(tuple(key.encode() for key in keys), texts["tracking_key"].encode(), texts["service_key"])


def for_data_dir(folder: Path) -> Secrets:
    """The embedded stack's own keys, made on its first start and readable by its user alone."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "keys.json"
    if not file.exists():
        made = {name: secrets.token_urlsafe(48) for name in ("key", "tracking_key", "service_key")}
        draft = file.with_suffix(".new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as out:
            json.dump(made, out)
        draft.replace(file)
    kept = json.loads(file.read_text())
    return Secrets((kept["key"].encode(),), kept["tracking_key"].encode(), kept["service_key"])
