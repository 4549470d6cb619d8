"""What a classifier reads in a text, as the rules see it (docs/rules.md §3); `text_kind.classify` is one."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

Sort = Literal["hardware", "software"]


class Word(Protocol):
    """A word that weighed; positive speaks for hardware."""

    @property
    def word(self) -> str: ...
    @property
    def weight(self) -> float: ...


class Reading(Protocol):
    """The kind a text speaks of, how surely (0.5 to 1), and the words that said so, in the text's order."""

    @property
    def kind(self) -> Sort: ...
    @property
    def confidence(self) -> float: ...
    @property
    def words(self) -> Sequence[Word]: ...
    @property
    def model(self) -> str | None: ...  # the version that read it; none: a person did


#: Reads a text, in a language if it is known.
Classify = Callable[[str, str | None], Reading]
