"""The chat in a real browser: every screen and state, keys, access, safety and speed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser import (
    ScriptedAssistant,
    Watched,
    chromium,
    cite,
    crane_script,
    harbour_articles,
    lay_out_index,
    served,
)

from assistant.errors import LLMUnreachable
from assistant.ui.server import make_app
from ingest.article import Article
from ingest.errors import IndexMissing
from ingest.settings import Settings

pytestmark = pytest.mark.browser
CRANES = "How much does each crane lift?"
SLACK = 4.0
"""How much slower a busy runner may be than the idle desktop for which the times are meant."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    lay_out_index(folder / "index", harbour_articles())
    for article in harbour_articles():
        place = folder / "corpus" / article.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"# {article.title}\n\n{article.text}\n")
    return folder


@pytest.fixture(scope="module")
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant(harbour_articles(), crane_script)


@pytest.fixture(scope="module")
def address(folder: Path, assistant: ScriptedAssistant) -> Iterator[str]:
    settings = Settings(index_dir=folder / "index", corpus=folder / "corpus")
    with served(make_app(lambda: assistant, settings=settings)) as address:
        yield address


@pytest.fixture(autouse=True)
def plain(request: pytest.FixtureRequest) -> None:
    """Each test starts with the plain script."""
    if "assistant" in request.fixturenames or "tab" in request.fixturenames:
        assistant = request.getfixturevalue("assistant")
        assistant.script, assistant.pause_seconds, assistant.fails_with = crane_script, 0.0, None
        assistant.notes, assistant.rewritten = (), None


@pytest.fixture
def tab(browser: Any, address: str) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")
    context.set_default_timeout(15_000)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    watched = Watched(context.new_page(), address)
    yield watched
    context.close()
    assert watched.elsewhere == []
    assert watched.errors == []


def is_seen(page: Any, selector: str) -> bool:
    """Whether an element's middle lies within the window and nothing lies over it."""
    return bool(
        page.evaluate(
            """selector => {
                const box = document.querySelector(selector).getBoundingClientRect();
                const top = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 10));
                return top !== null && (top.matches(selector) || top.closest(selector) !== null);
            }""",
            selector,
        )
    )


def violations(page: Any) -> list[str]:
    """What axe-core finds that is serious or critical."""
    import axe_playwright_python

    script = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()
    page.evaluate(script)  # through the debugger: the page's own policy admits no foreign script
    page.wait_for_timeout(300)  # transitions of colour would be measured half-way
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


# The first minute


def test_the_first_screen_says_what_there_is_and_asks_a_question(tab: Watched, assistant: ScriptedAssistant) -> None:
    assistant.script = lambda question: crane_script("crane")
    page = tab.open()

    assert "3 articles from 2 outlets, November 2024 to 12 March 2025." in page.inner_text(".fn-welcome")
    assert "the articles’ own sentences" in page.inner_text(".fn-welcome")
    page.get_by_role("button", name="What did the Port of Ansbury order?").click()
    page.wait_for_selector("#fn-live [data-state=done]")
    assert page.locator("#fn-asks").is_hidden()
    assert page.inner_text("#fn-live .fn-question") == "What did the Port of Ansbury order?"


# The answer


def test_an_answer_with_its_footnotes(tab: Watched, assistant: ScriptedAssistant) -> None:
    assistant.notes = ("Two articles differ; the newer one counts.",)
    assistant.rewritten = "How much does each crane in Ansbury lift?"
    page = tab.open()
    turn = tab.ask(CRANES)

    assert turn.locator(".fn-chip").first.inner_text().startswith("1 · Verge · 12 Mar")
    assert turn.locator(".fn-mark").all_inner_texts() == ["partly supported", "not supported"]
    assert "As of 12 March 2025" in turn.inner_text()
    assert "Two articles differ" in turn.inner_text()
    assert "How much does each crane in Ansbury lift?" in turn.locator(".fn-rewritten").inner_text()
    assert page.locator("#panel-cited .fn-source").count() == 3
    assert page.input_value("#fn-box textarea") == ""


def test_a_chip_shows_its_quote_and_opens_the_article_at_the_sentence(tab: Watched) -> None:
    page = tab.open()
    chip = tab.ask(CRANES).locator(".fn-chip").nth(1)
    chip.hover()
    card = page.inner_text(".fn-hover")
    assert "The order is worth 84 million euros, the port said." in card
    assert "Seven electric cranes for the Port of Ansbury" in card
    assert "Verge · 12 March 2025" in card

    chip.click()
    page.wait_for_selector("mark.is-here")
    page.wait_for_timeout(100)
    assert page.inner_text("mark.is-here") == "The order is worth 84 million euros, the port said."
    assert is_seen(page, "mark.is-here")
    assert page.locator(".fn-hover").count() == 0


