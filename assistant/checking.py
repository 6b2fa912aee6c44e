"""Is a sentence supported? By texts handed over with it, or by whatever the corpus holds nearest to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.answer import Citation, Evidence
from assistant.batch import read_row
from assistant.cite import find_quote
from assistant.document import citation_document
from assistant.footnotes import Footnotes
from assistant.verify import Verdict, check_against, check_sentence
from ingest.embed import Embedder
from ingest.errors import FootnoteError


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found. citations: the words of the corpus that the verdict rests on; none when nothing is near."""

    verdict: Verdict
    citations: tuple[Citation, ...] = ()


def check_with_corpus(sentence: str, evidence: Sequence[Evidence], embedder: Embedder) -> Checked:
    """The verdict of the passages found for a sentence: the best that bears it out, else one that contradicts it."""
    verdict = check_against(
        sentence,
        [found.passage.text for found in evidence],
        embedder=embedder,
        sources=[found.article.source for found in evidence],
    )
    if verdict.quote is None or (verdict.support == "unsupported" and not verdict.contradicted):
        return Checked(verdict)
    found = evidence[verdict.quote]
    start, end = find_quote(sentence, found.passage.text)
    offset = found.passage.start
    return Checked(verdict, (Footnotes().cite(found, offset + start, offset + end),))


def check_document(checked: Checked) -> dict[str, Any]:
    """What a check found as a JSON object."""
    return {
        **_verdict_document(checked.verdict),
        "citations": [citation_document(citation) for citation in checked.citations],
    }


def check_row(line: str, *, embedder: Callable[[], Embedder], check: Callable[[str], Checked]) -> dict[str, Any]:
    """The verdict on one line ``{"id", "sentence", maybe "evidence": [texts]}``; a bad line gives ``{"id", "error"}``.

    check: asks the corpus; only called for a line without evidence of its own.
    """
    row: Mapping[str, Any] = {}
    try:
        row = read_row(line)
        sentence, texts = _sentence(row), _texts(row)
        found = check_document(check(sentence)) if texts is None else _check_texts(sentence, texts, embedder())
    except FootnoteError as error:
        return {"id": row.get("id"), "error": str(error)}
    return {"id": row.get("id"), **found}


def _check_texts(sentence: str, texts: Sequence[str], embedder: Embedder) -> dict[str, Any]:
    """The verdict of texts that came with the sentence; a citation's number is then the text's place, from 1."""
    verdict = check_sentence(sentence, texts, embedder=embedder)
    citations = []
    if verdict.quote is not None and (verdict.support != "unsupported" or verdict.contradicted):
        start, end = find_quote(sentence, texts[verdict.quote])
        quote = texts[verdict.quote][start:end]
        citations = [{"number": verdict.quote + 1, "quote": quote, "start": start, "end": end, "article": None}]
    return {**_verdict_document(verdict), "citations": citations}


def _verdict_document(verdict: Verdict) -> dict[str, Any]:
    return {
        "support": verdict.support,
        "score": round(verdict.score, 4),
        "reason": verdict.reason,
        "contradicted": verdict.contradicted,
    }


def _sentence(row: Mapping[str, Any]) -> str:
    sentence = row.get("sentence")
    if not isinstance(sentence, str) or not sentence.strip():
        raise FootnoteError(f'expected "sentence" to be a text, found {sentence!r}')
    return sentence


def _texts(row: Mapping[str, Any]) -> list[str] | None:
    texts = row.get("evidence")
    if texts is None or (isinstance(texts, list) and all(isinstance(text, str) for text in texts)):
        return texts
    raise FootnoteError(f'expected "evidence" to be a list of texts, found {str(texts)[:80]!r}')
