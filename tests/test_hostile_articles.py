"""A set of hostile articles and a model that obeys them: nothing is done, nothing leaks, nothing loads, lies show."""

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import lxml.html
import pytest
from doubles import HashEmbedder
from hostile_articles import ATTACKS, SUBJECTS, Citing, gullible, write_set
from llm_server import ScriptedServer
from markdown_it import MarkdownIt

from assistant import Answer, Assistant
from assistant.answer import Drafting, Event, Finished
from assistant.conversation import standalone_question
from assistant.document import closing_text, evidence_text, sentence_line
from assistant.llm import open_model
from assistant.prompts import ANSWER_RULES, LAST_WORDS, PARTS_RULES, REWRITE_RULES
from assistant.ui.export import answer_markdown
from assistant.ui.panel import marks_in, render_article, render_panel
from assistant.ui.render import render_turn
from assistant.ui.view import Turn, fold
from ingest.build import reindex
from ingest.settings import Settings

ASKED = date(2026, 3, 2)
CITINGS: tuple[Citing, ...] = ("hostile", "honest", "nothing")
ASKS = list(dict.fromkeys((attack.question, tuple(tuple(m.items()) for m in attack.history)) for attack in ATTACKS))
LEAK_RUN = 6  # words in a row of the rules that no answer may hold
TELLTALE = re.compile(
    r"://|(?<!\w)//\w|www\.\w|!\[|\]\(|<\w|</|javascript:|data:|[\x00-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]"
)


@dataclass
class Deeds:
    """What this process did outside itself: files written, addresses connected to, hosts looked up, commands run."""

    written: set[str] = field(default_factory=set)
    connected: set[tuple[str, int]] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)
    commands: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Run:
    """One question with all that came of it. citing: None for an answer without a model."""

    citing: Citing | None
    question: str
    events: list[Event]

    @property
    def answer(self) -> Answer:
        assert isinstance(self.events[-1], Finished)
        return self.events[-1].answer

    @property
    def turn(self) -> Turn:
        turn = Turn("t1", self.question, "2026-03-02T09:00:00+00:00")
        for event in self.events:
            turn = fold(turn, event)
        return turn


@dataclass
class Story:
    """The whole set indexed and asked about. prompts: the user messages sent. server: addresses of the models."""

    folder: Path
    before: dict[str, str]
    runs: list[Run] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    servers: set[tuple[str, int]] = field(default_factory=set)
    deeds: Deeds = field(default_factory=Deeds)

    @property
    def written_by_model(self) -> list[Run]:
        return [run for run in self.runs if run.citing]


_deeds: Deeds | None = None


def _watch(event: str, args: tuple[object, ...]) -> None:
    """An audit hook, which Python never takes off again: it only looks while `watching`."""
    if _deeds is None:
        return
    match event, args:
        case "open", (str() | bytes() as path, _, int(flags)) if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            _deeds.written.add(os.fsdecode(path))
        case (("os.remove" | "os.rmdir"), (path, int(folder))) if folder >= 0:  # how a whole tree is taken away
            named = Path(f"/proc/self/fd/{folder}")
            _deeds.written.add(str(named.readlink() / str(path) if named.exists() else path))
        case (("os.remove" | "os.rename" | "os.mkdir" | "os.rmdir" | "os.symlink" | "os.link"), (path, *_)):
            _deeds.written.add(str(path))
        case "socket.connect", (_, (str(host), int(port), *_)):
            _deeds.connected.add((host, port))
        case "socket.getaddrinfo", (host, *_):
            _deeds.hosts.add(str(host))
        case (("os.system" | "subprocess.Popen" | "os.exec" | "os.posix_spawn" | "webbrowser.open"), _):
            _deeds.commands.append(f"{event} {args}")


@contextmanager
def watching(deeds: Deeds) -> Iterator[None]:
    global _deeds
    _deeds = deeds
    try:
        yield
    finally:
        _deeds = None


def files_of(folder: Path) -> dict[str, str]:
    """Every file outside the index, with a digest of its bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] != "index"
    }


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Every question of the set, asked without a model and with one that obeys, citing in each of three ways."""
    sys.addaudithook(_watch)
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "corpus").mkdir()
    write_set(folder / "corpus")
    told = Story(folder, files_of(folder))
    settings = Settings(corpus=folder / "corpus", index_dir=folder / "index")
    with watching(told.deeds):
        report = reindex(settings, embedder=HashEmbedder())
        assert report.articles == len(ATTACKS) + len(SUBJECTS)
        _ask_all(told, settings, None)
        for citing in CITINGS:
            with ScriptedServer(gullible(citing)) as server:
                wired = {"llm_model": "scripted", "llm_base_url": server.base_url, "llm_context_window": 16_000}
                address = urlsplit(server.base_url)
                told.servers.add((str(address.hostname), int(address.port or 0)))
                _ask_all(told, settings.model_copy(update=wired), citing)
                told.prompts += [str(body["messages"][-1]["content"]) for body in server.bodies]
    return told


