"""A condition that a sentence leaves out: *the tram is extended* is more than *is extended if the council agrees*.

So is *the council agreed*, which tells the condition for a fact.

For `assistant.compare`, where a sentence says what its source does.
"""

import re
from collections.abc import Container, Iterable, Sequence
from typing import Final

from assistant.pairing import Finding, Pair
from assistant.reading import Reading

__all__ = ["dropped_conditions"]

# Not "even if" and "as if", nor an "if" that asks: "see if", "wonder if".
_CONDITION: Final = re.compile(
    r"\b(?:only )?(?:(?<!\beven )(?<!\bas )(?<!\band )(?<!\bor )if(?! (?:any|not|anything|only|ever|so)\b)|unless"
    r"|provid(?:ed|ing) that|on (?:the )?condition that|as long as(?= [a-z])|so long as)\b",
    re.IGNORECASE,
)
_ASKS: Final = re.compile(
    r"\b(?:see|sees|seen|saw|ask|asks|asked|asking|know|knows|knew|known|wonder\w*|sure|decid\w+|determin\w+|check\w*"
    r"|test\w*|doubt\w*|tell|tells|told|find out|clear|unclear|question\w*|debat\w+|explain\w*|look|learn\w*|matter)"
    r"(?: \w+){0,5}\s$",
    re.IGNORECASE,
)
_CONDITIONAL: Final = re.compile(
    r"\b(?:if|unless|provided|providing|condition\w*|whether|depend\w*|subject to|should|would|could|might|(?-i:may)"
    r"|once|when|until|pending|without|contingent|(?:as|so) long as|in case|otherwise|except)\b",
    re.IGNORECASE,
)
_CLAUSE_END: Final = re.compile(r"[,;:.!?()–—]|\b(?:but|then)\b")
_BOUNDARY: Final = re.compile(r"[;:.!?()–—]|, (?:and|but|so|or|yet|while|though|although|which|who)\b")
_HELD: Final = 0.6  # share of a clause that the claim must say to state it
_LEFT_OUT: Final = 0.34  # share of the condition that the claim may still say without its "if"


def dropped_conditions(pair: Pair, claim: str, source: Reading) -> Iterable[Finding]:
    """A condition of the source, where the claim states for a fact what hangs on it, or the condition itself.

    Nothing where another quoted sentence says as much without an "if".
    """
    if _CONDITIONAL.search(claim):
        return
    for cue in _CONDITION.finditer(source.text):
        if _ASKS.search(source.text[: cue.start()]):
            continue
        end = _CLAUSE_END.search(source.text, cue.end())
        clause = cue.start(), end.start() if end else len(source.text)
        condition, governed = _content(source, *clause), _content(source, *_hangs_on(source.text, *clause))
        share = _share(condition, pair.claim_keys)
        if share <= _LEFT_OUT and _share(governed, pair.claim_keys) >= _HELD:
            stated, reason = governed, "the passage says so only on a condition"
        elif share >= _HELD:
            stated, reason = condition, "the passage only names the condition"
        else:
            continue
        if not _said_plainly(stated, pair, source):
            yield Finding("hedge", f"{reason}: “{source.text[slice(*clause)].strip()}”", fatal=False)
            return


def _said_plainly(keys: Sequence[str], pair: Pair, source: Reading) -> bool:
    """Whether another quoted sentence says the same without a condition."""
    return any(
        reading is not source
        and reading.text not in source.text
        and not _CONDITION.search(reading.text)
        and _share(keys, {token.key for token in reading.tokens}) >= _HELD
        for reading in pair.rest
    )


def _hangs_on(text: str, start: int, end: int) -> tuple[int, int]:
    """Span of what a condition governs: what it follows, or what follows it where it opens the sentence."""
    bounds = [found.end() for found in _BOUNDARY.finditer(text, 0, start)]
    opened = bounds[-1] if bounds else 0
    if re.search(r"\w", text[opened:start].removesuffix(",")):
        return opened, start
    after = _BOUNDARY.search(text, min(end + 1, len(text)))
    return end, after.start() if after else len(text)


def _content(source: Reading, start: int, end: int) -> list[str]:
    """The keys of the source's content within a span."""
    return [token.key for token in source.content if start <= token.start < end]


def _share(wanted: Sequence[str], keys: Container[str]) -> float:
    """Share of the wanted keys among others, 0..1; 0 when fewer than two are wanted."""
    return sum(key in keys for key in wanted) / len(wanted) if len(wanted) > 1 else 0.0
