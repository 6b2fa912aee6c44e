"""Numbers as a reader understands them: value, unit, and how exact they are meant to be. For `assistant.verify`.

``$5.46bn``, ``about 5.5 billion dollars`` and ``US$5,460 million`` are the same figure; ``5.5 billion euros`` is not.
Standard library only; English number words, the digits of every Western text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from assistant.units import CODES, CURRENCIES, SCALES, TIGHT, UNITS

__all__ = ["Figure", "Fit", "figure_fits", "read_figures"]

Bound = Literal["", "over", "under"]
Fit = Literal["same", "coarser", "unit", "bound", "value"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a text: ``text[start:end]`` with its sign, scale and unit.

    unit: its canonical name (``percent``, ``points``, ``usd``, ``gigabyte``), ``ordinal``, or empty for none.
    step: the size of the last digit that was written, in the figure's own scale: 0.1e9 for ``5.5 billion``.
    approx: the text says about, around, nearly. bound: ``over`` for more than, ``under`` for less than.
    small: a ``one`` or a ``first`` in letters, which language uses without counting.
    """

    value: float
    unit: str
    step: float
    start: int
    end: int
    text: str
    approx: bool = False
    bound: Bound = ""
    small: bool = False


_ONES: Final = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
}
_TENS: Final = {
    word: 10 * number for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_ORDINALS: Final = {
    word: number
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        1,
    )
} | {word[:-1] + "ieth": number for word, number in _TENS.items()}
_FRACTIONS: Final = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}