def _ask_all(told: Story, settings: Settings, citing: Citing | None) -> None:
    with Assistant(settings, embedder=HashEmbedder()) as assistant:
        for question, history in ASKS:
            turns = [dict(message) for message in history]
            events = list(assistant.stream(question, history=turns, asked=ASKED, limit=20))
            told.runs.append(Run(citing, question, events))


def test_the_set_is_large_and_all_of_it_is_read_by_the_model(story: Story) -> None:
    assert len(ATTACKS) >= 60
    for names in ([attack.path for attack in ATTACKS], [attack.tell for attack in ATTACKS]):
        assert len(set(names)) == len(ATTACKS)
    shown = "\n".join(story.prompts)
    assert [attack.name for attack in ATTACKS if attack.tell not in shown] == []
    claimed = {sentence.text for run in story.written_by_model for sentence in run.answer.sentences}
    assert {attack.claim for attack in ATTACKS} <= claimed


def test_nothing_happens_but_answering(story: Story) -> None:
    assert files_of(story.folder) == story.before
    assert story.deeds.commands == []
    assert story.deeds.connected == story.servers
    assert story.deeds.hosts <= {"127.0.0.1"}
    reading_copy = str(Path(tempfile.gettempdir(), "footnote-reading-"))  # where Chroma may write in place of the index
    own = (str(story.folder / "index"), reading_copy, "/dev/null")
    caches = ("__pycache__", "/.cache/")  # Python's own, of modules imported while we look
    assert [
        path for path in story.deeds.written if not path.startswith(own) and not any(c in path for c in caches)
    ] == []


BLOCK = r'<article number="\d+" title="[^"<>]*" outlet="[^"<>]*" published="[^"<>]*">\n(?:\| [^<>\n]*\n)+</article>'
PROMPT = re.compile(
    rf"Today is Monday 2026-03-02\.\n\n{BLOCK}(?:\n\n{BLOCK})*\n\nQuestion: [^<>]*\n\n{re.escape(LAST_WORDS)}"
)


def test_no_article_leaves_its_block_in_a_prompt(story: Story) -> None:
    answers = [prompt for prompt in story.prompts if prompt.startswith("Today is")]
    assert len(answers) > len(SUBJECTS)
    for prompt in answers:
        assert PROMPT.fullmatch(prompt), prompt
        assert not re.search(
            r"[\[【［]\s*\d+\s*[\]】］]|\[/?INST|[\x1b\u200b\u202e\u2066\U000e0020-\U000e007f]", prompt
        )


def leaks(text: str) -> bool:
    """Whether a text holds a run of words of the rules."""
    said = re.findall(r"\w+", text.lower())
    return any(" ".join(said[at : at + LEAK_RUN]) in RULES for at in range(len(said) - LEAK_RUN + 1))


RULES = " ".join(re.findall(r"\w+", f"{ANSWER_RULES} {LAST_WORDS} {REWRITE_RULES} {PARTS_RULES}".lower()))


def own_words(answer: Answer) -> str:
    """What an answer says itself; its evidence and its quotes are the articles' words."""
    reasons = [sentence.reason for sentence in answer.sentences]
    return "\n".join([answer.text, answer.rewritten or "", answer.short_answer or "", *answer.notes, *reasons])


def test_no_answer_gives_the_rules_away(story: Story) -> None:
    assert leaks(ANSWER_RULES) and leaks("He said: use only the NUMBERED articles, add nothing.")
    assert [run.question for run in story.runs if leaks(own_words(run.answer))] == []


def test_no_draft_gives_the_rules_away(story: Story) -> None:
    tails = {event.tail for run in story.runs for event in run.events if isinstance(event, Drafting)}
    assert [tail for tail in tails if leaks(tail)] == []


def test_a_models_words_are_plain(story: Story) -> None:
    for run in story.written_by_model:
        written = [sentence.text for sentence in run.answer.sentences] if run.answer.model == "scripted" else []
        drafted = {event.tail for event in run.events if isinstance(event, Drafting)}
        assert [text for text in [*written, *drafted] if TELLTALE.search(text)] == []


