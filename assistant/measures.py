"""What a question measures, and whether a figure can be of that measure: dollars for a cost, watts for power.

For `assistant.candidates`, which looks for the figure that answers, and `assistant.short_answers`, which marks it.
"""

import re
from typing import Final

__all__ = ["fits_measure"]

_TIME = r"years?|months?|weeks?|days?|hours?|minutes?|seconds?|decades?|centur(?:y|ies)"
_LENGTH = r"[kcmn]?m|k?m2|met(?:re|er)s?|kilomet(?:re|er)s?|miles?|feet|foot|ft|inch(?:es)?|yards?|stor(?:eys?|ies)"
_MONEY = r"dollars?|euros?|pounds?|yuan|yen|crowns?|francs?|rupees?|won|cents?|million|billion|trillion|bn|mn"
_PART = r"half|thirds?|quarters?|fifths?|tenths?|(?:out of|in) (?:every )?(?:two|three|four|five|ten|hundred)"

_WORTH = "|".join(
    "cost price pay paid revenue profit charge worth sales budget spend spent salary fine earn invest fund loss lose "
    "lost".split()
)
_MOVES = r"rise|rose|fall|fell|grow|grew|drop(?:ped)?|(?:in|de)creased?|declined?|changed?|up|down"  # by percents, too

# The first whose question form is found decides; with it the words or signs that such a figure has in it or beside it.
_MEASURES: Final = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(unit, re.IGNORECASE))
    for asked, unit in (
        (r"\bhow old\b", r"\b(?:years?|months?|centur(?:y|ies)|age[ds]?|old)\b"),
        (r"\bhow (?:tall|long is|high is|deep|wide)\b", rf"\b(?:{_LENGTH}|{_TIME})\b"),
        (
            r"\bhow (?:long (?:did|do|does|has|have|will)|much time|many (?:years|months|weeks|days|hours))\b",
            rf"\b(?:{_TIME})\b",
        ),
        (r"\b(?:what|which) (?:percent\w*|share|proportion|fraction)\b", rf"%|\b(?:percent\w*|per cent|{_PART})\b"),
        (
            r"\bhow much (?:power|energy|electricity)\b",
            r"\b(?:[kmgt]?wh?|\w*watts?(?:[ -]hours?)?|\w*joules?|calories)\b",
        ),
        (r"\bhow much (?:memory|storage)\b", r"\b(?:[kmgtp]i?b|\w*bytes?|\w*bits?)\b"),
        (
            rf"\bhow (?:much|large|big|high)\b(?!.*\b(?:{_MOVES})\b).*?\b(?:{_WORTH})\w*\b",
            rf"[$€£¥₹]|\b(?:{_MONEY})\b",
        ),
    )
)
_BESIDE: Final = 12  # characters before and after a figure in which its unit may stand
_ELSEWHERE: Final = re.compile(r"[\d,;$€£¥₹]|\band\b")  # what is beyond belongs to another figure


def fits_measure(question: str, sentence: str, start: int, end: int) -> bool:
    """Whether the figure ``sentence[start:end]`` can be what the question measures; True where it measures nothing."""
    unit = next((unit for asked, unit in _MEASURES if asked.search(question)), None)
    if unit is None:
        return True
    before = sentence[max(0, start - _BESIDE) : start] if start else ""
    after = _ELSEWHERE.split(sentence[end : end + _BESIDE], maxsplit=1)[0]
    return unit.search(f"{_ELSEWHERE.split(before)[-1]}{sentence[start:end]}{after}") is not None
