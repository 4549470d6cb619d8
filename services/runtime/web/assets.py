"""The style sheet and the small scripts: package data, served under an address that changes with their content.

`/static/<hash>/<name>` may be kept by browsers for ever; a new release has new addresses. A name is looked up in a
table made when the app is built, never on a path, so nothing else can be read.
"""

import hashlib
from dataclasses import dataclass
from importlib import resources
from mimetypes import guess_type
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from services.runtime.errors import NotFound
from services.runtime.identity.access import ANYONE, may

FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_MINUTE = "public, max-age=60"


@dataclass(frozen=True, slots=True)
class Asset:
    name: str
    body: bytes
    media_type: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:12]


class Assets:
    """All static files of the packages given; a later package may not redefine an earlier one's name."""

    def __init__(self, packages: tuple[str, ...] = ()) -> None:
        self._assets: dict[str, Asset] = {}
        for package in ("services.runtime.web", *packages):
            for asset in _files_of(package):
                if asset.name in self._assets:
                    raise ValueError(f"two static files are called {asset.name}")
                self._assets[asset.name] = asset

    def url(self, name: str) -> str:
        """`/static/<hash>/kit.css`. Raises `KeyError` for a file that is not there."""
        return f"/static/{self._assets[name].digest}/{name}"

    def get(self, name: str) -> Asset | None:
        return self._assets.get(name)

    def names(self) -> tuple[str, ...]:
        return tuple(self._assets)

    def router(self) -> APIRouter:
        router = APIRouter(include_in_schema=False, dependencies=[may(ANYONE)])

        @router.get("/static/{path:path}")
        def static(path: Annotated[str, Path(max_length=200)], request: Request) -> Response:
            digest, _, name = path.partition("/")
            asset = self.get(name)
            if asset is None:
                raise NotFound
            tag = f'"{asset.digest}"'
            # An old page may ask for an old address during a release: it gets the file as it is now, not for long.
            caching = FOR_EVER if digest == asset.digest else FOR_A_MINUTE
            headers = {"Cache-Control": caching, "ETag": tag}
            if request.headers.get("if-none-match") == tag:
                return Response(status_code=304, headers=headers)
            return Response(asset.body, headers=headers, media_type=asset.media_type)

        return router


def _files_of(package: str) -> list[Asset]:
    folder = resources.files(package).joinpath("static")
    if not folder.is_dir():
        return []
    files = sorted((file for file in folder.iterdir() if file.is_file()), key=lambda file: file.name)
    return [Asset(file.name, file.read_bytes(), _media_type(file.name)) for file in files if "." in file.name]


def _media_type(name: str) -> str:
    if name.endswith((".js", ".mjs")):
        return "text/javascript; charset=utf-8"
    guessed = guess_type(name)[0] or "application/octet-stream"
    return f"{guessed}; charset=utf-8" if guessed.startswith("text/") or guessed.endswith("svg+xml") else guessed
