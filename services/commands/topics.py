"""`fixline topics`: make the broker's topics as the catalogue says, or tell how they differ."""

from typing import Annotated

import typer

from services.commands.terminal import Exit, fail, out, settings
from services.runtime.logs import set_up_logs

app = typer.Typer(help="Kafka's topics, as the catalogue says.", no_args_is_help=True)


@app.command()
def apply(
    drained: Annotated[
        bool,
        typer.Option(
            "--drained", help="The relays are stopped and every consumer's lag is 0: partitions may be raised."
        ),
    ] = False,
) -> None:
    """Create what is missing and set what differs. Twice changes nothing the second time."""
    from services.commands.kafka_roles import catalogue
    from services.runtime.kafka import presence, topics

    loaded = settings()
    set_up_logs(loaded.log_format, "warning", service="cli")
    try:
        found = topics.apply(loaded.kafka, catalogue(), drained=drained)
    except presence.BrokerAway as error:
        fail(Exit.AWAY, f"{error}; start it, or check FIXLINE_KAFKA")
    except presence.TopicsDiffer as error:
        fail(Exit.NO, str(error))
    for difference in found:
        out.print(f"mended {difference}", markup=False)
    out.print(f"{len(catalogue())} topics are as the catalogue says.")


@app.command()
def check() -> None:
    """Say how the topics differ from the catalogue; ends with 1 if they do."""
    from services.commands.kafka_roles import catalogue
    from services.runtime.kafka import presence, topics

    loaded = settings()
    set_up_logs(loaded.log_format, "warning", service="cli")
    try:
        found = topics.check(loaded.kafka, catalogue())
    except presence.BrokerAway as error:
        fail(Exit.AWAY, f"{error}; start it, or check FIXLINE_KAFKA")
    for difference in found:
        out.print(str(difference), markup=False)
    if found:
        raise typer.Exit(Exit.NO)
    out.print(f"{len(catalogue())} topics are as the catalogue says.")