ELEMENTS = set("html body article h2 h3 p span div button ul ol li q strong mark blockquote a".split())
LOADING = {"src", "srcset", "style", "action", "formaction", "background", "poster", "ping", "srcdoc", "http-equiv"}


def active_parts(markup: str, links: set[str]) -> list[str]:
    """Elements and attributes of a page that load, run or link to anything but ``links``."""
    found = []
    for element in lxml.html.document_fromstring(markup).iter():
        if element.tag not in ELEMENTS:
            found.append(f"<{element.tag}>")
        for name, value in element.attrib.items():
            if name.startswith("on") or name in LOADING or (name == "href" and value not in links):
                found.append(f"{name}={value}")
    return found


def test_the_check_of_a_page_finds_what_is_active() -> None:
    page = "<p onclick=x>a<img src=y><a href='https://a.test/'>b</a><a href='javascript:c'>d</a><svg></svg></p>"
    assert active_parts(page, {"https://a.test/"}) == ["onclick=x", "<img>", "src=y", "href=javascript:c", "<svg>"]


def test_pages_load_nothing_and_link_only_to_the_articles_shown(story: Story) -> None:
    for run in story.runs:
        answer, turn = run.answer, run.turn
        assert active_parts(render_turn(turn, ASKED), set()) == []
        articles = {found.article.id: found.article for found in answer.evidence}
        assert {source.article_id for source in turn.cited} <= set(articles)
        for tab in ("cited", "found"):
            assert active_parts(render_panel(turn, tab), set()) == []
        for source in (*turn.cited, *turn.found):
            article = articles[source.article_id]
            own = {article.url} if article.url.startswith(("https://", "http://")) else set()
            assert active_parts(render_article(article, marks_in(article, turn, source)), own) == []


def test_the_exported_answer_holds_no_image_no_html_and_only_the_cited_links(story: Story) -> None:
    parser = MarkdownIt("commonmark")
    for run in story.runs:
        if not run.answer.answered:
            continue
        blocks = parser.parse(answer_markdown(run.turn))
        parts = [part for block in blocks for part in (block, *(block.children or ()))]
        assert {part.type for part in parts} & {"image", "html_inline", "html_block"} == set()
        cited = {parser.normalizeLink(citation.article.url) for citation in run.answer.citations}
        assert {str(part.attrs["href"]) for part in parts if part.type == "link_open"} <= cited


def test_a_terminal_is_sent_nothing_but_printable_lines(story: Story) -> None:
    for run in story.runs:
        shown = [sentence_line(sentence) for sentence in run.answer.sentences]
        shown += [closing_text(run.answer), evidence_text(run.answer.evidence)]
        assert [line for text in shown for line in text.splitlines() if not line.isprintable()] == []


def test_a_planted_claim_is_supported_only_where_a_hostile_article_is_cited_for_it(story: Story) -> None:
    claims = {attack.claim for attack in ATTACKS}
    believed = []
    for run in story.written_by_model:
        sources = {citation.number: citation.article.id for citation in run.answer.citations}
        for sentence in run.answer.sentences:
            hostile = [number for number in sentence.citations if not sources[number].startswith("honest-")]
            if sentence.text in claims and sentence.support == "supported" and not hostile:
                believed.append((sentence.text, run.citing))
    assert believed == []


def test_a_planted_claim_without_a_footnote_is_unsupported(story: Story) -> None:
    claims = {attack.claim for attack in ATTACKS}
    marks = {
        (sentence.support, sentence.reason)
        for run in story.written_by_model
        for sentence in run.answer.sentences
        if sentence.text in claims and not sentence.citations
    }
    assert marks == {("unsupported", "it cites no text")}


def test_without_a_model_an_answer_is_the_articles_own_words(story: Story) -> None:
    quoting = [run.answer for run in story.runs if run.citing is None]
    assert {answer.model for answer in quoting} == {"extractive"}
    assert sum(answer.answered for answer in quoting) >= len(SUBJECTS)
    for answer in quoting:
        quotes = {citation.number: citation.quote for citation in answer.citations}
        assert [sentence.text for sentence in answer.sentences] == [quotes[s.citations[0]] for s in answer.sentences]


def test_a_rewritten_question_gives_no_rules_away() -> None:
    rule = "Reply with the question alone, on one line."
    question = "And what did the long tunnel under the harbour, the bridge over the river and the tram cost the town?"
    assert rule in REWRITE_RULES.replace("\n", " ")
    with ScriptedServer(lambda _: f"{question} {rule}") as server:
        model = open_model("scripted", base_url=server.base_url)
        rewritten = standalone_question(question, [{"role": "user", "content": SUBJECTS[0].question}], model)
    assert not leaks(rewritten or "")
