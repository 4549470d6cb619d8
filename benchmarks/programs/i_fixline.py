"""Stage I, Fixline: intake's HTTP side as `fixline serve intake` runs it, with a program's token."""

import json
import logging
import os
import socket
import sys
from uuid import uuid4

import structlog
import uvicorn
from pydantic import SecretStr

from benchmarks import workload
from benchmarks.programs import parent
from schemas.vocabulary import Scope
from services.intake.accounts import create_token
from services.runtime import memory
from services.runtime.settings import Settings
from services.stack import Stack


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    parent.end_with_it()
    given = json.loads(sys.argv[1])
    key = SecretStr("0123456789" * 4)
    # Room for the most clients of this stage: by itself a process turns away whoever is more than the 128th.
    settings = Settings(
        database_url=SecretStr(given["database"]), in_flight=512, keys=key, tracking_key=key, service_key=key
    )
    stack = Stack(settings, ("intake",))
    stack.migrate()
    customers = {sent["customer_number"] for sent in workload.asked(given["copies"]) if sent.get("customer_number")}
    with stack.workshops["intake"].begin(origin=str(uuid4())) as work:
        _, token = create_token(work, name="bench", scopes=[Scope.REQUESTS_WRITE], customers=sorted(customers))
    app = stack.app()
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        os.write(1, json.dumps({"port": listening.getsockname()[1], "token": token}).encode() + b"\n")
        memory.settle()
        config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
        uvicorn.Server(config).run([listening])


main()
