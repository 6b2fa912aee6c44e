"""What a question asks for: its words, its names and numbers, and the kind of thing that would answer it.

Read once per question; `assistant.extract` looks for sentences that hold such a thing, `assistant.confidence` asks
whether any does. Rules over words, no model: wrong now and then, so everything downstream only leans on it.
"""

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import Final, Literal

from ingest.terms import STOP_WORDS, words_of

Wants = Literal["person", "date", "place", "number", "reason", "name", "manner", "verdict", "thing"]

_LEAD: Final = re.compile(
    r"\b(how (?:many|much|long|far|tall|high|big|large|old|often|fast|deep|wide|heavy|few|hot|cold)|how come|how"
    r"|whose|whom|who|when|where|why|which|what)\b",
    re.IGNORECASE,
)
_COUNT: Final = re.compile(r"\bhow (?:many|few)\b", re.IGNORECASE)
_QUANTITY: Final = re.compile(r"\bhow (?:many|much|few)\b", re.IGNORECASE)  # no sentence answers by saying "many"
_VERDICT: Final = re.compile(
    r"\s*(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must)(?:n't)?\b",
    re.IGNORECASE,
)
_NUMBER_HEADS: Final = re.compile(
    r"(?:percent\w*|number|amount|price|cost|rate|ratio|share|population|area|size|length|height|width|depth|weight|speed"
    r"|distance|temperature|age|score|total|sum|value|revenue|profit|budget|salary|quantity|proportion|fraction|count|capacity"
    r"|frequency|elevation|voltage|wavelength|margin|valuation|turnover|volume)s?$",
    re.IGNORECASE,
)
_DATE_HEADS: Final = re.compile(
    r"(?:year|date|month|day|century|decade|time|period|era|season|weekday)s?$", re.IGNORECASE
)
_PLACE_HEADS: Final = re.compile(
    r"(?:country|countries|city|cities|state|place|location|region|continent|town|village|province|county|island|river|street"
    r"|capital|area|district|neighbou?rhood|venue|stadium|nation|territor(?:y|ies)|mountain|lake|ocean|sea|site)s?$",
    re.IGNORECASE,
)
_PERSON_HEADS: Final = re.compile(
    r"(?:person|man|woman|player|president|king|queen|leader|author|artist|actor|actress|director|scientist|researcher|singer"
    r"|composer|general|emperor|pope|inventor|philosopher|founder|chief|executive|minister|spokes\w+|analyst|economist|judge"
    r"|mathematician|physicist|chemist|writer|coach|quarterback|monarch|explorer|scholar|theorist|historian|architect)s?$",
    re.IGNORECASE,
)
_NAME_HEADS: Final = re.compile(
    r"(?:company|companies|name|organi[sz]ation|group|team|band|agency|university|school|church|party|brand|firm|newspaper"
    r"|film|movie|book|album|song|show|act|law|treaty|war|battle|award|title|language|network|channel|bank|dynasty|tribe"
    r"|outlet|supplier|vendor|customer|startup|programme?|model|product|chip|nationality|empire|league|club|label)s?$",
    re.IGNORECASE,
)
_HEADS: Final[tuple[tuple[re.Pattern[str], Wants], ...]] = (
    (_NUMBER_HEADS, "number"),
    (_DATE_HEADS, "date"),
    (_PLACE_HEADS, "place"),
    (_PERSON_HEADS, "person"),
    (_NAME_HEADS, "name"),
)
_SORT: Final = re.compile(r"(?:types?|kinds?|sorts?)", re.IGNORECASE)
_DIRECT: Final[dict[str, Wants]] = {
    "who": "person",
    "whom": "person",
    "whose": "person",
    "when": "date",
    "where": "place",
    "why": "reason",
    "how come": "reason",
    "how": "manner",
}
_WORD: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_NAME: Final = re.compile(r"\b[A-Z0-9][\w.&'’-]*[^\W_](?:\s+[A-Z0-9][\w.&'’-]*[^\W_])*|\b[A-Z]\b")
_SMALL_WORD: Final = r"(?:of|in|on|at|for|from|to|like|about|with|by|worth|so|the|an?|there|it|this|that|new)\b"
_DEFINITION: Final = re.compile(
    r"\s*(?:what(?:['’]s|\s+(?:is|are|was|were))\s+(?:(?:an?|the)\s+)?|who(?:['’]s|\s+(?:is|are|was|were))\s+(?:the\s+)?|what\s+does\s+(?=.*\bmeans?\b))"
    rf"(?!\w+(?:ing|ed)\b)(?P<thing>(?!{_SMALL_WORD})[\w.&'’-]+(?:\s+(?!{_SMALL_WORD})[\w.&'’-]+)*?)(?:\s+mean)?[\s?!.]*",
    re.IGNORECASE,
)
_INDEFINITE: Final = re.compile(r"\s*what(?:['’]s|\s+(?:is|are|was|were))\s+an?\b", re.IGNORECASE)
_WHO_THE: Final = re.compile(r"\s*who\S*\s+(?:\w+\s+)?the\b", re.IGNORECASE)  # "who is the chief" asks for a name
_LONGEST_THING: Final = 4
_NUMBER: Final = re.compile(r"(?<!\w)(?:\d[\d,.]*\d|\d)")
_OFFICES: Final = {
    "ceo": "chief executive",
    "chief executive officer": "chief executive",
    "cfo": "chief financial officer",
    "coo": "chief operating officer",
    "cto": "chief technology officer",
}
_OFFICE: Final = re.compile(rf"\b(?:{'|'.join(_OFFICES)})\b", re.IGNORECASE)
_SPOKEN: Final = re.compile(r"\b(?:said|tells?|told|speaks?|spoken?|commented|comments?(?= on))\b", re.IGNORECASE)
_HEAD_REACH: Final = 4  # "what was the total number": words looked at after the question word
_VERBS: Final = frozenset(
    ("is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "can", "could", "will", "would")
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart.

    wants: the kind of answer. words: its terms in order, each once. names, numbers: terms of its capitalised names
    (the word that opens it left out) and of its figures. head: terms of the noun it asks for (``points`` in "how many
    points"), empty when there is none. counts: whether it asks for a number of such things. defines: the thing or
    person of a "what is" or "who is" that asks for nothing else, as written; else empty.
    """

    text: str
    wants: Wants
    words: tuple[str, ...]
    names: frozenset[str]
    numbers: frozenset[str]
    head: frozenset[str]
    counts: bool
    defines: str


def terms_of(text: str) -> list[str]:
    """The index terms of a text, a CEO spelt out as chief executive, "told" and "spoke" taken for "say"."""
    return words_of(_SPOKEN.sub("say", _OFFICE.sub(lambda found: _OFFICES[found[0].lower()], text)))


def read_question(text: str) -> Question:
    """What a question asks for. Never fails: text that is no question wants a ``thing``."""
    wants, head = _wanted(text)
    names = {
        term for found in _NAME.finditer(text) if found.start() > _first_letter(text) for term in words_of(found[0])
    }
    words = tuple(dict.fromkeys(terms_of(_QUANTITY.sub(" ", text))))
    return Question(
        text=text,
        wants=wants,
        words=words,
        names=frozenset(names),
        numbers=frozenset(term for found in _NUMBER.finditer(text) for term in words_of(found[0])),
        head=frozenset(words_of(head)),
        counts=bool(_COUNT.search(text)),
        defines=_defined(text) if wants == "thing" else "",
    )


def _defined(text: str) -> str:
    """What a question wants explained: ``HBM`` of "What is HBM?"; empty when it asks for something about a thing."""
    found = _DEFINITION.fullmatch(text)
    if found is None or len(found["thing"].split()) > _LONGEST_THING:
        return ""
    return found["thing"] if not _WHO_THE.match(text) or found["thing"][0].isupper() else ""


def _first_letter(text: str) -> int:
    """Where the first word of the text starts."""
    found = _WORD.search(text)
    return found.start() if found else 0


def _wanted(text: str) -> tuple[Wants, str]:
    """The kind of answer and the words that name it."""
    verdict = _VERDICT.match(text)
    lead = _LEAD.search(text)
    if verdict or lead is None:
        return ("verdict" if verdict else "thing"), ""
    asked = lead[1].lower()
    if _defined(text) and (asked == "who" or _INDEFINITE.match(text)):
        return "thing", ""
    after = [found[0] for found in _WORD.finditer(text, lead.end(), lead.end() + 80)]
    if asked.startswith("how ") and asked != "how come":
        return "number", (_counted(after) if asked[4:] in ("many", "much", "few") else "")
    if asked in _DIRECT:
        return _DIRECT[asked], ""
    return _by_head(after)


def _counted(after: list[str]) -> str:
    """What "how many" counts: the words up to the first small one, ``career sacks`` of "career sacks did he have"."""
    return " ".join(takewhile(lambda word: word.lower() not in STOP_WORDS, after[:_HEAD_REACH]))


def _by_head(after: list[str]) -> tuple[Wants, str]:
    """What "which" or "what" asks for, told by the nouns that follow it."""
    noun: list[str] = []
    for word in after[:_HEAD_REACH]:
        if word.lower() in _VERBS and noun:
            break
        if word.lower() not in _VERBS:
            noun.append(word)
    if noun and _SORT.fullmatch(noun[0]):  # "what type of city" asks for no city
        return "thing", " ".join(noun[:2])
    for word in noun:
        for heads, wants in _HEADS:
            if heads.match(word):
                return wants, word
    opens_with_verb = bool(after) and after[0].lower() in _VERBS
    return "thing", "" if opens_with_verb else " ".join(noun[:2])
