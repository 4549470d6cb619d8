"""One spelling for each thing people type (docs/rules.md §1)."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import text

#: Unicode's own data has no table of these two properties in Python; these characters are in neither.
KEPT = "_'\u2044\u00b7\u30fc\u4e00\u1173"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("21-0F3AT", "210F3AT"),
        (" 21 0f3at\t", "210F3AT"),
        ("２１－０ｆ３ａｔ", "210F3AT"),
        ("21‐0‑F–3—A−T⁻", "210F3AT"),
        ("21/0F.3\u00adA\u200bT\u2060\ufeff", "210F3AT"),
        ("h3b\u00a02y5", "H3B2Y5"),
        ("ﬁ-1", "FI1"),
        ("straße", "STRASSE"),
        ("2\u20241", "21"),  # a dot of another sort becomes a dot, and goes
        (KEPT, KEPT.replace("ー", "ー")),
        ("A-\u0301", "Á"),
        (" -/. ", None),
        ("", None),
        ("\u200b\ufeff", None),
    ],
)
def test_codes_lose_spaces_dashes_and_invisible_marks(typed: str, read: str | None) -> None:
    assert text.code(typed) == read


def test_every_space_and_dash_of_unicode_goes() -> None:
    """Space separators and dash punctuation are all in the two properties that the rule names."""
    every = "".join(
        chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) in ("Zs", "Zl", "Zp", "Pd")
    )
    assert text.code(f"A{every}B") == "AB"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("c-1001", "C-1001"),
        ("\u3000 m-77 ", "M-77"),
        ("Ｍ－７７", "M-77"),
        ("a b", "A B"),
        ("M–77", "M–77"),
        ("   ", None),
        ("", None),
    ],
)
def test_identifiers_are_folded_trimmed_and_compared_as_text(typed: str, read: str | None) -> None:
    assert text.identifier(typed) == read


def test_other_text_is_composed_and_blank_is_not_given() -> None:
    assert text.clean("e\u0301") == "é"
    assert text.clean(" a ") == " a "
    assert text.clean(" \u00a0\u2003\n") is None
    assert text.trimmed(" S-9 ") == "S-9"


@pytest.mark.parametrize("bad", ["x", "@b.ca", "a@b", "a b@c.ca", "a@b..ca", "a@@b.ca", "a@-", "a" * 65 + "@b.ca"])
def test_what_is_no_address(bad: str) -> None:
    with pytest.raises(text.Unreadable, match="not_an_email"):
        text.email(bad)


def test_an_address_keeps_its_owners_case_and_loses_its_domains() -> None:
    assert text.email(" Anne.Roy@Exemple.CA ") == "Anne.Roy@exemple.ca"
    assert text.email(" ") is None


def test_telephone_numbers_are_e_164() -> None:
    for typed in ("514-555-0123", "(514) 555 0123", "+1 514 555-0123", "1 514 555 0123"):
        assert text.phone(typed, "CA") == "+15145550123"
    assert text.phone("01 23 45 67 89", "FR") == "+33123456789"
    assert text.phone(" ", "CA") is None
    for bad in ("12", "call me", "+1 514 555", "5" * 40):
        with pytest.raises(text.Unreadable, match="not_a_phone"):
            text.phone(bad, "CA")


@pytest.mark.parametrize("bad", ["C", "CAN", "C1", "ÇA", " CA", "ＣＡ", "CA\n"])
def test_a_country_is_two_letters(bad: str) -> None:
    assert text.country("ca") == "CA"
    with pytest.raises(text.Unreadable, match="not_a_country"):
        text.country(bad)


@pytest.mark.parametrize(
    "bad", ["2026-13-01", "2026-02-29", "20260101", "2026-W01-1", "2026-1-1", "１２３４-01-01", "0000-01-01"]
)
def test_a_date_is_written_one_way(bad: str) -> None:
    with pytest.raises(text.Unreadable, match="not_a_date"):
        text.day(bad)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2026-11-24T03:30Z", "2026-11-24T03:30:00+00:00"),
        ("2026-11-23T22:30:15.999-05:00", "2026-11-24T03:30:15+00:00"),
        ("2026-11-23t22:30:15-0500", "2026-11-24T03:30:15+00:00"),
        ("2026-11-23T22:30-05", "2026-11-24T03:30:00+00:00"),
    ],
)
def test_an_instant_is_utc_cut_to_whole_seconds(typed: str, read: str) -> None:
    assert text.instant(typed).isoformat() == read


@pytest.mark.parametrize(
    "bad",
    ["2026-11-24T03:30", "2026-11-24", "2026-11-24T25:00Z", "2026-11-24T03:30+25:00", "0001-01-01T00:00Z", "now", ""],
)
def test_an_instant_has_its_offset(bad: str) -> None:
    with pytest.raises(text.Unreadable, match="not_an_instant"):
        text.instant(bad)


def test_a_request_number_is_read_aloud_and_keyed_in() -> None:
    for typed in ("482190347716", "4821-9034-7716", " 4821 9034 7716 ", "4821–9034–7716", "４８２１９０３４７７１６"):
        assert text.request_number(typed) == "482190347716"
    assert text.show_number("482190347716") == "4821-9034-7716"
    assert text.request_number(" - ") is None


@pytest.mark.parametrize("place", range(12))
def test_one_mistyped_digit_is_refused(place: int) -> None:
    right = "482190347716"
    for digit in "0123456789".replace(right[place], ""):
        with pytest.raises(text.Unreadable, match="not_a_request_number"):
            text.request_number(right[:place] + digit + right[place + 1 :])


@pytest.mark.parametrize(
    "bad", ["48219034771", "4821903477160", "082190347718", "48219034771X", "4821.9034.7716", "٤٨٢١٩٠٣٤٧٧١٦x"]
)
def test_what_is_no_request_number(bad: str) -> None:
    with pytest.raises(text.Unreadable, match="not_a_request_number"):
        text.request_number(bad)


@given(st.integers(10**10, 10**11 - 1))
def test_a_new_number_passes_its_own_check(digits: int) -> None:
    number = text.new_request_number(str(digits))
    assert text.request_number(text.show_number(number)) == number


def test_nul_and_half_a_pair_are_unsafe() -> None:
    assert [text.unsafe(given) for given in ("a\x00", "\ud800", "\udfff", "a\n😀", "")] == [
        True,
        True,
        True,
        False,
        False,
    ]


anything = st.text(max_size=30)
cleaners: list[Callable[[str], str | None]] = [text.code, text.identifier, text.clean, text.trimmed]


@pytest.mark.parametrize("cleaner", cleaners)
@settings(max_examples=200, deadline=None)
@given(anything)
def test_cleaning_twice_is_cleaning_once(cleaner: Callable[[str], str | None], typed: str) -> None:
    once = cleaner(typed)
    assert once is None or cleaner(once) == once


@settings(max_examples=200, deadline=None)
@given(anything, st.sampled_from("- /.\u00a0\u2013\u200b"))
def test_how_a_code_is_grouped_does_not_matter(typed: str, mark: str) -> None:
    """Letters only: between a letter and its accent a mark would hold them apart."""
    letters = "".join(letter for letter in unicodedata.normalize("NFKC", typed) if letter.isalnum())
    assert text.code(mark.join(letters)) == text.code(letters)
