"""What time does to a ranking, on a made-up stream of news: gain on questions about the newest, harm on the others.

    python bench/recency.py [--seed N] [--index-dir DIR]

Companies report earnings each quarter, central banks decide each month, mayors open bridges once, and profiles tell
where a company comes from. Questions of six kinds have one right article each:

    newest      asked days after an event that recurs, naming no date: the latest report is right
    dated       names the quarter or the month it means, asked at the end of the stream: that report is right
    once        about an event that happened once, asked months later: that article is right
    background  about a company's origin, asked at the end: its profile, the oldest article, is right
    late        as once, but asked 300 days after the stream ends
    latest      asks for the latest report 300 days after the stream ends: the last one is right

Printed for each kind: MRR@10 with the product's time scores, with none, and with a plain added exp(-age / 14 days).
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from assistant import rank, search
from assistant import retrieve as retrieving
from assistant.evaluate import mean, mrr_at
from ingest.build import reindex
from ingest.embed import Embedder, load_embedder
from ingest.generation import Generation, open_current
from ingest.settings import load_settings

START, END = date(2023, 1, 2), date(2025, 6, 27)
COMPANIES = (
    "Norvane Altheris Quillon Brightmoor Tessaly Corvid Hallmere Ostrava Pellucid Vantoro Dunmarch Sorrelby".split()
)
TRADES = "batteries,shipping,insurance,chips,cement,biscuits,satellites,trains,vaccines,games,steel,paint".split(",")
BANKS = "Valdoria Kestrel Oronto Marisk".split()
TOWNS = "Ashgate Brimley Cotterdam Dunholt Eastmere Farrow Glenside Harwick Inverley Jorvale".split()
MONTHS = "January February March April May June July August September October November December".split()


@dataclass(frozen=True)
class Story:
    """An article of the stream. key: what it tells; recurring stories share the first part."""

    key: tuple[str, ...]
    day: date
    title: str
    text: str


@dataclass(frozen=True)
class Question:
    kind: str
    text: str
    asked: date
    right: tuple[str, ...]


def stream(chance: random.Random) -> list[Story]:
    """All articles, oldest first."""
    stories = [*profiles(chance), *earnings(chance), *decisions(chance), *once(chance)]
    return sorted(stories, key=lambda story: story.day)


def profiles(chance: random.Random) -> Iterator[Story]:
    for name, trade in zip(COMPANIES, TRADES, strict=True):
        year, town = chance.randint(1890, 1990), chance.choice(TOWNS)
        yield Story(
            ("profile", name),
            START + timedelta(days=chance.randint(0, 60)),
            f"From a shed in {town} to a household name: {name}",
            f"{name} was founded in {year} in {town} by two sisters who had saved for ten years. Its first workshop "
            f"made {trade} for the local market. The company moved twice before it found its present home.",
        )


def earnings(chance: random.Random) -> Iterator[Story]:
    for name, trade in zip(COMPANIES, TRADES, strict=True):
        for year, quarter in quarters():
            profit, change = chance.randint(20, 900), chance.choice(("rose", "fell"))
            verb = chance.choice(("reported", "posted", "announced"))
            yield Story(
                ("earnings", name, f"Q{quarter} {year}"),
                date(year, 3 * quarter, 1) + timedelta(days=chance.randint(40, 55)),
                chance.choice((f"{name} profit {change} in the quarter", f"{name} results: profit {change}")),
                f"{name}, which makes {trade}, {verb} a quarterly profit of {profit} million dollars for the "
                f"{('first', 'second', 'third', 'fourth')[quarter - 1]} quarter of {year}. Sales {change} by "
                f"{chance.randint(1, 30)} percent. Shares moved {chance.randint(1, 9)} percent after the report.",
            )


def quarters() -> Iterator[tuple[int, int]]:
    return ((year, quarter) for year in (2023, 2024, 2025) for quarter in (1, 2, 3, 4) if (year, quarter) <= (2025, 1))


def decisions(chance: random.Random) -> Iterator[Story]:
    for name in BANKS:
        for year, month in ((year, month) for year in (2023, 2024, 2025) for month in range(1, 13)):
            day = date(year, month, chance.randint(8, 24))
            if day <= END:
                rate = chance.randint(4, 28) / 4
                yield Story(
                    ("decision", name, f"{MONTHS[month - 1]} {year}"),
                    day,
                    f"Bank of {name} sets its rate",
                    f"The Bank of {name} set its key interest rate at {rate} percent at its "
                    f"{MONTHS[month - 1]} meeting. {chance.choice(('Prices', 'Wages', 'Rents'))} "
                    "were the main worry, its governor said.",
                )


def once(chance: random.Random) -> Iterator[Story]:
    for town in TOWNS:
        for what in ("bridge", "library", "stadium"):
            day = START + timedelta(days=chance.randint(30, 800))
            yield Story(
                ("once", town, what),
                day,
                f"{town} opens its new {what}",
                f"The mayor of {town} opened the {what} on a rainy morning. It cost {chance.randint(3, 90)} million "
                f"dollars and took {chance.randint(2, 9)} years to build. Neighbours had fought the plan in court.",
            )


def questions(stories: list[Story], chance: random.Random) -> Iterator[Question]:
    series: dict[tuple[str, ...], list[Story]] = {}
    for story in stories:
        series.setdefault(story.key[:2], []).append(story)
    for key, told in series.items():
        kind, name = key
        if kind in ("earnings", "decision"):
            plain = (
                f"How large was {name}'s quarterly profit?"
                if kind == "earnings"
                else f"Where did the Bank of {name} set its interest rate?"
            )
            for story in chance.sample(told[2:], 4):
                yield Question("newest", plain, story.day + timedelta(days=chance.randint(0, 4)), story.key)
                yield Question("dated", f"{plain[:-1]} in {story.key[2]}?", END, story.key)
            latest = f"What is the latest on the quarterly profit of {name}?"
            if kind == "decision":
                latest = f"What is the latest on the interest rate of the Bank of {name}?"
            yield Question("latest", latest, END + timedelta(days=300), told[-1].key)
        elif kind == "once":
            for story in told:
                text = f"How much did the {story.key[2]} of {name} cost to build?"
                yield Question("once", text, story.day + timedelta(days=chance.randint(60, 300)), story.key)
                yield Question("late", text, END + timedelta(days=300), story.key)
        else:
            yield Question("background", f"How did {name} begin, and who started it?", END, told[0].key)


def indexed(stories: list[Story], folder: Path, embedder: Embedder) -> Generation:
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    rows = [
        {"_id": "/".join(story.key), "title": story.title, "text": story.text, "published": story.day.isoformat()}
        for story in stories
    ]
    (corpus / "stream.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    reindex(load_settings(corpus=corpus, index_dir=folder / "index"), embedder=embedder)
    return open_current(folder / "index")


def plain_recency(scores: np.ndarray, first_days: np.ndarray, last_days: np.ndarray, timing: rank.Timing) -> np.ndarray:
    return scores + 0.4 * rank.freshness(last_days, timing.now)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--index-dir", type=Path, help="keep the index here; thrown away when left out")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    stories = stream(chance)
    asked = list(questions(stories, chance))
    embedder = load_embedder()
    with tempfile.TemporaryDirectory() as scratch:
        generation = indexed(stories, options.index_dir or Path(scratch), embedder)
        ways: dict[str, Callable[..., np.ndarray]] = {
            "footnote": rank.timed,
            "none": lambda scores, first_days, last_days, timing: scores,
            "plain 0.4": plain_recency,
        }
        print(f"{len(stories)} articles\n{'kind':12}{'n':>5}" + "".join(f"{way:>12}" for way in ways))
        for kind in dict.fromkeys(question.kind for question in asked):
            of_kind = [question for question in asked if question.kind == kind]
            values = [measure(of_kind, way, generation, embedder) for way in ways.values()]
            print(f"{kind:12}{len(of_kind):5}" + "".join(f"{value:12.3f}" for value in values))
        generation.close()


def measure(asked: list[Question], way: Callable[..., np.ndarray], generation: Generation, embedder: Embedder) -> float:
    """MRR@10 of some questions under one way of scoring time."""
    found = []
    with mock.patch.object(search, "timed", way):
        for question in asked:
            evidence = retrieving.retrieve(question.text, generation, embedder, asked=question.asked).evidence
            ids = [one.article.id.partition("#")[2] for one in evidence]
            found.append(mrr_at(10, ids, {"/".join(question.right): 1}))
    return mean(found)


if __name__ == "__main__":
    main()
