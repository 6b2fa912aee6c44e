"""Helpers for tests in a real browser: a scripted assistant behind the real server, and Chromium on it."""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from assistant.answer import Answer, Citation, Drafting, Event, Evidence, Finished, Found, Sentence, Written
from ingest.article import Article, Passage, Published
from ingest.catalog import Catalog, FileState

CHROMIUM_FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


def harbour_articles() -> list[Article]:
    """Three short articles of our own about a harbour that does not exist."""
    return [
        Article(
            id="port/cranes.md",
            title="Seven electric cranes for the Port of Ansbury",
            text=(
                "The Port of Ansbury ordered seven electric cranes on Monday.\n\n"
                "Each crane lifts 65 tonnes and draws its power from the quay. The first two arrive in March 2026.\n\n"
                + "\n\n".join(
                    f"Paragraph {at} describes the quay at length, so that the page has to scroll." for at in range(60)
                )
                + "\n\nThe order is worth 84 million euros, the port said."
            ),
            source="Verge",
            author="Mina Sorel",
            published=Published("2025-03-12", "front matter"),
            url="https://verge.example/cranes",
            path="port/cranes.md",
        ),
        Article(
            id="port/budget.md",
            title="Ansbury raises its harbour budget",
            text="The harbour budget rises to 91 million euros in 2026. The council voted on Tuesday.",
            source="Ansbury Post",
            published=Published("2024-11", "front matter"),
            path="port/budget.md",
        ),
        Article(
            id="undated.txt",
            title="Notes on tides",
            text="Tides at Ansbury reach four metres in spring.",
            path="undated.txt",
        ),
    ]


def lay_out_index(index_dir: Path, articles: Sequence[Article], generation_id: str = "g1") -> Path:
    """An index folder that holds a catalog and nothing else: what the page reads. Returns the folder."""
    folder = index_dir / "generations" / generation_id
    folder.mkdir(parents=True)
    catalog = Catalog.create(folder / "catalog.sqlite3")
    with catalog.writing():
        for article in articles:
            catalog.add_article(article, [(0, len(article.text))])
            catalog.record_file(FileState(article.path, "", "indexed"))
    catalog.close()
    (index_dir / "CURRENT").write_text(generation_id)
    return index_dir


@dataclass
class ScriptedAssistant:
    """Answers from articles by a script: each sentence is (text, quotes of it, support, reason)."""

    articles: Sequence[Article]
    script: Callable[[str], Sequence[tuple[str, Sequence[tuple[str, str]], str, str]]]
    pause_seconds: float = 0.0
    notes: tuple[str, ...] = ()
    rewritten: str | None = None
    model: str = "extractive"
    asked: list[dict[str, Any]] = field(default_factory=list)
    fails_with: Exception | None = None
    closed: int = 0

    def stream(self, question: str, **options: Any) -> Iterator[Event]:
        self.asked.append({"question": question, **options})
        evidence = tuple(Evidence(passage_of(article), article, 0.9, ("meaning", "words")) for article in self.articles)
        try:
            yield Found(evidence, self.rewritten)
            if self.fails_with:
                raise self.fails_with
            yield from self._write(question, evidence)
        finally:
            self.closed += 1

    def _write(self, question: str, evidence: tuple[Evidence, ...]) -> Iterator[Event]:
        citations: list[Citation] = []
        sentences: list[Sentence] = []
        for text, quotes, support, reason in self.script(question):
            for end in range(8, len(text), 8) if self.pause_seconds else ():
                time.sleep(self.pause_seconds)
                yield Drafting(text[:end])
            fresh = [cite(self.articles, *quote, len(citations) + at) for at, quote in enumerate(quotes, start=1)]
            citations += fresh
            sentences.append(Sentence(text, tuple(c.number for c in fresh), support, reason))  # type: ignore[arg-type]
            yield Written(sentences[-1], tuple(fresh))
        days = [c.article.published.last_day for c in citations if c.article.published]
        yield Finished(
            Answer(
                question=question,
                text=" ".join(s.text + "".join(f" [{n}]" for n in s.citations) for s in sentences),
                answered=bool(sentences),
                confidence=0.8 if sentences else 0.1,
                rewritten=self.rewritten,
                as_of=max(days, default=None),
                sentences=tuple(sentences),
                citations=tuple(citations),
                evidence=evidence,
                notes=self.notes,
                model=self.model,
                timings={"retrieve": 0.02, "answer": 0.03, "total": 0.05},
            )
        )


def passage_of(article: Article) -> Passage:
    """The first 400 characters of an article as its passage."""
    text = article.text[:400]
    return Passage(1, article.id, 0, 0, len(text), text)


def cite(articles: Sequence[Article], article_id: str, quote: str, number: int) -> Citation:
    """A footnote on the place where ``quote`` stands in an article."""
    article = next(article for article in articles if article.id == article_id)
    start = article.text.index(quote)
    before = max(0, start - 60)
    after = min(len(article.text), start + len(quote) + 60)
    passage = Passage(number, article.id, 0, before, after, article.text[before:after])
    return Citation(number, article, passage, quote, start, start + len(quote))


def crane_script(question: str) -> Sequence[tuple[str, Sequence[tuple[str, str]], str, str]]:
    """Three sentences with all three marks for questions about cranes, nothing for others."""
    if "crane" not in question.lower():
        return ()
    return (
        (
            "Each crane lifts 65 tonnes.",
            [("port/cranes.md", "Each crane lifts 65 tonnes and draws its power from the quay.")],
            "supported",
            "The passage says it.",
        ),
        (
            "The order is worth 84 million euros, and the budget rises to 91 million.",
            [
                ("port/cranes.md", "The order is worth 84 million euros, the port said."),
                ("port/budget.md", "The harbour budget rises to 91 million euros in 2026."),
            ],
            "weak",
            "The passage does not say that the two belong together.",
        ),
        ("The cranes are painted blue.", [], "unsupported", "No passage mentions their colour."),
    )


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The address of an app that runs on a free loopback port while the block does."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the server ended before it answered")
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


@contextmanager
def chromium() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright; skips with one line where there is none, fails where CI wants one."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        reason = "no Chromium found: install it (Debian: apt-get install chromium) to run the browser tests"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watched:
    """A page, and what it did that it should not have: requests elsewhere, errors, dialogs of planted scripts."""

    page: Any
    address: str
    elsewhere: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._on_request)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._on_console)

    def _on_request(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.elsewhere.append(request.url)

    def _on_console(self, said: Any) -> None:
        leaving = said.text.startswith("AbortError") or said.text.rstrip().endswith("errored out.")
        if said.type == "error" and not leaving:  # gradio complains when a page is left while a reply comes in
            self.errors.append(said.text)

    def open(self, path: str = "/") -> Any:
        """The page at a path of the server, when its own part is drawn."""
        self.page.goto(self.address + path)
        self.page.wait_for_selector(".fn-table" if path.startswith("/corpus") else "#fn-live .fn-root > *")
        return self.page

    def ask(self, question: str) -> Any:
        """The newest turn, when its answer has ended."""
        self.page.fill("#fn-box textarea", question)
        self.page.press("#fn-box textarea", "Enter")
        turn = self.page.locator("#fn-live .fn-turn", has=self.page.get_by_role("heading", name=question, exact=True))
        turn.wait_for()
        self.page.wait_for_selector("#fn-live [data-state=done], #fn-live [data-state=failed]")
        self.page.wait_for_selector("#fn-send:visible")
        return turn
