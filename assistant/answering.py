"""The story of an answer: a question that stands alone, its evidence, a draft, each sentence checked.

Question -> standalone -> retrieve -> gate -> sentences of a model, or the articles' own -> Finished
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date

from assistant.answer import (
    Answer,
    Citation,
    Drafting,
    Event,
    Evidence,
    Finished,
    Found,
    Sentence,
    Support,
    Written,
)
from assistant.cite import Drafted, SentenceStream, find_quote
from assistant.confidence import ANSWERED
from assistant.context import readable_evidence
from assistant.conversation import standalone_question
from assistant.corpus_questions import Listed, answer_from_catalog
from assistant.errors import LLMError, QuestionError
from assistant.extract import Extract, extract_answer
from assistant.footnotes import Footnotes
from assistant.llm import Budget, ChatModel
from assistant.parts import parts_of
from assistant.prompts import (
    MAX_QUESTION_CHARS,
    answer_messages,
    is_refusal,
    may_become_no_answer,
    parts_messages,
    read_parts,
    repeats_rules,
)
from assistant.rerank import CANDIDATES, Reranker, rerank
from assistant.retrieve import Retrieved, retrieve
from assistant.verify import check_sentence
from ingest.article import Article
from ingest.embed import Embedder
from ingest.generation import Generation

EXTRACTIVE = "extractive"


@dataclass(frozen=True, slots=True)
class Request:
    """A question with everything that bears on its answer.

    history: the conversation so far, messages with ``role`` (user or assistant) and ``content``.
    asked: the day it is asked. since, until: publication dates, both included. source: one outlet.
    """

    text: str
    asked: date
    history: Sequence[Mapping[str, str]] = ()
    since: date | None = None
    until: date | None = None
    source: str | None = None
    limit: int = 10

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise QuestionError("the question is empty; ask something, such as: what is new about HBM?")
        if len(self.text) > MAX_QUESTION_CHARS:
            raise QuestionError(
                f"the question has {len(self.text):,} characters, at most {MAX_QUESTION_CHARS:,} are read; shorten it"
            )


@dataclass(slots=True)
class _Timer:
    """Seconds by stage."""

    started: float = field(default_factory=time.perf_counter)
    stages: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timing(self, stage: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.stages[stage] = time.perf_counter() - begun

    def timings(self) -> dict[str, float]:
        total = time.perf_counter() - self.started
        return {**self.stages, "answer": total - self.stages.get("retrieve", 0.0), "total": total}


@dataclass(frozen=True, slots=True)
class Tools:
    """What an answer is made with. model: None for extractive answers. reranker: None for the first ranking."""

    embedder: Embedder
    model: ChatModel | None = None
    reranker: Reranker | None = None


def answer_events(request: Request, generation: Generation, tools: Tools) -> Iterator[Event]:
    """The answer as it is made; the last event is always `Finished`. Closing the iterator stops a model at work.

    A model that fails never fails the question: the articles' own sentences answer, and a note says why.
    """
    timer = _Timer()
    model, embedder = tools.model, tools.embedder
    budget = Budget(model.max_seconds) if model else None
    rewritten = standalone_question(request.text, request.history, model, budget=budget)
    parts = _parts_by_model(rewritten or request.text, model, budget) if model and budget else None
    with timer.timing("retrieve"):
        retrieved = find_evidence(request, rewritten or request.text, generation, tools, parts)
    yield Found(retrieved.evidence, rewritten)
    listed = answer_from_catalog(
        rewritten or request.text,
        generation,
        asked=request.asked,
        since=request.since,
        until=request.until,
        source=request.source,
    )
    extract = extract_answer(rewritten or request.text, retrieved.evidence, embedder)
    draft = _Draft(request, rewritten, retrieved, extract, embedder)
    if listed is not None:
        yield from draft.listed(listed)
    elif extract.confidence >= ANSWERED and model is not None:
        yield from _write(draft, model, budget)
    elif extract.confidence >= ANSWERED:
        draft.notes.append("Answered with the articles' own sentences: no language model is set.")
    if listed is None and extract.confidence >= ANSWERED and not (draft.sentences or draft.refused):
        yield from draft.quote_articles()
    yield Finished(draft.answer(timer.timings()))


def _parts_by_model(question: str, model: ChatModel, budget: Budget) -> tuple[str, ...] | None:
    """What the model makes of a question of several parts; None for a simple one, or when the rules must do."""
    if not parts_of(question):
        return None
    try:
        reply = model.complete(parts_messages(question), budget=budget.share(0.25, model.name))
    except LLMError:  # the answer's own request, which follows, reports it
        return None
    return read_parts(reply) or None


def find_evidence(
    request: Request, standalone: str, generation: Generation, tools: Tools, parts: Sequence[str] | None = None
) -> Retrieved:
    """The evidence for a question that stands alone, under the filters of the request. parts: see `retrieve`."""
    retrieved = retrieve(
        standalone,
        generation,
        tools.embedder,
        asked=request.asked,
        since=request.since,
        until=request.until,
        source=request.source,
        limit=max(request.limit, CANDIDATES) if tools.reranker else request.limit,
        parts=parts,
    )
    if tools.reranker is None:
        return retrieved
    return replace(retrieved, evidence=rerank(standalone, retrieved.evidence, tools.reranker, limit=request.limit))


def _write(draft: "_Draft", model: ChatModel, budget: Budget | None) -> Iterator[Event]:
    """The model's sentences as they are finished. Whatever goes wrong with the model ends in a note."""
    messages, shown = answer_messages(
        draft.asked,
        readable_evidence(draft.retrieved.evidence),
        asked=draft.request.asked,
        context_window=model.context_window,
    )
    stream = SentenceStream(known=len(shown))
    failure: LLMError | None = None
    with model.stream(messages, budget=budget) as reply:
        try:
            for delta in reply:
                yield from draft.written(stream.feed(delta), shown, model.name)
                hidden = draft.refused or (not draft.sentences and may_become_no_answer(stream.tail))
                yield Drafting("" if hidden else stream.tail)
        except LLMError as error:
            failure = error
        truncated = reply.outcome.truncated
    yield from draft.written(stream.finish(), shown, model.name)
    if failure is not None:
        draft.notes.append(f"The language model failed: {failure}. {failure.help}")
    if truncated:
        draft.notes.append("The model's reply met its length limit and is cut off.")
    if stream.unknown:
        draft.notes.append(f"{stream.unknown} footnotes of the model named no evidence and were dropped.")
    if not (draft.sentences or draft.refused):
        draft.notes.append("Answered with the articles' own sentences instead.")


