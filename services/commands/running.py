"""`fixline up`, `serve`, `work`, `relay`: the processes. Each ends with 0 on SIGTERM or Ctrl-C, what is in hand finished."""

import os
import signal
import socket
from collections.abc import Callable
from typing import Annotated

import structlog
import typer
import uvicorn
from fastapi import FastAPI

from services.commands.console import DataDir, reachable
from services.commands.terminal import Exit, fail, out, settings
from services.runtime import memory
from services.runtime.failures import WrongLog
from services.runtime.logs import set_up_logs
from services.runtime.secrets import from_settings
from services.runtime.settings import Settings, WrongSetting
from services.stack import SERVICES, Running, Stack

logger = structlog.get_logger(__name__)

Port = Annotated[int | None, typer.Option(help="Port to listen on.", show_default="8080")]
Which = Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}.")]


def up(
    data_dir: DataDir = None,
    port: Port = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Fill an empty data folder with the bundled sample.")
    ] = False,
) -> None:
    """Run all three services in one process on SQLite: no other server needed."""
    loaded = settings(data_dir=data_dir, port=port, sample=sample or None)
    set_up_logs(loaded.log_format, loaded.log_level, service="up")
    stack = Stack(with_address(loaded))
    stack.migrate()
    if sample:
        from services.commands.sample import fill_if_empty

        fill_if_empty(stack)
    address = stack.settings.public_url
    out.print(f"Fixline on {address}  (data in {loaded.data_dir}; Ctrl-C stops)", markup=False)
    running = Running(stack)
    try:
        serve_app(stack.app([("log", running.check)], running), stack.settings)
    except WrongLog as error:
        fail(Exit.USAGE, str(error))


def with_address(loaded: Settings) -> Settings:
    """Settings whose port and public address are real: port 0 takes a free one, the default address follows the port."""
    port = loaded.port or _free_port(loaded.host)
    default = Settings.model_fields["public_url"].default
    url = f"http://127.0.0.1:{port}" if loaded.public_url == default else loaded.public_url
    return loaded.model_copy(update={"port": port, "public_url": url})


def serve_app(app: FastAPI, loaded: Settings) -> None:
    """Serve until SIGTERM; open streams are told to end, then requests in hand are finished."""
    config = uvicorn.Config(
        app,
        host=loaded.host,
        port=loaded.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        forwarded_allow_ips=os.environ.get("FORWARDED_ALLOW_IPS"),
    )
    memory.settle()
    on_end_signals(lambda: None)  # uvicorn raises the signal again when it is done: then we end with 0 as asked
    uvicorn.Server(config).run()


def serve(
    service: Which,
    port: Port = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the port.")] = 1,
) -> None:
    """Run a service's HTTP side."""
    loaded = _for_kafka(service, port=port)
    if workers == 1:
        serve_app(Stack(loaded, (service,)).app(), loaded)
        return
    os.environ["FIXLINE_PORT"] = str(loaded.port)
    os.environ["FIXLINE_SERVES"] = service
    _need_multiprocess_metrics()
    uvicorn.run(
        "services.commands.running:one_worker",
        factory=True,
        host=loaded.host,
        port=loaded.port,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
    )


def one_worker() -> FastAPI:
    """The app of one of several processes; uvicorn calls it in each."""
    service = os.environ["FIXLINE_SERVES"]
    app = Stack(_for_kafka(service), (service,)).app()
    memory.settle()
    return app


def work(service: Which) -> None:
    """Run a service's Kafka consumer, its timers and deliveries."""
    from services.commands.kafka_roles import run_work

    loaded = _for_kafka(service)
    with reachable():
        raise typer.Exit(run_work(Stack(loaded, (service,)), service))


def relay(service: Which) -> None:
    """Publish a service's outbox to Kafka. A second one waits until the first is gone."""
    from services.commands.kafka_roles import run_relay

    loaded = _for_kafka(service)
    with reachable():
        run_relay(Stack(loaded, (service,)), service)


def _for_kafka(service: str, **given: object) -> Settings:
    if service not in SERVICES:
        fail(Exit.USAGE, f"{service}: no such service; choose one of {', '.join(SERVICES)}")
    loaded = settings(**given)
    set_up_logs(loaded.log_format, loaded.log_level, service=service)
    if loaded.database_url is None:
        fail(Exit.USAGE, "FIXLINE_DATABASE_URL is missing: this process needs PostgreSQL; `fixline up` needs no server")
    try:
        from_settings(loaded)
    except WrongSetting as error:
        fail(Exit.USAGE, str(error))
    return loaded


def _need_multiprocess_metrics() -> None:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        fail(
            Exit.USAGE,
            "several workers need PROMETHEUS_MULTIPROC_DIR: an empty folder where they put their metrics together",
        )


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
    return port


def on_end_signals(stop: Callable[[], None]) -> None:
    """SIGTERM and Ctrl-C call ``stop``."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop())
