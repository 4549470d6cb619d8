"""A wrong or unknown setting refuses to start and is named."""

from pathlib import Path

import pytest

from services.runtime.settings import WrongSetting, load_settings


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("FIXLINE_")]:
        monkeypatch.delenv(name)


def test_a_misspelt_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIXLINE_KAFAK", "broker:9092")
    with pytest.raises(WrongSetting, match="FIXLINE_KAFAK"):
        load_settings()


def test_a_wrong_value_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The value may be a secret that landed in the wrong place."""
    monkeypatch.setenv("FIXLINE_PORT", "hunter2")
    with pytest.raises(WrongSetting, match="FIXLINE_PORT") as refusal:
        load_settings()
    assert "hunter2" not in str(refusal.value)


def test_the_clock_is_refused_without_sample_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """A business's clock is never moved by accident."""
    monkeypatch.setenv("FIXLINE_CLOCK", "2026-11-23T15:00:00Z")
    with pytest.raises(WrongSetting, match="FIXLINE_SAMPLE"):
        load_settings()


def test_settings_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TOML; the environment wins over it."""
    (tmp_path / "fixline.toml").write_text('port = 9000\nhost = "0.0.0.0"\n')
    monkeypatch.setenv("FIXLINE_CONFIG", str(tmp_path / "fixline.toml"))
    monkeypatch.setenv("FIXLINE_PORT", "9001")
    settings = load_settings()
    assert (settings.host, settings.port) == ("0.0.0.0", 9001)  # noqa: S104  # a value to compare, nothing listens


def test_secrets_come_from_files_and_are_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fixline_service_key").write_text("s" * 40)
    monkeypatch.setenv("FIXLINE_SECRETS_DIR", str(tmp_path))
    settings = load_settings()
    assert settings.service_key is not None
    assert settings.service_key.get_secret_value() == "s" * 40
    assert "sss" not in repr(settings)


@pytest.mark.parametrize("name", ["FIXLINE_CONFIG", "FIXLINE_SECRETS_DIR"])
def test_a_path_that_is_not_there_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "/nowhere/at/all")
    with pytest.raises(WrongSetting, match=name):
        load_settings()
