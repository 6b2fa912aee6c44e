from datetime import date

import pytest
from doubles import HashEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answer import Citation, Evidence
from assistant.extract import Quote
from assistant.revision import Quoted, Revision, Told, age_note, find_revisions, prefer_newer, quoted_by
from ingest.article import Article, Passage, Published
from ingest.embed import Embedder, load_embedder

QUESTION = "How much will the tunnel under the Sarn cost?"
PLANNED = "The tunnel under the Sarn will cost 2.1 billion euros, the council was told."
DEARER = "The cost of the tunnel under the Sarn has grown to 3.4 billion euros, auditors found."


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return load_embedder()


def evidence(
    name: str, day: str | None, text: str, *, title: str = "A tunnel under the Sarn", source: str = "City Record"
) -> Evidence:
    published = Published(day, "front matter") if day else None
    article = Article(f"{name}.md", title, text, source=source, published=published)
    return Evidence(Passage(1, article.id, 0, 0, len(text), text), article, 1.0)


def whole(found: Evidence) -> Quoted:
    return Quoted(found, 0, len(found.article.text))


def revisions(question: str, found: list[Evidence], embedder: Embedder, *, quoted: int = 0) -> tuple[Revision, ...]:
    return find_revisions(question, [whole(found[quoted])], found, embedder)


@pytest.mark.parametrize("quoted", [0, 1])
def test_a_newer_figure_is_told_whichever_article_the_answer_quotes(embedder: Embedder, quoted: int) -> None:
    found = [evidence("old", "2022-05-10", PLANNED), evidence("new", "2023-11-02", DEARER, title="Tunnel grows dearer")]

    (one,) = revisions(QUESTION, found, embedder, quoted=quoted)

    assert one.kind == "superseded"
    assert one.note == (
        "The figure was 2.1 billion euros in “A tunnel under the Sarn” (City Record, 2022-05-10); "
        "“Tunnel grows dearer” (City Record, 2023-11-02) has 3.4 billion euros."
    )
    assert one.older == Told(found[0], 0, len(PLANNED), "2.1 billion euros")
    assert one.newer == Told(found[1], 0, len(DEARER), "3.4 billion euros")


def test_the_sentence_of_the_other_figure_is_given_exactly(embedder: Embedder) -> None:
    old = evidence("old", "2022-05-10", PLANNED)
    text = f"Rain fell all day. {DEARER} Work goes on."
    article = Article(
        "new.md", "Tunnel grows dearer", text, source="City Record", published=Published("2023-11-02", "url")
    )
    new = Evidence(Passage(2, "new.md", 1, 19, len(text), text[19:]), article, 0.5)

    (one,) = find_revisions(QUESTION, [whole(old)], [old, new], embedder)

    assert text[one.newer.start : one.newer.end] == DEARER


def test_a_planned_date_that_moved_is_a_change(embedder: Embedder) -> None:
    found = [
        evidence("old", "2023-03-01", "The Sarn tunnel will open to traffic in June 2026, the ministry said."),
        evidence("new", "2023-09-20", "The opening of the Sarn tunnel has been postponed to March 2027."),
    ]

    (one,) = revisions("When will the Sarn tunnel open?", found, embedder)

    assert (one.kind, one.older.figure, one.newer.figure) == ("changed", "June 2026", "March 2027")
    assert one.note.startswith("The date was June 2026 in ")


@pytest.mark.parametrize("day", ["2024-02-05", "2024-02-06"])
def test_articles_of_one_time_disagree(embedder: Embedder, day: str) -> None:
    question = "How many miners died in the fire at Tolland?"
    title = "Fire at Tolland"
    found = [
        evidence("a", "2024-02-05", "The fire at the mine in Tolland killed 18 miners.", title=title, source="Wire"),
        evidence(
            "b", day, "The fire at the mine in Tolland killed 31 miners, the union said.", title=title, source="Mail"
        ),
    ]

    (one,) = revisions(question, found, embedder)

    assert one.kind == "disagreement"
    assert one.note == (
        "Two articles of about the same time disagree: 18 in “Fire at Tolland” (Wire, 2024-02-05), "
        f"31 in “Fire at Tolland” (Mail, {day})."
    )