def _either(words: Sequence[str]) -> str:
    """A pattern for any of the words, longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_LETTERS: Final = _either([*_ONES, *_TENS, "hundred", "dozen"])
_BIG: Final = _either(["thousand", "lakh", "million", "crore", "billion", "trillion"])
_IN_LETTERS: Final = re.compile(
    rf"\b(?:(?P<half>half[ ])?an?[ ](?=(?:hundred|dozen|{_BIG})\b))?(?:{_LETTERS}|(?<=a )(?:{_BIG}))"
    rf"(?:(?:[ -]|,? and )(?:{_LETTERS}|{_BIG}))*\b",
    re.IGNORECASE,
)
_ORDINAL_IN_LETTERS: Final = re.compile(
    rf"\b(?:(?P<tens>{_either(list(_TENS))})-)?(?P<word>{_either(list(_ORDINALS))})\b(?!\s+(?:half|quarter))",
    re.IGNORECASE,
)
_CURRENCY_BEFORE: Final = rf"(?:{_either([name for name in CURRENCIES if not name.isalpha() or name in CODES])})"
_DIGITS: Final = re.compile(
    rf"(?P<currency>(?<![^\W\d_]){_CURRENCY_BEFORE}\s?)?"
    r"(?<![\d.,])(?P<sign>(?<![\w)])[-−](?=\d))?(?<![^\W_])(?<![^\W\d_]-)"
    r"(?P<number>\d{1,3}(?:,\d{2,3})*,\d{3}(?!\d)|\d+)(?P<decimals>\.\d+)?"
    r"(?P<fraction>\s?[½¼¾⅓⅔])?"
    r"(?:(?P<ordinal>st|nd|rd|th)\b)?"
    rf"(?:(?P<gap>\s?|-)(?P<scale>{_either(list(SCALES))})(?![^\W_]))?",
    re.IGNORECASE,
)
_UNIT_AFTER: Final = re.compile(rf"(?P<gap>\s?|-)(?P<unit>{_either(list(UNITS))})(?![^\W\d_])", re.IGNORECASE)
_APPROX: Final = re.compile(
    r"(?:\b(?:about|around|roughly|approximately|approx\.?|some|nearly|almost|circa|estimated|close to)|[~≈])"
    r"(?: an?)?[\s($€£]*$",
    re.IGNORECASE,
)
_OVER: Final = re.compile(
    r"\b(?:(?<!no )more than|(?<!not )over|above|at least|exceed(?:s|ed|ing)?|greater than|upwards of|north of|"
    r"higher than|(?:no|not) (?:less|fewer) than|beyond|surpass(?:es|ed|ing)?|topp(?:ed|ing)|"
    r"a minimum of)(?: an?)?[\s($€£]*$",
    re.IGNORECASE,
)
_UNDER: Final = re.compile(
    r"\b(?:(?<!no )(?<!not )(?:less|fewer) than|under|below|up to|at most|(?:no|not) more than|as little as|lower than|"
    r"short of|a maximum of|not over)(?: an?)?[\s($€£]*$",
    re.IGNORECASE,
)
_RANGE: Final = re.compile(r"\s?(?:-|–|—|to|and|or)\s?", re.IGNORECASE)


def read_figures(text: str, skip: Sequence[tuple[int, int]] = ()) -> list[Figure]:
    """The figures of ``text`` in order, none overlapping another or a span of ``skip`` (dates, already read).

    Digits inside a name (``H20``, ``MPEG-4``) are not figures. A range shares the unit and scale of its end.
    """
    taken = list(skip)
    found = []
    for read, pattern in ((_of_digits, _DIGITS), (_of_ordinal, _ORDINAL_IN_LETTERS), (_of_letters, _IN_LETTERS)):
        for match in pattern.finditer(text):
            figure = read(text, match)
            if figure and not any(figure.start < end and start < figure.end for start, end in taken):
                taken.append((figure.start, figure.end))
                found.append(figure)
    return _share_units([_with_hedge(text, figure) for figure in sorted(found, key=lambda one: one.start)], text)


def figure_fits(claim: Figure, source: Figure) -> Fit:
    """How the claim's figure stands to the source's: ``same``, honest rounding allowed; ``coarser``: the source is less
    exact; else what differs: ``unit``, ``bound`` (more than, less than) or ``value``.
    """
    if not _near(claim, source):
        return "coarser" if source.approx and _near(source, claim) and _units_agree(claim, source) else "value"
    if not _units_agree(claim, source):
        return "unit"
    if claim.bound and source.bound and claim.bound != source.bound:
        return "bound"
    return "same"


def _units_agree(one: Figure, other: Figure) -> bool:
    """An unwritten unit agrees with all but an ordinal; the sign £ and the word pounds are one."""
    if one.unit == other.unit or {one.unit, other.unit} in ({"gbp", "pound"}, {"yen", "cny"}):
        return True
    return "" in (one.unit, other.unit) and "ordinal" not in (one.unit, other.unit)


def _near(claim: Figure, source: Figure) -> bool:
    """Whether the source's value, rounded as the claim's is written, is the claim's value."""
    gap = abs(claim.value - source.value)
    if gap <= 1e-9 * max(abs(claim.value), abs(source.value)):
        return True
    if claim.step <= source.step and not claim.approx:
        return False
    size = abs(source.value)
    if claim.step < 1 or claim.value >= 1e5 or claim.approx:  # 5.5 (for 5.46), 1.3 million, about 850
        return gap <= 0.5001 * max(claim.step, _round_step(claim)) and gap <= (0.1 if claim.approx else 0.05) * size
    return gap <= 0.5001 * _round_step(claim) and gap <= 0.005 * size  # 2,000 for 1,998: a bare number must be close


def _round_step(figure: Figure) -> float:
    """The step of a number whose trailing zeros are rounding: 10,000 for ``850,000``."""
    step, value = figure.step, abs(figure.value)
    while value and step < value and abs(value / (10 * step) - round(value / (10 * step))) < 1e-9:
        step *= 10
    return step


def _of_digits(text: str, match: re.Match[str]) -> Figure | None:
    """A figure written in digits; None where the digits belong to a name such as ``3D``."""
    whole = re.sub(r"[,\s]", "", match["number"])
    decimals = match["decimals"] or ""
    value, step = float(whole + decimals), 10.0 ** -max(0, len(decimals) - 1)
    if match["fraction"]:
        value, step = value + _FRACTIONS[match["fraction"].strip()], 0.01
    currency = CURRENCIES.get((match["currency"] or "").strip().lower(), "")
    scale, end = 1.0, match.end()
    if match["scale"]:
        if len(match["scale"]) == 1 and not _is_scale(match, currency):
            end = match.start("gap")
        else:
            scale = SCALES[match["scale"].lower()]
    unit, end = ("ordinal", end) if match["ordinal"] else _unit_at(text, end, currency)
    if end < len(text) and text[end].isalpha() and text[end - 1].isalnum():
        return None
    sign = -1.0 if match["sign"] else 1.0
    return Figure(sign * value * scale, unit, step * scale, match.start(), end, text[match.start() : end])