def test_an_old_answer_brings_back_its_own_sources(tab: Watched, assistant: ScriptedAssistant) -> None:
    page = tab.open()
    tab.ask(CRANES)
    assistant.script = lambda question: crane_script("crane")[:1]
    tab.ask("Which crane is the strongest?")
    page.wait_for_function("document.querySelector('#fn-live .fn-turn').getBoundingClientRect().top < 120")
    assert page.locator("#panel-cited .fn-source").count() == 1
    page.locator("#fn-thread .fn-turn").get_by_role("button", name="Sources").click()

    page.wait_for_function("document.querySelectorAll('#panel-cited .fn-source').length === 3")


def test_nothing_found(tab: Watched) -> None:
    tab.open()
    turn = tab.ask("What colour is the moon?")

    assert "Nothing in the articles answers this" in turn.inner_text()
    assert tab.page.locator("#panel-found .fn-source").first.is_visible()


def test_a_model_that_is_down_is_one_line_and_no_traceback(tab: Watched, assistant: ScriptedAssistant) -> None:
    assistant.fails_with = LLMUnreachable("no connection to 'http://127.0.0.1:9'.")
    tab.open()
    text = tab.ask(CRANES).inner_text()

    assert "no connection to 'http://127.0.0.1:9'" in text
    assert LLMUnreachable.help in text


def test_an_error_nobody_foresaw_shows_no_insides(tab: Watched, assistant: ScriptedAssistant) -> None:
    assistant.fails_with = ZeroDivisionError("the secret")
    page = tab.open()
    text = tab.ask(CRANES).inner_text()

    assert "Something broke inside Footnote" in text
    assert "the secret" not in page.content()
    assert "Traceback" not in page.content()


def test_stopping(tab: Watched, assistant: ScriptedAssistant) -> None:
    assistant.pause_seconds = 0.15
    page = tab.open()
    page.fill("#fn-box textarea", CRANES)
    page.press("#fn-box textarea", "Enter")
    page.wait_for_selector(".fn-tail")
    page.get_by_role("button", name="Stop").click()
    page.wait_for_selector("#fn-live [data-state=stopped]")

    assert "Stopped here." in page.inner_text("#fn-live")
    assert page.locator("#fn-send").is_visible()


def test_retry_and_edit_replace_the_turn(tab: Watched, assistant: ScriptedAssistant) -> None:
    page = tab.open()
    tab.ask(CRANES)
    first = page.get_attribute("#fn-live .fn-turn", "data-turn")
    page.get_by_role("button", name="Retry").click()
    page.wait_for_function(f"document.querySelector('#fn-live .fn-turn').dataset.turn !== '{first}'")
    page.wait_for_selector("#fn-live [data-state=done]")
    page.get_by_role("button", name="Edit the question").click()
    page.wait_for_function(f"document.querySelector('#fn-box textarea').value === '{CRANES}'")
    tab.ask("How many cranes are there?")

    assert page.locator(".fn-turn").count() == 1


def test_copying_brings_the_footnotes_along(tab: Watched) -> None:
    page = tab.open()
    tab.ask(CRANES)
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()

    assert "[^1]: “Each crane lifts 65 tonnes" in page.evaluate("navigator.clipboard.readText()")


def test_conversations_outlive_a_reload_and_can_be_managed(tab: Watched) -> None:
    page = tab.open()
    tab.ask(CRANES)
    page.wait_for_url("**/?c=*")
    page.reload()
    page.wait_for_selector("#fn-live [data-state=done]")
    current = page.locator(".fn-chats li[data-current]")
    current.hover()
    current.get_by_role("button", name="Rename").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("Cranes of Ansbury")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Cranes of Ansbury", exact=True).wait_for()

    page.get_by_role("button", name="New conversation").click()
    page.wait_for_selector(".fn-welcome")
    page.get_by_role("button", name="Cranes of Ansbury", exact=True).click()
    page.wait_for_selector("#fn-live [data-state=done]")
    current.hover()
    current.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.wait_for_selector(".fn-welcome")
    assert page.get_by_role("button", name="Cranes of Ansbury", exact=True).count() == 0


