"""Questions that the articles answer, drawn from their own sentences and tried before they are shown.

A sentence that says what a named thing is, has or did is turned round: "Ansbury is a port …" -> "What is Ansbury?".
Only English sentences of these few forms give questions; other corpora simply get fewer suggestions.
"""

import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from assistant.answer import Event, Finished, Found
from ingest.article import Article, Passage
from ingest.sentences import split_sentences

_HAS_VERBS = {
    "has": "have", "have": "have", "carries": "carry", "carry": "carry", "holds": "hold", "hold": "hold",
    "employs": "employ", "operates": "operate", "owns": "own",
}  # fmt: skip
_DID_VERBS = {
    "announced": "announce", "launched": "launch", "ordered": "order", "bought": "buy", "opened": "open",
    "unveiled": "unveil", "released": "release", "proposed": "propose", "banned": "ban", "promised": "promise",
    "approved": "approve", "introduced": "introduce", "presented": "present", "published": "publish",
    "signed": "sign", "raised": "raise", "cut": "cut", "built": "build", "won": "win", "sold": "sell", "named": "name",
    "started": "start", "ended": "end", "added": "add",
}  # fmt: skip
_PLAN_VERBS = {"plans": "plan", "wants": "want", "intends": "intend", "hopes": "hope", "aims": "aim"}
_DONE = "founded introduced presented announced launched released signed built opened".replace(" ", "|")
_NO_THING = "(?:[mb]|tr)illion|percent|thousand|hundred|dozen"  # what follows a figure without being counted by it

_WHEN = r"(?:(?:On|In|By|Since|At) [^,.]{3,40}, )?"  # "On September 18, " before the name
_NAME = _WHEN + r"(?P<name>(?:The )?[A-Z][\w’'&-]*(?: (?:of |for |and |the )?[A-Z0-9][\w’'&-]*){0,4})"
_HAS = re.compile(
    rf"{_NAME} (?:(?P<will>will) )?(?P<verb>{'|'.join(_HAS_VERBS)}) "
    r"(?:about |around |nearly |some |more than |at least )?\d[\d.,]* "
    rf"(?P<things>(?!{_NO_THING})(?:[a-z]+ )?[a-z]+s)\b"
)
_DID = re.compile(rf"{_NAME} (?P<verb>{'|'.join(_DID_VERBS)}) ")
_WAS_DONE = re.compile(rf"{_NAME} (?P<verb>was|were) (?P<done>{_DONE}) (?:[a-z]+ ){{0,3}}(?:in|on) (?:[A-Z][a-z]+ )?\d")
_PLANS = re.compile(rf"{_NAME} (?P<verb>{'|'.join(_PLAN_VERBS)}) to \w")
_IS = re.compile(rf"{_NAME} (?P<verb>is|are|was|were) (?:an?|the|one of) \w")
_OPENERS = frozenset(
    re.findall(r"\w+", "The This That These Those It He She They We You I There Here One But And In On At")
)
_TRIED_AT_MOST = 12  # each try is one answer of about 20 ms: 0.24 s for three questions of the sample corpus
_TOP = 3


class Streams(Protocol):
    """Whatever streams answers."""

    def stream(self, question: str) -> Iterator[Event]:
        """The answer's events."""
        ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question, and the sentence of an article that answers it."""

    question: str
    article_id: str
    start: int
    end: int


def candidates_in(article: Article) -> list[Candidate]:
    """The questions that an article's sentences answer, in the order of the text, each once."""
    found: dict[str, Candidate] = {}
    for start, end in split_sentences(article.text):
        question = _question_of(article.text[start:end], article.text)
        if question and question not in found:
            found[question] = Candidate(question, article.id, start, end)
    return list(found.values())


def pick_questions(
    articles: Iterable[Article], assistant: Streams, count: int, *, whole_answer: bool, not_again: Sequence[str] = ()
) -> tuple[str, ...]:
    """Up to ``count`` questions, at most one an article, each tried with `is_answered`."""
    picked: list[str] = []
    tries = 0
    for article in articles:
        fresh = [candidate for candidate in candidates_in(article) if candidate.question not in (*picked, *not_again)]
        for candidate in sorted(fresh, key=_is_plain)[:2]:
            tries += 1
            if is_answered(candidate, assistant, whole_answer=whole_answer):
                picked.append(candidate.question)
                break
        if len(picked) == count or tries >= _TRIED_AT_MOST:
            break
    return tuple(picked)


def _is_plain(candidate: Candidate) -> bool:
    """Whether a question only asks what something is: shown where nothing more telling was found."""
    return candidate.question.startswith(("What is", "What are", "What was", "What were"))


def is_answered(candidate: Candidate, assistant: Streams, *, whole_answer: bool) -> bool:
    """Whether the sentence behind a question is among the best passages found for it.

    whole_answer: also wait for the answer and see that there is one; False where that would cost a call to an LLM.
    """
    with closing(_as_generator(assistant.stream(candidate.question))) as events:
        for event in events:
            if isinstance(event, Found):
                if not any(_holds(item.passage, candidate) for item in event.evidence[:_TOP]):
                    return False
                if not whole_answer:
                    return True
            if isinstance(event, Finished):
                return event.answer.answered
    return False


def _as_generator(events: Iterator[Event]) -> Generator[Event, None, None]:
    """The same events behind an iterator that can be closed."""
    yield from events


def _holds(passage: Passage, candidate: Candidate) -> bool:
    same = passage.article_id == candidate.article_id
    return same and passage.start < candidate.end and passage.end > candidate.start


def _question_of(sentence: str, text: str) -> str:
    """The question that a sentence answers; empty when it has none of the known forms."""
    words = " ".join(sentence.split())
    if match := _HAS.match(words):
        verb = match["verb"]
        helper = match["will"] or ("do" if verb == _HAS_VERBS[verb] else "does")
        question = f"How many {match['things']} {helper} {_in_sentence(match['name'])} {_HAS_VERBS[verb]}?"
    elif match := _DID.match(words):
        question = f"What did {_in_sentence(match['name'])} {_DID_VERBS[match['verb']]}?"
    elif match := _WAS_DONE.match(words):
        question = f"When {match['verb']} {_in_sentence(match['name'])} {match['done']}?"
    elif match := _PLANS.match(words):
        question = f"What does {_in_sentence(match['name'])} {_PLAN_VERBS[match['verb']]} to do?"
    elif match := _IS.match(words):
        question = f"What {match['verb']} {_in_sentence(match['name'])}?"
    else:
        return ""
    return question if _is_a_name(match["name"], text) else ""


def _in_sentence(name: str) -> str:
    return "the" + name[3:] if name.startswith("The ") else name


def _is_a_name(name: str, text: str) -> bool:
    """Whether the words are capitals in the middle of a sentence too, and so more than the first word of one."""
    bare = name.removeprefix("The ")
    return bare not in _OPENERS and re.search(rf"[a-z,;] (?:the )?{re.escape(bare)}\b", text) is not None
