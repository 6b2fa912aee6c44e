"""An answer in the making: sentences with their footnotes and marks, one after another, then the whole.

`assistant.answering` tells it what to write; it numbers citations, has each sentence checked, and says what changed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from assistant.answer import EXTRACTIVE, Answer, Citation, Event, Evidence, Sentence, Support, Written
from assistant.calendar_dates import read_dates
from assistant.cite import Drafted, find_quote
from assistant.corpus_questions import Listed
from assistant.extract import Extract, Quote
from assistant.footnotes import Footnotes
from assistant.prompts import is_refusal, repeats_rules
from assistant.question import read_question
from assistant.retrieve import Retrieved
from assistant.revision import Quoted, Revision, age_note, find_revisions, prefer_newer, quoted_by
from assistant.short_answers import short_answer
from assistant.verify import check_sentence
from ingest.article import Article
from ingest.embed import Embedder
from ingest.words import words_of

NOTHING = "Nothing in the articles answers this."
"""How a refusal begins."""

# Of the answers below this confidence three in four speak of something else: bench/answers.py has 6 % of XQuAD's
# answerable questions there, and 25 % of those asked without the paragraph that answers them.
_LIKELY = 0.5
_NEAR = 0.05  # below this, what comes nearest is about another matter and not worth quoting

COUNTED = Extract((), None, 1.0, None)
"""In place of an extract, for an answer that is counted in the catalog."""


class Draft:
    """An answer in the making."""

    def __init__(
        self,
        question: str,
        rewritten: str | None,
        asked: date,
        retrieved: Retrieved,
        extract: Extract,
        embedder: Embedder,
    ) -> None:
        """question: as it was asked, on the day ``asked``. rewritten: so that it stands alone, None where it does."""
        self.question = question
        self.rewritten = rewritten
        self.standalone = rewritten or question
        self.asked = asked
        self.retrieved = retrieved
        self.notes = list(retrieved.notes)
        self.sentences: list[Sentence] = []
        self.refused = False
        self._extract = extract
        self._embedder = embedder
        self._footnotes = Footnotes()
        self._author = EXTRACTIVE
        self._short = extract.short_answer
        self._from_catalog = False
        self._revisions: tuple[Revision, ...] | None = None

    def written(self, drafts: Sequence[Drafted], shown: Sequence[Evidence], author: str) -> Iterator[Event]:
        """A model's sentences, their markers made citations, each checked against the passages it cites."""
        for drafted in drafts:
            if self.refused or (not self.sentences and not drafted.numbers and is_refusal(drafted.text)):
                self.refused = True
                self._author = author
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

    @property
    def cites(self) -> bool:
        """Whether any sentence so far has a footnote."""
        return any(sentence.citations for sentence in self.sentences)

    def start_again(self) -> None:
        """Take back what was written: a fragment that rests on nothing is no answer."""
        self.sentences.clear()
        self._author = EXTRACTIVE

    def listed(self, lines: Sequence[Listed]) -> Iterator[Event]:
        """What the catalog says of the corpus: exact, so every line is supported."""
        self._from_catalog = True
        self.notes.append("Counted in the catalog of the index.")
        for line in lines:
            citations = []
            if line.article is not None and line.passage is not None:
                citations = [self._footnotes.cite(Evidence(line.passage, line.article, 1.0), line.start, line.end)]
            yield self._add(line.text, citations, "supported", "counted in the catalog")

    def quote_articles(self) -> Iterator[Event]:
        """The articles' own sentences, each its own footnote; a figure that a newer article corrects gives way."""
        evidence = self.retrieved.evidence
        places = [Quoted(evidence[quote.index], quote.start, quote.end) for quote in self._extract.sentences]
        self._revisions = find_revisions(self.standalone, places, evidence, self._embedder)
        quotes = prefer_newer(self.standalone, self._extract.sentences, self._revisions, evidence, self.asked)
        self._short = self._short_answer_of(quotes)
        for quote in quotes:
            citation = self._footnotes.cite(evidence[quote.index], quote.start, quote.end)
            yield self._add(quote.text, [citation], "supported", "the article's own words")

    def _short_answer_of(self, quotes: Sequence[Quote]) -> str | None:
        if not quotes or quotes[0] == self._extract.sentences[0]:
            return self._extract.short_answer
        return short_answer(read_question(self.standalone), quotes[0].text)

    def answer(self, timings: Mapping[str, float]) -> Answer:
        """The whole answer as it stands."""
        citations = self._footnotes.all()
        self.notes += self._doubts(citations)
        if not self._from_catalog:
            self.notes += self._time_notes(citations)
        self.notes += [
            f"{_named(article)} was captured only in part: it goes on beyond the text that is indexed."
            for article in {citation.article.id: citation.article for citation in citations}.values()
            if article.excerpt
        ]
        return Answer(
            question=self.question,
            rewritten=self.rewritten,
            text=self._text(),
            answered=bool(self.sentences),
            confidence=self._extract.confidence,
            short_answer=self._marked_answer(citations),
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

    def _first_sentence(self) -> str:
        return self.sentences[0].text if self.sentences else ""

    def _marked_answer(self, citations: Sequence[Citation]) -> str | None:
        """The short answer where the first sentence holds it, speaks of all that is named and likely answers."""
        if (
            not self._short
            or self._extract.confidence < _LIKELY
            or self._short not in self._first_sentence()
            or self._unmentioned([citation.article for citation in citations])
        ):
            return None
        return self._short

    def _doubts(self, citations: Sequence[Citation]) -> list[str]:
        """What the reader should know of the answer as a whole: nothing of it holds, or it speaks of something else."""
        if self._from_catalog or not self.sentences:
            declined = f"The language model {self._author!r} found no answer in the articles." if self.refused else ""
            return [declined] if declined else []
        doubts = []
        if all(sentence.support == "unsupported" for sentence in self.sentences):
            doubts.append("No sentence of this answer is supported by what it cites.")
        if self._author == EXTRACTIVE and self._extract.confidence < _LIKELY:
            doubts.append("The articles may well not answer this: what is quoted comes nearest.")
        if unmentioned := self._unmentioned([citation.article for citation in citations]):
            doubts.append(f"The articles quoted here do not mention {' or '.join(unmentioned)}.")
        return doubts

    def _unmentioned(self, articles: Sequence[Article]) -> list[str]:
        """The names of the question that none of some articles holds, in its words; a date is no name."""
        dated = {term for found in read_dates(self.standalone) for term in words_of(found.text)}
        absent = set(read_question(self.standalone).names) - dated
        for article in {article.id: article for article in articles}.values():
            if not absent:
                break
            absent.difference_update(words_of(f"{article.title} {article.text}"))
        if not articles or not absent:
            return []
        said = [word for word in re.findall(r"[\w’'-]+", self.standalone) if absent.intersection(words_of(word))]
        return list(dict.fromkeys(said))

    def _time_notes(self, citations: Sequence[Citation]) -> list[str]:
        """What changed between articles, where they disagree, and evidence older than the question wants."""
        revisions = self._revisions
        if revisions is None:
            places = quoted_by(citations)
            revisions = find_revisions(self.standalone, places, self.retrieved.evidence, self._embedder)
        age = age_note(self.standalone, [citation.article for citation in citations], self.asked)
        return [*(revision.note for revision in revisions), *([age] if age else [])]

    def _text(self) -> str:
        if not self.sentences:
            return f"{NOTHING}{self._nearest()}"
        return " ".join(f"{sentence.text}{_markers(sentence)}" for sentence in self.sentences)

    def _nearest(self) -> str:
        if self._extract.nearest is None:
            return ""
        article = self.retrieved.evidence[self._extract.nearest].article
        said = "."
        if self._extract.sentences and self._extract.confidence >= _NEAR:  # there are none where all is left out
            nearest = self._extract.sentences[0].text
            said = f": {nearest}" if any(mark in nearest for mark in '“”"') else f": “{nearest}”"
        unmentioned = self._unmentioned([article])
        lacks = f" It does not mention {' or '.join(unmentioned)}." if unmentioned else ""
        return f" The nearest they hold is {_named(article)}{said}{lacks}"


def newest_day(citations: Sequence[Citation]) -> date | None:
    """The last day on which a cited article was published; None when none is dated."""
    days = [citation.article.published.last_day for citation in citations if citation.article.published]
    return max(days, default=None)


def _markers(sentence: Sentence) -> str:
    return "".join(f" [{number}]" if not place else f"[{number}]" for place, number in enumerate(sentence.citations))


def _named(article: Article) -> str:
    day = f", {article.published.value[:10]}" if article.published else ""
    return f"“{article.title or article.id}” ({article.source or article.id}{day})"
