"""What a sentence says that its quotes nowhere say: words in quotation marks, numbers, dates, names.

For `assistant.compare`; each check yields findings with the reason in words.
"""

import re
from collections.abc import Iterable, Sequence

from assistant.calendar_dates import dates_conflict
from assistant.figures import Figure, figure_fits
from assistant.pairing import ALIKE, Finding, Pair, is_acronym, plain_words, same_name, says_same
from assistant.polarity import are_opposites
from assistant.reading import Reading, Token, quotations

__all__ = ["absent_dates", "absent_figures", "absent_names", "absent_quotations", "opposed_words"]

_NEAR_COPY = 0.75
_NEAR = 4
_RELATED = 0.3  # share of the claim's content from which a quoted sentence speaks of the same matter
_OWN_COUNT = 0.6  # below this share of the source's own order a number in letters may be the writer's own count


def absent_quotations(claim: Reading, rest: Sequence[Reading]) -> Iterable[Finding]:
    """Words in quotation marks that are not in the source, word for word."""
    said = " ".join(plain_words(reading.text) for reading in rest)
    for quoted in quotations(claim.text):
        pieces = [plain_words(piece) for piece in re.split(r"\.\.\.|…|\[[^\]]*\]", quoted)]
        if not all(f" {piece} " in f" {said} " for piece in pieces if piece):
            yield Finding("quotation", f"the words “{quoted}” are not in the passage as quoted")


def absent_figures(pair: Pair, kept: float) -> Iterable[Finding]:
    """Figures of the claim that stand nowhere in the quotes."""
    quoted = [token for reading in pair.rest for token in reading.tokens if token.figure or token.date]
    for token in pair.claim:
        figure = token.figure
        if figure is None or token.key in pair.source_keys or any(says_same(token, other) for other in quoted):
            continue
        fits = {
            figure_fits(figure, other.figure): other.figure
            for other in quoted
            if other.figure and (other.figure.unit == "ordinal") == (figure.unit == "ordinal")
        }
        if (figure.small and kept < ALIKE) or (figure.small and not fits):
            continue
        if "coarser" in fits:
            yield Finding("number", f"the passage only says {_words_of(fits['coarser'])}", fatal=False)
        elif "unit" in fits or "bound" in fits:
            other = fits.get("unit") or fits["bound"]
            yield Finding(
                "number", f"the passage says {_words_of(other)}, the sentence says {_words_of(figure)}", True, True
            )
        else:
            rival = _rival(token, pair)
            said = (
                f"the passage says {rival.text}, the sentence says" if rival else "the passage does not give the number"
            )
            counted = figure.text.isalpha() and pair.aligned < _OWN_COUNT  # *the two towns*, of a list of two
            fatal = not figure.small and not counted
            yield Finding("number", f"{said} {figure.text}", fatal, fatal and bool(rival) and kept >= ALIKE)


def _words_of(figure: Figure) -> str:
    """A figure as the text has it, with the bound that was read before it."""
    bound = {"over": "more than ", "under": "less than ", "": ""}[figure.bound]
    return f"{bound}{figure.text}"


def _rival(token: Token, pair: Pair) -> Token | None:
    """The source's figure of the same unit that the claim leaves out: the one it seems to have changed."""
    assert token.figure
    if not token.figure.unit and pair.aligned < ALIKE:
        return None
    free = [other for other in pair.source if other.figure and other.key not in pair.claim_keys]
    return next((other for other in free if other.figure and other.figure.unit == token.figure.unit), None)


def absent_dates(pair: Pair, kept: float) -> Iterable[Finding]:
    """Dates of the claim that agree with no date quoted."""
    quoted = [token for reading in pair.rest for token in reading.tokens if token.date or token.figure]
    for token in pair.claim:
        if token.date is None or token.key in pair.source_keys:
            continue
        if any(says_same(token, other) for other in quoted):
            continue
        rival = next((one for one in pair.source if one.date and one.key not in pair.claim_keys), None)
        if rival and rival.date and dates_conflict(token.date, rival.date):
            yield Finding("date", f"the passage says {rival.text}, the sentence says {token.text}", True, kept >= ALIKE)
        else:
            yield Finding("date", f"the passage does not say {token.text}")


def absent_names(pair: Pair, kept: float) -> Iterable[Finding]:
    """Names of the claim that stand nowhere in the quotes; the word that opens a sentence may be no name."""
    known = {token.key for reading in pair.rest for token in reading.tokens}
    joined = {"".join(plain_words(reading.text).split()) for reading in pair.rest}
    names = [token for token in pair.claim if token.kind in ("name", "code")]
    if len(names) > 0.7 * max(1, sum(token.content for token in pair.claim)) and len(names) > 4:
        return  # a headline in capitals
    for token in names:
        if token.key in known or (token.opening and token.kind == "name"):
            continue
        if any(same_name(token.key, other) for other in known) or is_acronym(token, pair.rest):
            continue
        if token.kind == "code" and any(plain_words(token.text).replace(" ", "") in text for text in joined):
            continue
        yield Finding("name", f"the passage does not name {_whole_name(token, pair.claim)}", fatal=kept >= ALIKE)


def opposed_words(pair: Pair) -> Iterable[Finding]:
    """Words of the claim that no quote holds, but a quoted sentence on the same things says the opposite of."""
    if pair.aligned >= _NEAR_COPY:  # then `compare` judges word by word
        return
    content = {token.key for token in pair.claim if token.content}
    near = [one for one in pair.rest if len(content & {token.key for token in one.tokens}) >= _RELATED * len(content)]
    if not near:
        return
    known = {token.key for reading in pair.rest for token in reading.tokens}
    for token in pair.claim:
        if not token.content or token.kind != "word" or token.key in known:
            continue
        for reading in near:
            opposite = next((other for other in reading.tokens if are_opposites(token.key, other.key)), None)
            if opposite and opposite.negated == token.negated and _same_setting(pair, token, reading, opposite):
                said = f"the passage says “{opposite.text}” where the sentence says “{token.text}”"
                yield Finding("direction", said, fatal=False)
                return


def _same_setting(pair: Pair, token: Token, reading: Reading, opposite: Token) -> bool:
    """Whether two opposites are said of the same thing: a content word near the one stands near the other."""
    return bool(_around(pair.claim, token) & _around(reading.tokens, opposite))


def _around(tokens: Sequence[Token], token: Token) -> set[str]:
    """The keys of the content words nearest to a token, `_NEAR` on each side."""
    place = tokens.index(token)
    before = [one.key for one in tokens[:place] if one.content][-_NEAR:]
    return {*before, *[one.key for one in tokens[place + 1 :] if one.content][:_NEAR]}


def _whole_name(token: Token, claim: Sequence[Token]) -> str:
    """The run of capitalised words that a name is part of."""
    first = last = claim.index(token)
    while first and claim[first - 1].kind == "name" and claim[first - 1].end == claim[first].start - 1:
        first -= 1
    while last + 1 < len(claim) and claim[last + 1].kind == "name" and claim[last].end == claim[last + 1].start - 1:
        last += 1
    return " ".join(one.text for one in claim[first : last + 1])