def test_filters_reach_the_search(tab: Watched, assistant: ScriptedAssistant) -> None:
    page = tab.open()
    page.select_option("#fn-filters select", "Verge")
    page.fill("#fn-filters [name=since]", "2025-01-31")
    tab.ask(CRANES)
    asked = next(asked for asked in reversed(assistant.asked) if asked["question"] == CRANES)

    assert asked["source"] == "Verge"
    assert str(asked["since"]) == "2025-01-31"


def test_thumbs_are_kept_and_exported(tab: Watched) -> None:
    page = tab.open()
    tab.ask(CRANES)
    page.get_by_role("button", name="Good answer").click()

    page.wait_for_selector("#fn-live [data-way=up][aria-pressed=true]")
    page.get_by_role("button", name="Bad answer").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("too short")
    page.keyboard.press("Enter")
    page.wait_for_selector("#fn-live [data-way=down][aria-pressed=true]")
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON").click()
    turn = json.loads(Path(download.value.path()).read_text())["turns"][0]
    assert (turn["thumb"], turn["thumb_reason"]) == ("down", "too short")


# Keys and access


def test_the_keyboard_alone(tab: Watched) -> None:
    page = tab.open()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    page.keyboard.type("How much does each")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("crane lift?")
    page.keyboard.press("Enter")
    page.wait_for_selector("#fn-live [data-state=done]")
    page.wait_for_selector("#fn-send:visible")
    page.keyboard.press("Escape")
    page.keyboard.press("]")
    page.keyboard.press("]")
    assert page.evaluate("document.activeElement.dataset.number") == "2"
    assert page.locator(".fn-hover").count() == 1
    page.keyboard.press("[")
    assert page.evaluate("document.activeElement.dataset.number") == "1"
    page.keyboard.press("Escape")
    assert page.locator(".fn-hover").count() == 0
    page.keyboard.press("Enter")
    page.wait_for_selector("mark.is-here")


def test_axe_would_notice(tab: Watched) -> None:
    page = tab.open()
    page.evaluate("document.querySelector('.fn-holdings').style.color = '#ccc'")

    assert any(problem.startswith("color-contrast") for problem in violations(page))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_serious(browser: Any, address: str, scheme: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 860}, color_scheme=scheme)
    tab = Watched(context.new_page(), address)
    page = tab.open()
    found = {"first screen": violations(page)}
    tab.ask(CRANES)
    found["answer"] = violations(page)
    page.locator("#fn-live .fn-chip").first.click()
    page.wait_for_selector("mark.is-here")
    found["article"] = violations(page)
    page.keyboard.press("Escape")
    tab.ask("What colour is the moon?")
    found["nothing found"] = violations(page)
    tab.open("/corpus")
    found["corpus"] = violations(page)
    context.close()

    assert {state: problems for state, problems in found.items() if problems} == {}


def test_the_sources_are_a_sheet_on_a_phone(browser: Any, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    tab = Watched(context.new_page(), address)
    page = tab.open()
    chip = tab.ask(CRANES).locator(".fn-chip").nth(1)
    chip.click()
    page.wait_for_selector("mark.is-here")
    page.wait_for_timeout(150)
    assert is_seen(page, "mark.is-here")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.keyboard.press("Escape")
    page.wait_for_function("getComputedStyle(document.querySelector('#fn-right')).visibility === 'hidden'")
    assert page.evaluate("document.activeElement.dataset.number") == "2"
    context.close()


def test_light_and_dark_are_kept(tab: Watched) -> None:
    page = tab.open()
    page.get_by_role("button", name="Light or dark").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    tab.open()

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    assert page.evaluate("document.body.classList.contains('dark')")


# States without answers


def test_no_index_and_no_articles_are_designed_states(browser: Any, tmp_path: Path) -> None:
    def opener() -> ScriptedAssistant:
        raise IndexMissing(f"no index in {str(tmp_path)!r}; run `footnote reindex` to make one")

    settings = Settings(index_dir=tmp_path / "index", corpus=tmp_path / "corpus")
    with served(make_app(opener, settings=settings)) as address:
        context = browser.new_context()
        tab = Watched(context.new_page(), address)
        page = tab.open()
        assert "No index yet" in page.inner_text("#fn-live")
        assert "footnote reindex" in page.inner_text("#fn-live pre")
        assert violations(page) == []
        assert "run `footnote reindex`" in tab.ask(CRANES).inner_text()

        lay_out_index(tmp_path / "index", [])
        page.goto(address)
        page.get_by_role("heading", name="No articles yet").wait_for()
        context.close()
        assert tab.errors == []


def test_from_an_empty_page_to_a_cited_answer_with_the_real_product(browser: Any, tmp_path: Path) -> None:
    from assistant.api import Assistant

    for article in harbour_articles():
        place = tmp_path / "corpus" / article.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"# {article.title}\n\n{article.text}\n")
    settings = Settings(index_dir=tmp_path / "index", corpus=tmp_path / "corpus")
    with served(make_app(lambda: Assistant(settings), settings=settings)) as address:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(90_000)  # the embedding model is read from a cold disk here
        tab = Watched(context.new_page(), address)
        page = tab.open()
        assert "No index yet" in page.inner_text("#fn-live")
        page.goto(f"{address}/corpus")
        page.get_by_role("button", name="Re-index").click()
        page.get_by_text("3 added").wait_for()
        page.wait_for_selector(".fn-table tbody tr:nth-child(3)")

        tab.open()
        turn = tab.ask(CRANES)
        assert "65 tonnes" in turn.inner_text()
        turn.locator(".fn-chip").first.click()
        page.wait_for_selector("mark.is-here")
        assert "65 tonnes" in page.inner_text("mark.is-here")
        context.close()
    assert tab.elsewhere == []
    assert tab.errors == []


