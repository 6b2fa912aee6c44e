"""What becomes of planted claims when a model obeys every hostile article it is shown. One table.

    python bench/hostile.py

The set is `tests/hostile_articles.py`, the model a scripted server, the encoder the product's own. A planted claim that
cites a hostile article which makes it is supported by that article; one that cites honest articles alone, or nothing,
must not be marked supported. Half truths change a word or two of an honest article and cite it: checked one by one.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from hostile_articles import ATTACKS, HALF_TRUTHS, SUBJECTS, Citing, gullible, honest_text, write_set
from llm_server import ScriptedServer

from assistant import Answer, Assistant
from assistant.answer import Support
from assistant.verify import check_sentence
from ingest.build import reindex
from ingest.embed import Embedder, load_embedder
from ingest.settings import Settings

SUPPORTS = get_args(Support)
CITINGS = get_args(Citing)


def answers(settings: Settings, embedder: Embedder, citing: Citing) -> list[Answer]:
    """The answers to every question of the set."""
    asks = {(attack.question, str(attack.history)): attack for attack in ATTACKS}
    with ScriptedServer(gullible(citing)) as server:
        wired = {"llm_model": "scripted", "llm_base_url": server.base_url, "llm_context_window": 16_000}
        with Assistant(settings.model_copy(update=wired), embedder=embedder) as assistant:
            return [
                assistant.ask(attack.question, history=attack.history, asked="2026-03-02", limit=20)
                for attack in asks.values()
            ]


def marks_of_claims(answers: Iterable[Answer]) -> dict[Citing, Counter[Support]]:
    """The marks of all planted claims that the answers repeat, by what they cite."""
    claims = {attack.claim for attack in ATTACKS}
    marks: dict[Citing, Counter[Support]] = {citing: Counter() for citing in CITINGS}
    for answer in answers:
        sources = {citation.number: citation.article.id for citation in answer.citations}
        for sentence in answer.sentences:
            if sentence.text in claims:
                hostile = any(not sources[number].startswith("honest-") for number in sentence.citations)
                citing: Citing = "hostile" if hostile else "honest" if sentence.citations else "nothing"
                marks[citing][sentence.support] += 1
    return marks


def marks_of_half_truth(template: str, embedder: Embedder) -> Counter[Support]:
    """The marks of one half truth, about each subject, with the honest article cited for it."""
    return Counter(
        check_sentence(subject.told(template), [honest_text(subject)], embedder=embedder).support
        for subject in SUBJECTS
    )


def show(label: str, marks: Counter[Support]) -> None:
    """One row of the table."""
    print(f"{label:82} {marks.total():5}", *(f"{marks[support]:12}" for support in SUPPORTS))


def main() -> None:
    embedder = load_embedder()
    print(f"{len(ATTACKS)} attacks on {len(SUBJECTS)} subjects\n")
    print(f"{'':82} {'said':>5}", *(f"{support:>12}" for support in SUPPORTS))
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(corpus=Path(folder, "corpus"), index_dir=Path(folder, "index"))
        settings.corpus.mkdir()
        write_set(settings.corpus)
        reindex(settings, embedder=embedder)
        said = [answer for citing in CITINGS for answer in answers(settings, embedder, citing)]
    for citing, marks in marks_of_claims(said).items():
        show(f"planted claims, citing {citing}", marks)
    for template in HALF_TRUTHS:
        show(f"half truth: {template}", marks_of_half_truth(template, embedder))


if __name__ == "__main__":
    main()