def test_the_newest_of_several_figures_is_told_once(embedder: Embedder) -> None:
    found = [
        evidence("a", "2022-05-10", PLANNED),
        evidence("b", "2023-01-02", "The tunnel under the Sarn will now cost 2.8 billion euros, the council was told."),
        evidence("c", "2023-11-02", "The tunnel under the Sarn will now cost 3.4 billion euros, the council was told."),
        evidence("d", "2023-11-09", "The tunnel under the Sarn will now cost €3.4bn, ministers agree.", source="Mail"),
    ]

    (one,) = revisions(QUESTION, found, embedder)

    assert one.older.figure == "2.1 billion euros"
    assert one.newer.figure in ("3.4 billion euros", "€3.4bn")


def test_a_copy_of_an_article_disputes_nothing(embedder: Embedder) -> None:
    text = (
        f"{PLANNED} The digging starts in spring and takes six years, if the rock is as hard as the engineers think. "
        "The road to the tunnel under the Sarn will cost 1.4 billion euros, the council was told."
    )
    city = evidence("city", "2022-05-10", text)
    wire = evidence("wire", "2022-05-14", text, source="Wire")
    half = text.index(" The digging")
    first = Evidence(Passage(1, "city.md", 0, 0, half, text[:half]), city.article, 1.0)
    second = Evidence(Passage(2, "wire.md", 1, half + 1, len(text), text[half + 1 :]), wire.article, 0.9)

    assert find_revisions(QUESTION, [Quoted(first, 0, half)], [first, second], embedder) == ()


def test_a_report_that_was_revised_in_place_is_a_revision(embedder: Embedder) -> None:
    rest = " The digging starts in spring and takes six years, if the rock is as hard as the engineers think it is."
    found = [
        evidence("old", "2022-05-10", PLANNED + rest),
        evidence("new", "2022-05-20", PLANNED.replace("2.1", "2.6").replace("will", "will now") + rest),
    ]
    (one,) = find_revisions(QUESTION, [Quoted(found[0], 0, len(PLANNED))], found, embedder)
    assert (one.older.figure, one.newer.figure) == ("2.1 billion euros", "2.6 billion euros")


@pytest.mark.parametrize(
    ("title", "day", "other"),
    [
        ("Tunnel", "2023-11-02", "The tunnel under the Sarn will now cost about 2 billion euros."),
        ("Tunnel", "2023-11-02", "The tunnel under the Sarn will now cost 2.3 billion dollars."),
        ("Tunnel", "2023-11-02", "The tunnel under the Velm will now cost 3.4 billion euros."),
        ("Tunnel", "2023-11-02", "Of 2.1 billion euros for the tunnel under the Sarn only 1.4 billion euros are paid."),
        ("Tunnel", "2023-11-02", "The tunnel under the Sarn raised land prices by 12 percent."),
        ("Tunnel", "2023-11-02", "The first tunnel under the Sarn had cost 1.1 billion euros in 1994."),
        ("Tunnel", None, "The tunnel under the Sarn will now cost 3.4 billion euros."),
    ],
)
def test_look_alikes_are_no_revisions(embedder: Embedder, title: str, day: str | None, other: str) -> None:
    found = [evidence("old", "2022-05-10", PLANNED), evidence("new", day, other, title=title)]
    assert revisions(QUESTION, found, embedder) == ()


