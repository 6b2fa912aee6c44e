"""What a question becomes: evidence, citations, sentences with their support, and the answer they make."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from ingest.article import Article, Passage

EXTRACTIVE = "extractive"
"""The author of an answer made of the articles' own sentences, where a model would give its name."""

OWN_WORDS_NOTE = "Answered with the articles' own sentences: no language model is set."
"""The label of an answer that no model wrote because none is set; pages that say so elsewhere need not repeat it."""

Support = Literal["supported", "weak", "unsupported"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage found for a question.

    score: 0..1, higher is better; comparable within one question only.
    found_by: the searches that found it, of ``meaning`` (vectors) and ``words`` (BM25).
    also_in: ids of articles that carry a near copy of it, collapsed into this one.
    """

    passage: Passage
    article: Article
    score: float
    found_by: tuple[str, ...] = ()
    also_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered footnote: ``article.text[start:end] == quote``, checked when it is made.

    number: from 1, in the order of first use in the answer.
    """

    number: int
    article: Article
    passage: Passage
    quote: str
    start: int
    end: int

    def __post_init__(self) -> None:
        found = self.article.text[self.start : self.end]
        if found != self.quote or not self.quote:
            raise ValueError(f"citation {self.number} of {self.article.id!r} quotes {self.quote!r}, text has {found!r}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the answer, the footnotes it carries and whether they support it.

    text: without markers. citations: numbers of `Citation`. reason: why the mark, in words a reader understands.
    """

    text: str
    citations: tuple[int, ...]
    support: Support
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole reply. ``answered=False`` says that nothing in the articles answers the question.

    rewritten: the question as it was read, where a follow-up was made to stand alone or a misspelled name mended.
    text: the answer with ``[n]`` markers. confidence: 0..1, that the evidence answers the question.
    as_of: date of the newest cited article. notes: labels for the reader, never part of the text.
    model: the LLM's name, or ``extractive``. timings: seconds by stage: retrieve, answer, total.
    """

    question: str
    text: str
    answered: bool
    confidence: float
    rewritten: str | None = None
    short_answer: str | None = None
    as_of: date | None = None
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = ()
    model: str = EXTRACTIVE
    timings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """Streaming: the evidence is in (the answer's text starts after this)."""

    evidence: tuple[Evidence, ...]
    rewritten: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """Streaming: one more finished sentence, with the citations it uses for the first time."""

    sentence: Sentence
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Drafting:
    """Streaming: the unfinished tail of the text, to be replaced by the next event; markers already taken out."""

    tail: str


@dataclass(frozen=True, slots=True)
class Finished:
    """Streaming: the last event, always sent: the whole answer."""

    answer: Answer


Event = Found | Drafting | Written | Finished
