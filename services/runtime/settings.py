"""Settings: environment ``FIXLINE_*``, a TOML file, or secret files. A wrong or unknown setting refuses to start and is named.

The table in docs/operations.md is made from these fields.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

PREFIX = "FIXLINE_"
#: Read by tools around the program, not by it.
_NOT_SETTINGS = frozenset(
    {
        "FIXLINE_REQUIRE",
        "FIXLINE_SERVES",
        "FIXLINE_CONFIG",
        "FIXLINE_SECRETS_DIR",
        "FIXLINE_TRACKING_CODE",
        "FIXLINE_TOKEN",
    }
)


class WrongSetting(Exception):
    """A setting is wrong or unknown; the message names it and says the mend."""


class Settings(BaseSettings):
    """One process's settings."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    data_dir: Path = Field(Path("data"), description="Folder of the embedded stack's files.")
    database_url: SecretStr | None = Field(
        None, description="This service's PostgreSQL: postgresql+psycopg://user:password@host/database."
    )
    intake_database_url: SecretStr | None = Field(None, description="Read by `fixline reconcile`: intake's PostgreSQL.")
    routing_database_url: SecretStr | None = Field(
        None, description="Read by `fixline reconcile`: routing's PostgreSQL."
    )
    notifier_database_url: SecretStr | None = Field(
        None, description="Read by `fixline reconcile`: the notifier's PostgreSQL."
    )
    kafka: str = Field("127.0.0.1:9092", description="Kafka bootstrap servers, host:port, separated by commas.")
    instance: str | None = Field(
        None, description="This worker's name, unique and lasting (a StatefulSet's pod name): static group membership."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    metrics_port: int | None = Field(
        None, ge=0, le=65535, description="A worker's or relay's own /metrics and health port."
    )
    public_url: str = Field("http://127.0.0.1:8080", description="The address customers see; makes every link.")
    intake_url: str | None = Field(None, description="Where the other services reach intake; empty: the public URL.")
    routing_url: str | None = Field(None, description="Where intake reaches routing; empty: the public URL.")
    keys: SecretStr | None = Field(
        None,
        description="Signing keys, newest first, separated by commas; each at least 32 characters. The older verify.",
    )
    tracking_key: SecretStr | None = Field(
        None, description="Makes tracking codes; at least 32 characters. Changing it voids every code in circulation."
    )
    service_key: SecretStr | None = Field(None, description="What services show each other; at least 32 characters.")
    smtp_url: SecretStr | None = Field(
        None, description="Mail server: smtp://[user:password@]host:port; empty: no mail."
    )
    mail_from: str = Field("Fixline <no-reply@localhost>", description="Sender of mails to customers.")
    manager_email: str | None = Field(
        None, description="The service manager: written to when a response time runs out; empty: on pages alone."
    )
    manager_language: Literal["en", "fr"] = Field("en", description="The language of mails to the service manager.")
    clock: str | None = Field(
        None, description="Sample data only: the instant to start the clock at, <instant>[@<real instant>]."
    )
    sample: bool = Field(False, description="This installation holds the bundled sample, not a business.")
    in_flight: int = Field(
        128, ge=1, description="Requests in hand at once in one process; more are asked to come again (503)."
    )
    intake_waiting: int = Field(2_000, ge=1, description="Submissions that may wait for COMMIT; more get 503.")
    intake_patience: float = Field(10.0, gt=0, description="Seconds that a submission may wait for its turn, then 503.")
    intake_uploads: int = Field(8, ge=1, description="Bulk files in hand at once in one process; more get 503.")
    intake_backlog: int = Field(
        100_000,
        ge=1,
        description="Unpublished events beyond which intake takes no requests until the relay catches up.",
    )
    intake_backlog_seconds: int = Field(
        3_600, ge=1, description="Age of the oldest unpublished event beyond which intake takes no requests."
    )
    log_format: Literal["console", "json"] = Field("json", description="How log lines are written.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least that is logged.")

    @model_validator(mode="after")
    def _clock_needs_sample(self) -> "Settings":
        if self.clock and not self.sample:
            raise ValueError(
                "clock moves time and is for sample data only; set FIXLINE_SAMPLE=true with it, or remove it"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        config = os.environ.get("FIXLINE_CONFIG")
        files = (TomlConfigSettingsSource(settings_cls, toml_file=config),) if config else ()
        return init_settings, env_settings, *files, file_secret_settings


def load_settings(**given: object) -> Settings:
    """Read them all. Raises `WrongSetting` for a wrong value, an unknown name, or an unreadable file."""
    check_names(os.environ)
    secrets = os.environ.get("FIXLINE_SECRETS_DIR")
    if secrets and not Path(secrets).is_dir():
        raise WrongSetting(f"FIXLINE_SECRETS_DIR={secrets} is no folder; mend the path or remove the setting")
    config = os.environ.get("FIXLINE_CONFIG")
    if config and not Path(config).is_file():
        raise WrongSetting(f"FIXLINE_CONFIG={config} is no file; mend the path or remove the setting")
    known = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings(**known, _secrets_dir=secrets)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        problems = [
            f"{PREFIX}{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors(include_input=False)
        ]
        raise WrongSetting("; ".join(problems)) from None
    except ValueError as error:
        raise WrongSetting(f"{config}: {error}") from None


def check_names(environment: Mapping[str, str]) -> None:
    """Refuse what looks like a setting and is none: a misspelt name must not pass in silence."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | _NOT_SETTINGS
    unknown = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise WrongSetting(f"{', '.join(unknown)}: no such setting; `fixline doctor --settings` lists all")