def test_another_version_or_quarter_is_another_thing(embedder: Embedder) -> None:
    chips = [
        evidence("a", "2024-05-14", "The Orbis A3 will have 96 GB of memory.", title="Orbis shows the A3"),
        evidence("b", "2024-12-03", "The Orbis A4 will now have 128 GB of memory.", title="Orbis after the A3"),
    ]
    assert revisions("How much memory does the Orbis A3 have?", chips, embedder) == ()
    results = [
        evidence("a", "2024-05-14", "Orbis reported revenue of $2.7 billion for the first quarter.", title="Orbis"),
        evidence(
            "b", "2024-08-14", "Orbis reported higher revenue of $3.1 billion for the second quarter.", title="Orbis"
        ),
    ]
    assert revisions("What revenue did Orbis report?", results, embedder) == ()


def test_an_article_that_gives_both_figures_as_true_disputes_neither(embedder: Embedder) -> None:
    both = (
        "The tunnel under the Sarn will now cost 3.4 billion euros with its roads. The tunnel costs 2.1 billion euros."
    )
    had = "The tunnel under the Sarn will now cost 3.4 billion euros. The council had once spoken of 2.1 billion euros."
    old = evidence("old", "2022-05-10", PLANNED)

    assert revisions(QUESTION, [old, evidence("new", "2023-11-02", both)], embedder) == ()
    assert len(revisions(QUESTION, [old, evidence("new", "2023-11-02", had)], embedder)) == 1


@pytest.mark.parametrize(
    "question", ["Who digs the tunnel under the Sarn?", "Where is the tunnel?", "Why dig a tunnel?"]
)
def test_what_no_figure_answers_is_left_alone(question: str) -> None:
    embedder = HashEmbedder()
    found = [evidence("old", "2022-05-10", PLANNED), evidence("new", "2023-11-02", DEARER)]
    assert revisions(question, found, embedder) == ()
    assert embedder.encoded == []


def test_nothing_is_embedded_when_no_figure_can_rival() -> None:
    embedder = HashEmbedder()
    found = [evidence("old", "2022-05-10", PLANNED), evidence("new", "2023-11-02", "The Sarn flooded 300 homes.")]
    assert revisions(QUESTION, found, embedder) == ()
    assert embedder.encoded == []
    assert find_revisions(QUESTION, [], found, embedder) == ()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 10**7), st.integers(1, 10**7), st.permutations([0, 1]))
def test_equal_values_are_never_a_revision_and_notes_hold_both(one: int, other: int, order: list[int]) -> None:
    found = [
        evidence("a", "2022-05-10", f"The tunnel under the Sarn will cost {one:,} euros."),
        evidence("b", "2023-11-02", f"The tunnel under the Sarn will now cost {other:,} euros."),
    ]
    got = find_revisions(QUESTION, [whole(found[0])], [found[i] for i in order], HashEmbedder())
    if one == other:
        assert got == ()
    for revision in got:
        assert revision.older.figure in revision.note and revision.newer.figure in revision.note
        assert revision.older.evidence.article.id == "a.md"


def test_quoted_by_keeps_the_spans_of_citations() -> None:
    found = evidence("old", "2022-05-10", PLANNED)
    citation = Citation(1, found.article, found.passage, PLANNED[4:10], 4, 10)
    assert quoted_by([citation]) == [Quoted(found, 4, 10)]


def quote_of(index: int, text: str) -> Quote:
    return Quote(index, 0, len(text), text)


