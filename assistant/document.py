"""Answers and evidence as the JSON documents that scripts rely on, and as text for a terminal."""

from collections.abc import Sequence
from typing import Any

from assistant.answer import Answer, Citation, Evidence, Sentence
from ingest.article import Article

_MARKS = {"supported": "", "weak": " (weak: {reason})", "unsupported": " (UNSUPPORTED: {reason})"}
_SHOWN_COPIES = 5


def answer_document(answer: Answer) -> dict[str, Any]:
    """The answer as a JSON object."""
    return {
        "question": answer.question,
        "rewritten": answer.rewritten,
        "answered": answer.answered,
        "confidence": round(answer.confidence, 4),
        "answer": answer.text,
        "short_answer": answer.short_answer,
        "as_of": answer.as_of.isoformat() if answer.as_of else None,
        "sentences": [_sentence_document(sentence) for sentence in answer.sentences],
        "citations": [citation_document(citation) for citation in answer.citations],
        "evidence": evidence_document(answer.evidence),
        "notes": list(answer.notes),
        "model": answer.model,
        "timings": {stage: round(seconds, 4) for stage, seconds in answer.timings.items()},
    }


def evidence_document(evidence: Sequence[Evidence]) -> list[dict[str, Any]]:
    """The evidence list as JSON objects, best first."""
    return [
        {
            "text": found.passage.text,
            "start": found.passage.start,
            "end": found.passage.end,
            "score": round(found.score, 4),
            "also_in": list(found.also_in),
            "article": _article_document(found.article),
        }
        for found in evidence
    ]


def _sentence_document(sentence: Sentence) -> dict[str, Any]:
    return {
        "text": sentence.text,
        "citations": list(sentence.citations),
        "support": sentence.support,
        "reason": sentence.reason,
    }


def citation_document(citation: Citation) -> dict[str, Any]:
    """A footnote as a JSON object."""
    return {
        "number": citation.number,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "article": _article_document(citation.article),
    }


def _article_document(article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "title": article.title,
        "source": article.source,
        "author": article.author,
        "published": article.published.value if article.published else None,
        "url": article.url,
        "path": article.path,
    }


def closing_text(answer: Answer) -> str:
    """What follows the sentences on a terminal: the refusal where there are none, the footnotes, the notes."""
    lines = [] if answer.answered else [one_line(answer.text)]
    if answer.citations:
        lines += ["", *(footnote_text(citation) for citation in answer.citations)]
    if answer.as_of:
        lines.append(f"As of {answer.as_of.isoformat()}.")
    notes = [*([read_as(answer.rewritten)] if answer.rewritten else []), *answer.notes]
    lines += [f"Note: {one_line(note)}" for note in notes]
    return "\n".join(lines)


def read_as(question: str) -> str:
    """Tells how a question was read, where that is not as it was asked."""
    return f"Read as “{question}”."


def sentence_line(sentence: Sentence) -> str:
    """A sentence with its markers, and its doubt where there is one."""
    markers = "".join(f"[{number}]" for number in sentence.citations)
    doubt = _MARKS[sentence.support].format(reason=sentence.reason)
    return f"{one_line(sentence.text)} {markers}{doubt}".rstrip()


def footnote_text(citation: Citation) -> str:
    """A footnote on two lines: where it is from, and the words themselves."""
    return f'[{citation.number}] {article_line(citation.article)}\n    "{one_line(citation.quote)}"'


def article_line(article: Article) -> str:
    """Title, outlet and date of an article, those that are known, and where it lies."""
    day = article.published.value[:10] if article.published else ""
    known = [part for part in (article.title, article.source, day) if part]
    return f"{one_line(', '.join(known))} ({one_line(article.id)})"


def evidence_text(evidence: Sequence[Evidence]) -> str:
    """Passages for a terminal, best first."""
    blocks = []
    for place, found in enumerate(evidence, 1):
        head = f"{place}. {found.score:.2f}  {article_line(found.article)}"
        lines = [head, *_copies_line(found.also_in), one_line(found.passage.text)]
        blocks.append("\n   ".join(lines))
    return "\n\n".join(blocks) if blocks else "Nothing found."


def _copies_line(also_in: Sequence[str]) -> list[str]:
    """One line that names the articles with a near copy, the first few of many; none where there are none."""
    if not also_in:
        return []
    more = f" and {len(also_in) - _SHOWN_COPIES} more" if len(also_in) > _SHOWN_COPIES else ""
    return [f"also in {', '.join(map(one_line, also_in[:_SHOWN_COPIES]))}{more}"]


def one_line(text: str) -> str:
    """The text on one line, without control characters: an article must not be able to drive the terminal."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
