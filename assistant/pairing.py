"""A sentence and its nearest source sentence laid side by side under common keys: the ground of `assistant.compare`."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property
from typing import Final, Literal

from assistant.calendar_dates import dates_share
from assistant.figures import figure_fits
from assistant.reading import Reading, Token

__all__ = ["ALIKE", "Check", "Finding", "Pair", "is_acronym", "plain_words", "same_name", "says_same", "shared_keys"]

Check = Literal[
    "number", "date", "name", "quotation", "negation", "direction", "roles", "hedge", "attribution", "wording", "added"
]

ALIKE: Final = (
    0.5  # share of the sentence's content found in the source from which their differences are read as changes
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the source does not bear out. ``fatal``: the sentence cannot stand; otherwise it is only weakened.

    contradicts: the source says otherwise, not merely nothing.
    words: the two plain words that stand in each other's place; the finding falls when they mean the same.
    """

    check: Check
    reason: str
    fatal: bool = True
    contradicts: bool = False
    words: tuple[str, str] | None = None


@dataclass(frozen=True)
class Pair:
    """The sentence and its nearest source sentence, keys made equal where they say the same."""

    claim: tuple[Token, ...]
    source: tuple[Token, ...]
    rest: tuple[Reading, ...]

    @cached_property
    def claim_keys(self) -> Counter[str]:
        """How often the claim says each key."""
        return Counter(token.key for token in self.claim)

    @cached_property
    def source_keys(self) -> Counter[str]:
        """How often the source says each key."""
        return Counter(token.key for token in self.source)

    @cached_property
    def aligned(self) -> float:
        """Share of the claim's content that the source holds in the same order, 0..1."""
        edited = sum(token.content for _, i1, i2, _, _ in self.edits for token in self.claim[i1:i2])
        content = sum(token.content for token in self.claim)
        return 1 - edited / content if content else 0.0

    @cached_property
    def aligned_words(self) -> float:
        """The same of its plain words alone, at least two of them: what is left when names and numbers are changed."""
        edited = {i for _, i1, i2, _, _ in self.edits for i in range(i1, i2)}
        plain = [i for i, token in enumerate(self.claim) if token.content and token.kind == "word"]
        return sum(i not in edited for i in plain) / len(plain) if len(plain) > 1 else 0.0

    @cached_property
    def edits(self) -> list[tuple[str, int, int, int, int]]:
        """The steps from the claim to the source, as `difflib` gives them; equal stretches left out."""
        keys = [token.key for token in self.claim], [token.key for token in self.source]
        return [step for step in SequenceMatcher(None, *keys, autojunk=False).get_opcodes() if step[0] != "equal"]


def same_name(one: str, other: str) -> bool:
    """Whether two name keys are one name: equal, or a country and its people (``china``, ``chines``)."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    shared = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return shared >= 4 and short[shared:] in {"", "a", "e", "y", "o", "ia"} and long[shared:] in _PEOPLE


_PEOPLE: Final = frozenset("n an ian ese ish es i ean s is en er".split())


def shared_keys(claim: Sequence[Token], source: Sequence[Token]) -> tuple[Token, ...]:
    """The claim's tokens, each under the key of the source token that says the same in another form."""
    keys = {token.key for token in source}
    return tuple(token if token.key in keys else replace(token, key=_key_in(token, source)) for token in claim)


def _key_in(token: Token, source: Sequence[Token]) -> str:
    """The key of the first source token that says what this one says, its own key when none does."""
    return next((other.key for other in source if says_same(token, other)), token.key)


def says_same(one: Token, other: Token) -> bool:
    """Whether a source token says what the claim's token says."""
    if one.figure and other.figure:
        return figure_fits(one.figure, other.figure) == "same"
    if one.date and other.date:
        return dates_share(one.date, other.date)
    if one.figure and other.date:
        return one.figure.value == other.date.year
    if one.date and other.figure:
        return one.date.year == other.figure.value
    return one.kind == "name" and other.kind in ("name", "word") and same_name(one.key, other.key)


def plain_words(text: str) -> str:
    """Lower-case words, single spaces, no punctuation: what a quotation must share with its source."""
    return " ".join(re.findall(r"\w+(?:'\w+)*", text.lower()))


def is_acronym(token: Token, rest: Sequence[Reading]) -> bool:
    """Whether the quotes hold the words that an acronym stands for, or the acronym of a name spelt out is there."""
    letters = token.text.replace(".", "").removesuffix("'s").lower()
    if token.text.replace(".", "").removesuffix("'s").isupper() and len(letters) > 1:
        return any(letters in "".join(re.findall(r"\b([a-z])", reading.text.lower())) for reading in rest)
    return False