class TestPreferNewer:
    asked = date(2024, 1, 1)
    found = (evidence("old", "2022-05-10", PLANNED), evidence("new", "2023-11-02", DEARER))
    told = Told(found[0], 0, len(PLANNED), "2.1"), Told(found[1], 0, len(DEARER), "3.4")
    superseded = Revision("superseded", "", *told, 0.9)

    def test_the_newer_sentence_moves_to_the_front(self) -> None:
        quotes = quote_of(0, PLANNED), quote_of(1, DEARER)
        assert prefer_newer(QUESTION, quotes, [self.superseded], self.found, self.asked) == quotes[::-1]

    def test_the_newer_sentence_is_put_in_and_the_last_goes(self) -> None:
        quotes = (quote_of(0, PLANNED), Quote(0, 4, 10, PLANNED[4:10]))
        got = prefer_newer(QUESTION, quotes, [self.superseded], self.found, self.asked)
        assert got == (quote_of(1, DEARER), quotes[0])

    @pytest.mark.parametrize("question", ["What was the cost of the tunnel in May 2022?", "What did it cost in 2022?"])
    def test_a_question_about_a_period_keeps_its_order(self, question: str) -> None:
        quotes = quote_of(0, PLANNED), quote_of(1, DEARER)
        assert prefer_newer(question, quotes, [self.superseded], self.found, self.asked) == quotes

    def test_nothing_moves_for_a_disagreement_or_when_the_newer_is_first(self) -> None:
        quotes = quote_of(0, PLANNED), quote_of(1, DEARER)
        disputed = Revision("disagreement", "", *self.told, 0.9)
        assert prefer_newer(QUESTION, quotes, [disputed], self.found, self.asked) == quotes
        assert prefer_newer(QUESTION, quotes[::-1], [self.superseded], self.found, self.asked) == quotes[::-1]
        assert prefer_newer(QUESTION, (), [self.superseded], self.found, self.asked) == ()

    def test_a_lone_quote_of_the_older_figure_gives_way_to_both(self) -> None:
        quotes = (quote_of(0, PLANNED),)
        got = prefer_newer(QUESTION, quotes, [self.superseded], self.found, self.asked)
        assert got == (quote_of(1, DEARER),)


@pytest.mark.parametrize(
    ("question", "day", "asked", "note"),
    [
        (
            "What is the latest on the tunnel?",
            "2025-05-30",
            date(2026, 11, 24),
            "The newest article on this is from 2025-05-30, 18 months before the question was asked.",
        ),
        (
            "How far is the tunnel now?",
            "2022-05-30",
            date(2026, 11, 24),
            "The newest article on this is from 2022-05-30, 4 years before the question was asked.",
        ),
        (
            "What is the current cost of the tunnel?",
            "2025-05-30",
            date(2025, 7, 11),
            "The newest article on this is from 2025-05-30, 6 weeks before the question was asked.",
        ),
        (
            "What happened at the tunnel this week?",
            "2025-05-30",
            date(2025, 7, 11),
            "The newest article cited is from 2025-05-30, before the time that the question asks about.",
        ),
        ("What is the latest on the tunnel?", "2025-05-30", date(2025, 6, 2), None),
        ("What happened at the tunnel this week?", "2025-05-30", date(2025, 6, 1), None),
        ("How much did the tunnel cost?", "2015-05-30", date(2025, 6, 2), None),
        ("What did the tunnel cost in 2014?", "2015-05-30", date(2025, 6, 2), None),
        ("When will the tunnel open in 2030?", "2025-05-30", date(2025, 6, 2), None),
        ("What is the latest on the tunnel?", None, date(2025, 6, 2), None),
    ],
)
def test_old_evidence_is_flagged_where_the_question_wants_newer(
    question: str, day: str | None, asked: date, note: str | None
) -> None:
    assert age_note(question, [evidence("a", day, PLANNED).article], asked) == note


def test_the_newest_article_cited_counts() -> None:
    days = ("2021-01-01", "2025-05-30", "2022-01-01")
    articles = [evidence(day, day, PLANNED).article for day in days]
    assert age_note("What is the latest on the tunnel?", articles, date(2025, 6, 2)) is None


def test_two_matters_make_two_notes(embedder: Embedder) -> None:
    question = "How long and how dear will the tunnel under the Sarn be?"
    longer = "The tunnel under the Sarn will be 4,200 metres long."
    found = [
        evidence("old", "2022-05-10", f"{PLANNED} {longer}"),
        evidence("new", "2023-11-02", f"{DEARER} The tunnel under the Sarn will now be 5,600 metres long."),
    ]

    got = revisions(question, found, embedder)

    assert {(one.older.figure, one.newer.figure) for one in got} <= {
        ("2.1 billion euros", "3.4 billion euros"),
        ("4,200 metres", "5,600 metres"),
    }
    assert len(got) == 2