# The corpus page


def test_the_corpus_page_lists_reads_and_narrows(tab: Watched) -> None:
    page = tab.open("/corpus")
    assert page.locator(".fn-table tbody tr").count() == 3
    page.get_by_role("button", name="Ansbury raises its harbour budget", exact=True).click()
    page.wait_for_selector(".fn-article-text")
    assert "91 million euros" in page.inner_text("#fn-reader")

    page.get_by_label("Search the table").fill("tides")
    page.wait_for_function("document.querySelectorAll('.fn-table tbody tr').length === 1")


def test_files_are_taken_or_refused_by_name(tab: Watched, folder: Path) -> None:
    page = tab.open("/corpus")
    page.set_input_files(
        "#fn-shelf input[type=file]",
        [
            {"name": "new quay.md", "mimeType": "text/markdown", "buffer": b"# A quay\n\nThe quay opens in May.\n"},
            {"name": "empty.md", "mimeType": "text/markdown", "buffer": b""},
        ],
    )
    page.wait_for_selector(".fn-report li:nth-child(2)")
    report = page.inner_text("#fn-shelf .fn-report")

    assert "added/" in report
    assert "empty" in report
    assert [path.read_text() for path in (folder / "corpus" / "added").iterdir()] == [
        "# A quay\n\nThe quay opens in May.\n"
    ]


def test_a_file_is_deleted_after_asking(tab: Watched, folder: Path) -> None:
    page = tab.open("/corpus")
    page.get_by_role("button", name="Delete “Notes on tides”").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert (folder / "corpus" / "undated.txt").exists()
    page.get_by_role("button", name="Delete “Notes on tides”").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.wait_for_selector(".fn-report")

    assert not (folder / "corpus" / "undated.txt").exists()


# Safety

BEACON = "http://127.0.0.1:9/beacon"  # nothing listens there; a request is seen by the watcher all the same
POISON = (
    f'<img src="{BEACON}"><script>fetch("{BEACON}")</script><link rel=stylesheet href="{BEACON}">'
    f'"\'><svg onload=fetch("{BEACON}")> ![x]({BEACON}) ${{fetch("{BEACON}")}} {{{{fetch}}}} '
    f'<style>@import "{BEACON}"</style>'
)


def test_planted_scripts_and_beacons_do_nothing(browser: Any, tmp_path: Path) -> None:
    clean = harbour_articles()[0]
    article = Article(
        id="bad/<img src=x onerror=alert(1)>.md",
        title=POISON,
        text=f"{clean.text}\n\n{POISON}",
        source=POISON,
        author=POISON,
        published=clean.published,
        url=f'javascript:fetch("{BEACON}")',
        path="bad/<img src=x onerror=alert(1)>.md",
        language='en" onload="alert(1)',
    )
    quote = (article.id, POISON)

    def script(question: str) -> Any:
        return [(POISON, [quote], "weak", POISON)]

    assistant = ScriptedAssistant([article], script, notes=(POISON,), rewritten=POISON, model=POISON)
    assert cite([article], *quote, 1).quote == POISON
    settings = Settings(index_dir=lay_out_index(tmp_path / "index", [article]), corpus=tmp_path / "corpus")
    with served(make_app(lambda: assistant, settings=settings)) as address:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        tab = Watched(context.new_page(), address)
        page = tab.open()
        page.on("dialog", lambda dialog: tab.errors.append(dialog.message))
        page.fill("#fn-box textarea", POISON)
        page.press("#fn-box textarea", "Enter")
        page.wait_for_selector("#fn-live [data-state=done]")
        page.locator("#fn-live .fn-chip").first.hover()
        page.locator("#fn-live .fn-chip").first.click()
        page.wait_for_selector("mark.is-here")
        page.locator("[data-tab=found]").click()
        page.reload()
        page.wait_for_selector("#fn-live [data-state=done]")
        tab.open("/corpus")
        page.locator(".fn-link").first.click()
        page.wait_for_selector(".fn-article-text")
        page.wait_for_timeout(300)
        context.close()

    assert tab.elsewhere == []
    assert tab.errors == []