class _Draft:
    """An answer in the making."""

    def __init__(
        self, request: Request, rewritten: str | None, retrieved: Retrieved, extract: Extract, embedder: Embedder
    ) -> None:
        self.request = request
        self.rewritten = rewritten
        self.asked = rewritten or request.text
        self.retrieved = retrieved
        self.notes = list(retrieved.notes)
        self.sentences: list[Sentence] = []
        self.refused = False
        self._extract = extract
        self._embedder = embedder
        self._footnotes = Footnotes()
        self._author = EXTRACTIVE
        self._confidence = extract.confidence

    def written(self, drafts: Sequence[Drafted], shown: Sequence[Evidence], author: str) -> Iterator[Event]:
        """A model's sentences, their markers made citations, each checked against the passages it cites."""
        for drafted in drafts:
            if self.refused or (not self.sentences and not drafted.numbers and is_refusal(drafted.text)):
                self.refused = True
                return
            if repeats_rules(drafted.text):
                continue
            self._author = author
            cited = [shown[number - 1] for number in drafted.numbers]
            verdict = check_sentence(
                drafted.text,
                [found.passage.text for found in cited],
                embedder=self._embedder,
                sources=[found.article.source for found in cited],
            )
            citations = [self._cite_best(drafted.text, found) for found in cited]
            yield self._add(drafted.text, citations, verdict.support, verdict.reason)

    def listed(self, lines: Sequence[Listed]) -> Iterator[Event]:
        """What the catalog says of the corpus: exact, so every line is supported."""
        self._confidence = 1.0
        self.notes.append("Counted in the catalog of the index.")
        for line in lines:
            citations = []
            if line.article is not None and line.passage is not None:
                citations = [self._footnotes.cite(Evidence(line.passage, line.article, 1.0), line.start, line.end)]
            yield self._add(line.text, citations, "supported", "counted in the catalog")

    def quote_articles(self) -> Iterator[Event]:
        """The articles' own sentences, each its own footnote."""
        for quote in self._extract.sentences:
            citation = self._footnotes.cite(self.retrieved.evidence[quote.index], quote.start, quote.end)
            yield self._add(quote.text, [citation], "supported", "the article's own words")

    def answer(self, timings: Mapping[str, float]) -> Answer:
        """The whole answer as it stands."""
        citations = self._footnotes.all()
        self.notes += [
            f"{_named(article)} was captured only in part: it goes on beyond the text that is indexed."
            for article in {citation.article.id: citation.article for citation in citations}.values()
            if article.excerpt
        ]
        return Answer(
            question=self.request.text,
            rewritten=self.rewritten,
            text=self._text(),
            answered=bool(self.sentences),
            confidence=self._confidence,
            short_answer=self._short_answer(),
            as_of=newest_day(citations),
            sentences=tuple(self.sentences),
            citations=citations,
            evidence=self.retrieved.evidence,
            notes=tuple(self.notes),
            model=self._author,
            timings=timings,
        )

    def _add(self, text: str, citations: Sequence[Citation], support: Support, reason: str) -> Written:
        known = {number for sentence in self.sentences for number in sentence.citations}
        numbers = tuple(dict.fromkeys(citation.number for citation in citations))
        sentence = Sentence(text, numbers, support, reason)
        self.sentences.append(sentence)
        return Written(sentence, tuple(c for c in dict.fromkeys(citations) if c.number not in known))

    def _cite_best(self, sentence: str, found: Evidence) -> Citation:
        """The footnote to the words of a passage that fit a sentence best."""
        start, end = find_quote(sentence, found.passage.text)
        return self._footnotes.cite(found, found.passage.start + start, found.passage.start + end)

    def _short_answer(self) -> str | None:
        short = self._extract.short_answer
        return short if short and self.sentences and short in self.sentences[0].text else None

    def _text(self) -> str:
        if not self.sentences:
            return f"Nothing in the articles answers this.{self._nearest()}"
        return " ".join(f"{sentence.text}{_markers(sentence)}" for sentence in self.sentences)

    def _nearest(self) -> str:
        if self._extract.nearest is None:
            return ""
        return f" The nearest they hold is {_named(self.retrieved.evidence[self._extract.nearest].article)}."


def newest_day(citations: Sequence[Citation]) -> date | None:
    """The last day on which a cited article was published; None when none is dated."""
    days = [citation.article.published.last_day for citation in citations if citation.article.published]
    return max(days, default=None)


def _markers(sentence: Sentence) -> str:
    return "".join(f" [{number}]" if not place else f"[{number}]" for place, number in enumerate(sentence.citations))


def _named(article: Article) -> str:
    day = f", {article.published.value[:10]}" if article.published else ""
    return f"“{article.title or article.id}” ({article.source or article.id}{day})"
