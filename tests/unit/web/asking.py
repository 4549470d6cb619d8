"""A browser and a program for the demo, in process."""

import warnings
from typing import Any

import httpx

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Starlette announces that its test client will one day want another HTTP library
    from starlette.testclient import TestClient

from tests.unit.web.demo.build import Demo

__all__ = ["FROM_OUR_PAGE", "TestClient", "asking", "faults_of"]

FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}


def asking(demo: Demo, **options: Any) -> TestClient:
    """Follows no redirects, and sees 500s as answers."""
    return TestClient(demo.app, raise_server_exceptions=False, follow_redirects=False, **options)


def faults_of(answer: httpx.Response) -> list[tuple[str, str]]:
    """(path, code) of a problem document's errors."""
    assert answer.headers["content-type"] == "application/problem+json"
    return [(error["path"], error["code"]) for error in answer.json()["errors"]]
