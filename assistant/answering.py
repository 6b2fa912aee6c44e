"""The story of an answer: a question that stands alone, its evidence, a draft, each sentence checked.

Question -> standalone -> retrieve -> gate -> sentences of a model, or the articles' own -> Finished
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date

from assistant.answer import OWN_WORDS_NOTE, Drafting, Event, Finished, Found
from assistant.cite import SentenceStream
from assistant.confidence import ANSWERED
from assistant.context import readable_evidence
from assistant.conversation import standalone_question
from assistant.corpus_questions import answer_from_catalog
from assistant.draft import COUNTED, Draft
from assistant.errors import LLMError, QuestionError
from assistant.extract import extract_answer
from assistant.llm import Budget, ChatModel
from assistant.parts import parts_of
from assistant.prompts import (
    MAX_QUESTION_CHARS,
    answer_messages,
    may_become_no_answer,
    may_repeat_rules,
    parts_messages,
    read_parts,
)
from assistant.rerank import CANDIDATES, Reranker, rerank
from assistant.retrieve import Retrieved, retrieve
from assistant.spelling import respelled
from ingest.embed import Embedder
from ingest.generation import Generation


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
        if not isinstance(self.text, str):
            raise QuestionError(f"the question is {self.text!r}; expected a text")
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
    rewritten = respelled(rewritten or request.text, generation, embedder) or rewritten
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
    if listed is not None:
        draft = Draft(request.text, rewritten, request.asked, retrieved, COUNTED, embedder)
        yield from draft.listed(listed)
        yield Finished(draft.answer(timer.timings()))
        return
    extract = extract_answer(rewritten or request.text, retrieved.evidence, embedder)
    draft = Draft(request.text, rewritten, request.asked, retrieved, extract, embedder)
    if extract.confidence >= ANSWERED and model is not None:
        yield from _write(draft, model, budget)
    elif extract.confidence >= ANSWERED:
        draft.notes.append(OWN_WORDS_NOTE)
    if extract.confidence >= ANSWERED and not (draft.sentences or draft.refused):
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


def _write(draft: Draft, model: ChatModel, budget: Budget | None) -> Iterator[Event]:
    """The model's sentences as they are finished. Whatever goes wrong with the model ends in a note."""
    messages, shown = answer_messages(
        draft.standalone,
        readable_evidence(draft.retrieved.evidence),
        asked=draft.asked,
        context_window=model.context_window,
    )
    stream = SentenceStream(known=len(shown))
    failure: LLMError | None = None
    with model.stream(messages, budget=budget) as reply:
        try:
            for delta in reply:
                yield from draft.written(stream.feed(delta), shown, model.name)
                tail = stream.tail
                refusing = draft.refused or (not draft.sentences and may_become_no_answer(tail))
                yield Drafting("" if refusing or may_repeat_rules(tail) else tail)
        except LLMError as error:
            failure = error
        truncated = reply.outcome.truncated
    yield from draft.written(stream.finish(), shown, model.name)
    if failure is not None and not draft.cites:
        draft.start_again()
    if failure is not None:
        draft.notes.append(f"The language model failed: {failure}. {failure.help}")
    if truncated:
        draft.notes.append("The model's reply met its length limit and is cut off.")
    if stream.unknown:
        draft.notes.append(f"{stream.unknown} footnotes of the model named no evidence and were dropped.")
    if not (draft.sentences or draft.refused):
        draft.notes.append("Answered with the articles' own sentences instead.")
