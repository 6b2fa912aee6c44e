"""Events become turns, turns become HTML, Markdown and JSON."""

import json
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from browser import ScriptedAssistant, crane_script, harbour_articles
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Drafting
from assistant.ui.dates import long_date, short_date
from assistant.ui.export import answer_markdown, conversation_json, conversation_markdown
from assistant.ui.markup import Markup, join, outside_link, tag
from assistant.ui.panel import Marked, marks_in, place_of, render_article, render_panel
from assistant.ui.render import render_turn, render_turns
from assistant.ui.view import Turn, also_found, fail, fold, history_of, stop, turn_from_record, turn_to_record
from ingest.article import Article, Published

TODAY = date(2025, 6, 1)
BLANK = Turn("t1", "How much does each crane lift?", "2025-06-01T09:00:00+02:00")


class Elements(HTMLParser):
    """The elements and the text of a piece of HTML, as a browser would find them."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def answered(**changes: object) -> Turn:
    assistant = ScriptedAssistant(harbour_articles(), crane_script, notes=("Figures differ.",))
    turn = BLANK
    for event in assistant.stream(turn.question):
        turn = fold(turn, event)
    return replace(turn, **changes)  # type: ignore[arg-type]


def test_the_turn_after_the_last_event_holds_the_whole_answer() -> None:
    turn = answered()

    assert turn.state == "done"
    assert [line.support for line in turn.lines] == ["supported", "weak", "unsupported"]
    assert [(source.number, source.outlet) for source in turn.cited] == [
        (1, "Verge"),
        (2, "Verge"),
        (3, "Ansbury Post"),
    ]
    assert turn.as_of == "2025-03-12"
    assert turn.notes == ("Figures differ.",)


def test_a_draft_is_shown_until_the_next_event() -> None:
    turn = fold(BLANK, Drafting("Each crane li"))

    assert "Each crane li" in Elements(render_turn(turn, TODAY)).words
    assert stop(turn).tail == ""
    assert stop(turn).state == "stopped"


def test_stopping_a_finished_turn_changes_nothing() -> None:
    assert stop(answered()) == answered()


def test_a_failed_turn_keeps_what_was_written() -> None:
    words = Elements(render_turn(fail(answered(), "The model is away; start it."), TODAY)).words

    assert "Each crane lifts 65 tonnes." in words
    assert "The model is away; start it." in words


def test_a_turn_comes_back_from_json_as_it_was() -> None:
    turn = answered(follow_ups=("What is Ansbury?",), thumb="down", thumb_reason="too short")

    assert turn_from_record(json.loads(json.dumps(turn_to_record(turn)))) == turn


def test_the_history_leaves_out_turns_without_an_answer() -> None:
    assert history_of((BLANK, answered()))[0] == {"role": "user", "content": BLANK.question}
    assert len(history_of((BLANK, answered()))) == 2


def test_chips_name_outlet_and_date_once_and_the_number_after_that() -> None:
    turn = answered()
    twice = replace(turn, lines=(turn.lines[0], turn.lines[0]))
    chips = [attrs for name, attrs in Elements(render_turn(twice, TODAY)).tags if attrs.get("class") == "fn-chip"]

    assert [chip["data-number"] for chip in chips] == ["1", "1"]
    assert "1 · Verge · 12 Mar" in render_turn(twice, TODAY)
    assert render_turn(twice, TODAY).count("1 · Verge · 12 Mar") == 1


def test_supported_sentences_carry_no_mark() -> None:
    page = render_turn(answered(), TODAY)

    assert page.count('class="fn-mark') == 2
    assert "partly supported" in page
    assert "not supported" in page


def test_what_was_cited_is_not_listed_as_also_found() -> None:
    turn = answered()
    quoted = replace(turn.cited[0], passage=turn.found[0].passage)

    assert also_found(replace(turn, cited=(quoted,))) == turn.found[1:]


def test_nothing_found_is_said_with_advice() -> None:
    words = Elements(render_turn(answered(answered=False, lines=(), cited=()), TODAY)).words

    assert "Nothing in the articles answers this" in words
    assert "Try other words" in words


@pytest.mark.parametrize(
    ("published", "short", "long"),
    [
        ("2025-03-12", "12 Mar", "12 March 2025"),
        ("2024-03-12T10:00:00+08:00", "12 Mar 2024", "12 March 2024"),
        ("2024-11", "Nov 2024", "November 2024"),
        ("2024", "2024", "2024"),
        ("", "", ""),
    ],
)
def test_dates_are_as_precise_as_the_article_was(published: str, short: str, long: str) -> None:
    assert (short_date(published, TODAY), long_date(published)) == (short, long)


HOSTILE = (
    "<img src=x onerror=alert(1)>\"'>",
    "<script>fetch('//evil.example')</script>",
    "</textarea><svg onload=alert(1)>",
    "${alert(1)} {{constructor}} `",
    "javascript:alert(1)",
    "\u202egnp.exe \ud800 \x00",
)


@pytest.mark.parametrize("poison", HOSTILE)
def test_no_field_of_a_turn_becomes_an_element(poison: str) -> None:
    clean = answered(follow_ups=("Q?",), rewritten="R", short_answer="Each crane")
    source = replace(
        clean.cited[0], title=poison, outlet=poison, author=poison, url=poison, quote=poison, passage=poison
    )
    turn = replace(
        clean,
        question=poison,
        rewritten=poison,
        short_answer=poison,
        notes=(poison,),
        model=poison,
        follow_ups=(poison,),
        lines=tuple(replace(line, text=poison, reason=poison) for line in clean.lines),
        cited=(source, *clean.cited[1:]),
        found=tuple(replace(item, title=poison, passage=poison) for item in clean.found),
    )

    for draw in (lambda t: render_turn(t, TODAY), lambda t: render_panel(t, "cited")):
        drawn, expected = Elements(draw(turn)), Elements(draw(clean))
        assert {name for name, _ in drawn.tags} <= {name for name, _ in expected.tags}
        assert not [key for _, attrs in drawn.tags for key in attrs if key.startswith("on")]
        assert "\x00" not in draw(turn)
        assert draw(turn).encode()


@given(st.text())
def test_text_reads_the_same_after_escaping(words: str) -> None:
    shown = Elements(tag("p", words, title=words))

    assert [name for name, _ in shown.tags] == ["p"]
    assert all(word in shown.words for word in words.split() if word.isalnum())


def test_only_markup_is_left_unescaped() -> None:
    assert join(["<b>", Markup("<i>")]) == "&lt;b&gt;<i>"
    assert tag("input", hidden=True, disabled=False, aria_label="a&b") == '<input hidden aria-label="a&amp;b">'


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "http://", "http://[", ""]
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert outside_link("there", url) == "<span>there</span>"


def test_links_open_without_a_way_back() -> None:
    link = outside_link("there", "https://verge.example/a?b=1&c=2")

    assert link == ('<a href="https://verge.example/a?b=1&amp;c=2" target="_blank" rel="noopener noreferrer">there</a>')


# Articles


def test_the_asked_sentence_is_marked_in_the_whole_article() -> None:
    turn = answered()
    article = harbour_articles()[0]
    page = render_article(article, marks_in(article, turn, turn.cited[1]))

    assert '<mark class="is-here" title="footnote 2">The order is worth 84 million euros, the port said.</mark>' in page
    assert '<mark title="footnote 1">Each crane lifts 65 tonnes' in page


def test_a_quote_that_moved_is_found_by_its_words() -> None:
    source = answered().cited[0]

    assert place_of("New first line. " + harbour_articles()[0].text, source) == (source.start + 16, source.end + 16)
    assert place_of("Nothing of the kind.", source) is None


@given(
    text=st.text(alphabet="ab \n<&", max_size=60),
    cuts=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4),
)
def test_marks_never_lose_or_double_a_word(text: str, cuts: list[tuple[int, int]]) -> None:
    marks = [Marked(min(cut), max(cut), at, at == 1) for at, cut in enumerate(cuts)]
    article = Article("a", "", text, published=Published("2025", "byline"))
    words = Elements(render_article(article, marks)).words.removeprefix("2025")

    assert words == text.replace("\n", "")


# Taking away


def test_markdown_carries_its_footnotes() -> None:
    copied = answer_markdown(answered())

    assert copied.startswith("Each crane lifts 65 tonnes.[^1] The order is worth 84 million euros")
    assert "The cranes are painted blue. *(not supported)*" in copied
    assert "[^3]: “The harbour budget rises to 91 million euros in 2026.” Ansbury raises its harbour budget" in copied
    assert "*As of 12 March 2025.*" in copied


def test_markdown_takes_no_link_or_image_from_an_article() -> None:
    turn = answered()
    line = replace(turn.lines[0], text="![beacon](http://evil.example/x.png) <img src=x>")

    assert r"!\[beacon\](http://evil.example/x.png) \<img src=x\>" in answer_markdown(replace(turn, lines=(line,)))


def test_a_conversation_is_exported_whole() -> None:
    turns = (answered(), answered(id="t2"))
    document = json.loads(conversation_json("Cranes", turns))

    assert [turn_from_record(record) for record in document["turns"]] == list(turns)
    assert "[^1-1]:" in conversation_markdown("Cranes", turns)
    assert "[^2-1]:" in conversation_markdown("Cranes", turns)


def test_two_hundred_turns_are_drawn_in_a_moment() -> None:
    page = render_turns([answered(id=f"t{at}") for at in range(200)], TODAY)

    assert page.count('class="fn-turn"') == 200