def test_a_script_that_got_into_the_page_does_not_run(tab: Watched) -> None:
    page = tab.open()
    page.evaluate(
        """() => {
            const planted = document.createElement('script');
            planted.textContent = 'window.planted = true';
            document.body.append(planted);
            const image = document.createElement('img');
            image.setAttribute('onerror', 'window.planted = true');
            image.src = 'data:image/png;base64,none';
            document.body.append(image);
        }"""
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.planted") is None
    refused = [error for error in tab.errors if "Content Security Policy" in error]
    tab.errors[:] = [error for error in tab.errors if error not in refused]
    assert len(refused) == 2


# Speed


def test_paint_and_first_words_come_quickly(tab: Watched) -> None:
    page = tab.open()
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    page.evaluate(
        """() => {
            const box = document.querySelector('#fn-box textarea');
            box.addEventListener('keydown', () => { window.asked = performance.now(); }, {once: true});
            const watch = new MutationObserver(() => {
                if (!document.querySelector('#fn-live .fn-words')) return;
                window.words = performance.now();
                watch.disconnect();
            });
            watch.observe(document.querySelector('#fn-live'), {childList: true, subtree: true});
        }"""
    )
    page.fill("#fn-box textarea", CRANES)
    page.press("#fn-box textarea", "Enter")
    page.wait_for_function("window.words")
    first_words = page.evaluate("window.words - window.asked")

    assert painted < 1500 * SLACK
    assert first_words < 300 * SLACK


def test_long_conversations_and_articles_stay_smooth(browser: Any, tmp_path: Path) -> None:
    clean = harbour_articles()[0]
    text = clean.text + "\n\n" + "\n\n".join(f"Line {at} says ten words about the quay and rain." for at in range(2000))
    article = replace(clean, text=text)
    assistant = ScriptedAssistant([article], lambda question: crane_script("crane")[:1])
    settings = Settings(index_dir=lay_out_index(tmp_path / "index", [article]), corpus=tmp_path / "corpus")
    app = make_app(lambda: assistant, settings=settings)
    fill_conversation(tmp_path / "index" / "conversations.sqlite3", assistant, turns=200)
    with served(app) as address:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        tab = Watched(context.new_page(), address)
        page = tab.open("/?c=long")
        page.wait_for_function("document.querySelectorAll('.fn-turn').length === 200")
        tab.ask("How much does a crane lift now?")
        page.locator("#fn-live .fn-chip").first.click()
        page.wait_for_selector("mark.is-here")
        frames = page.evaluate(
            """() => new Promise(resolve => {
                const area = document.querySelector('#fn-scroll'), times = [];
                let last = performance.now(), left = 40;
                const step = now => {
                    times.push(now - last); last = now; area.scrollBy(0, -400);
                    if (left-- > 0) requestAnimationFrame(step); else resolve(times.slice(2));
                };
                requestAnimationFrame(step);
            })"""
        )
        context.close()

    assert sorted(frames)[len(frames) // 2] < 50 * SLACK
    assert json.dumps(tab.errors) == "[]"


def fill_conversation(path: Path, assistant: ScriptedAssistant, *, turns: int) -> None:
    """Store a long conversation under the id ``long``."""
    from assistant.ui.conversations import Conversations
    from assistant.ui.view import Turn, fold

    turn = Turn("t", CRANES, "2025-06-01T09:00:00+02:00")
    for event in assistant.stream(CRANES):
        turn = fold(turn, event)
    store = Conversations(path)
    for at in range(turns):
        store.keep("long", replace(turn, id=f"t{at}"))
    store.close()
