"""The colours: each token's contrast is computed anew from the style sheet, in light and dark."""

import re

import pytest

from services.runtime.web.assets import Assets

SHEET = Assets().get("kit.css")
STATES = ("go", "info", "wait", "hold", "late", "done")


def tokens(scheme: str) -> dict[str, str]:
    assert SHEET
    blocks = re.findall(r":root \{(.*?)\}", SHEET.body.decode(), re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6});", block)) for block in blocks[:2])
    return light if scheme == "light" else light | dark


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(scheme: str) -> None:
    """4.5 at least, on the page and on a surface; a badge on its own tint 5.8; lines 3."""
    colour = tokens(scheme)
    for text in ("ink", "muted", "link", *STATES):
        assert contrast(colour[text], colour["page"]) >= 4.5, text
        assert contrast(colour[text], colour["surface"]) >= 4.5, text
    for state in STATES:
        assert contrast(colour[state], colour[f"{state}-bg"]) >= 5.8, state
    assert contrast(colour["on-link"], colour["link"]) >= 4.5
    assert min(contrast(colour["line"], colour[ground]) for ground in ("page", "surface")) >= 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_one_of_the_two_focus_rings_always_stands_out(scheme: str) -> None:
    """On any ground that a control can lie on."""
    colour = tokens(scheme)
    for ground in ("page", "surface", "link", *(f"{state}-bg" for state in STATES)):
        assert max(contrast(colour[ring], colour[ground]) for ring in ("focus-in", "focus-out")) >= 4.5, ground
    assert contrast(colour["focus-in"], colour["focus-out"]) >= 10


def test_the_design_tokens_are_as_decided() -> None:
    """The type scale, spacing and the two schemes' grounds."""
    assert SHEET
    text = SHEET.body.decode()
    assert (tokens("light")["page"], tokens("dark")["page"]) == ("#FFFFFF", "#11181F")
    assert [round(float(size) * 16) for size in re.findall(r"--t\d+: ([\d.]+)rem", text)] == [
        14,
        16,
        18,
        21,
        25,
        30,
        36,
    ]
    assert [round(float(size) * 16) for size in re.findall(r"--s\d: ([\d.]+)rem", text)] == [
        4,
        8,
        12,
        16,
        24,
        32,
        48,
        64,
    ]
    assert "outline: none" not in re.sub(r"main:focus[^}]*\}", "", text)
    assert "url(" not in text