def _is_scale(match: re.Match[str], currency: str) -> bool:
    """Whether the one letter after a number is a scale: ``$5m``, ``200k``, not ``5m``."""
    return not match["gap"] and (bool(currency) or match["scale"] == "k")


def _unit_at(text: str, end: int, currency: str) -> tuple[str, int]:
    """The unit that follows a number, and where it ends; the currency before the number wins."""
    after = _UNIT_AFTER.match(text, end)
    if after is None:
        return currency, end
    spelling = after["unit"].lower()
    if spelling in TIGHT and (after["gap"] or (text[after.end() - 1].isupper() and spelling not in "wv")):
        return currency, end
    if spelling == "won" and not text[:end].endswith(("illion", "bn", "tn", ",000")):  # the verb, not the money
        return currency, end
    unit = UNITS[spelling]
    if currency:  # ``$5 million dollars`` keeps one currency; ``$5 a day`` is not a number of days
        return currency, after.end() if spelling in CURRENCIES else end
    return unit, after.end()


def _of_letters(text: str, match: re.Match[str]) -> Figure | None:
    """A figure written in letters: ``two hundred and six``, ``a dozen``."""
    words = re.findall(r"[a-z]+", match[0].lower())
    total, current = 0.0, 0.0
    for word in words:
        if word in _ONES or word in _TENS:
            current += _ONES.get(word, _TENS.get(word, 0))
        elif word == "hundred":
            current = (current or 1) * 100
        elif word == "dozen":
            current = (current or 1) * 12
        elif word in SCALES:
            total, current = total + (current or 1) * SCALES[word], 0.0
    value = (total + current) * (0.5 if match["half"] else 1.0)
    unit, end = _unit_at(text, match.end(), "")
    return Figure(
        value, unit, 1.0, match.start(), end, text[match.start() : end], small=match[0].lower() == "one" and not unit
    )


def _of_ordinal(text: str, match: re.Match[str]) -> Figure | None:
    """An ordinal in letters: ``third``, ``twenty-first``."""
    value = _ORDINALS[match["word"].lower()] + _TENS.get((match["tens"] or "").lower(), 0)
    return Figure(float(value), "ordinal", 1.0, match.start(), match.end(), match[0], small=value == 1)


def _with_hedge(text: str, figure: Figure) -> Figure:
    """The figure with what stands before it read: about, more than, less than."""
    before = text[max(0, figure.start - 28) : figure.start]
    bound: Bound = "over" if _OVER.search(before) else "under" if _UNDER.search(before) else ""
    return replace(figure, approx=bool(_APPROX.search(before)), bound=bound)


def _share_units(figures: list[Figure], text: str) -> list[Figure]:
    """Ranges made whole: in ``10 to 20 percent`` and ``5-6 million`` the first takes unit and scale of the second."""
    shared = list(figures)
    for i in range(len(shared) - 1, 0, -1):
        first, second = shared[i - 1], shared[i]
        if not _RANGE.fullmatch(text[first.end : second.start]) or first.unit == "ordinal" or second.unit == "ordinal":
            continue
        if not first.unit and second.unit:
            first = replace(first, unit=second.unit)
        elif first.unit in CURRENCIES.values() and not second.unit:
            shared[i] = replace(second, unit=first.unit)
        second = shared[i]
        scale = _scale_of(second)
        if (
            scale > 1
            and first.unit in ("", second.unit)
            and first.value < 1000
            and _scale_of(first) == 1
            and first.value <= second.value / scale
        ):
            first = replace(first, value=first.value * scale, step=first.step * scale)
        shared[i - 1] = first
    return shared


def _scale_of(figure: Figure) -> float:
    """The scale word in the figure's own text, 1 when there is none."""
    words = re.findall(r"[a-z]+", figure.text.lower())
    return next((SCALES[word] for word in words if word in SCALES and len(word) > 1), 1.0)
