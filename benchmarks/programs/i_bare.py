"""Stage I, as it is usually written: FastAPI and SQLAlchemy's ORM, a row a request, answered after COMMIT.

No token is looked up, nothing is limited, a repeat is not noticed, and no event tells anybody.
"""

import json
import os
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI
from sqlalchemy import JSON, DateTime, String, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from benchmarks.programs import parent
from schemas.request import ServiceRequest, as_json
from services.intake.numbers import draw_number


class Base(DeclarativeBase):
    pass


class Request(Base):
    __tablename__ = "bare_requests"

    number: Mapped[str] = mapped_column(String, primary_key=True)
    kind: Mapped[str]
    customer_number: Mapped[str | None]
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


parent.end_with_it()
engine = create_engine(json.loads(sys.argv[1])["database"], pool_size=40)
sessions = sessionmaker(engine)
app = FastAPI()


def session() -> Iterator[Session]:
    with sessions() as opened:
        yield opened


@app.post("/api/requests", status_code=201)
def submit(request: ServiceRequest, database: Annotated[Session, Depends(session)]) -> dict[str, str]:
    row = Request(
        number=draw_number(),
        kind=request.kind,
        customer_number=request.customer_number,
        request=as_json(request),
        received_at=datetime.now(UTC),
    )
    database.add(row)
    number = row.number
    database.commit()
    return {"number": number, "status": "acknowledged"}


if __name__ == "__main__":
    Base.metadata.create_all(engine)
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        os.write(1, json.dumps({"port": listening.getsockname()[1], "token": "none"}).encode() + b"\n")
        uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run([listening])
