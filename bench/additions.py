"""More ways to make a true sentence false, by adding to it or giving its words to another; and people's own rewordings.

For `bench/verify.py`, beside `bench/mutations.py`.
"""

import csv
import itertools
import json
import random
import re
from collections.abc import Sequence
from pathlib import Path

from mutations import MONTHS, NAME, NUMBER, WEEKDAYS, Change, World, swap

PHRASES = """
after a fatal accident | despite protests from residents | because of a shortage of parts | following a court order
amid fears of a recession | without asking for permission | in exchange for a secret payment | after weeks of heavy rain
to avoid paying taxes | under pressure from investors | as part of a legal settlement | before the outbreak of the war
while the police watched | on the advice of doctors | over the objections of the mayor | after a long illness
because the roof had collapsed | in spite of a public boycott | with money borrowed from relatives | by mistake
against the will of the voters | thanks to a generous donation | under a false name | during a visit to the zoo
"""
_CLAUSE = re.compile(
    r"(?:, (?:which|while|although|but|and|where)|(?<=\w) (?:after|because|despite|during|following|amid|without|before"
    r"|since)) [a-z][^,.;:()\"“”]{18,80}(?=[.,])"
)
_AUXILIARY = r"(?:is|was|are|were|has|had|did|do|does|have|can|could|will|would|should|may|might)"


def clauses_in(passages: Sequence[Sequence[str]]) -> list[str]:
    """The subordinate clauses of some passages, each with what it opens with."""
    return [match[0] for passage in passages for sentence in passage for match in _CLAUSE.finditer(sentence)]


def clause_added(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """A clause of another passage at the end."""
    clause = rng.choice(world.clauses)
    if clause in passage or re.search('["“”]', sentence):
        return None
    return f"{sentence.rstrip('.')}{clause}."


def phrase_added(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """A false circumstance, at the end or before the first comma."""
    phrase = rng.choice([one.strip() for line in PHRASES.strip().splitlines() for one in line.split("|")])
    if re.search('["“”]', sentence):
        return None
    first, comma, rest = sentence.rstrip(".").partition(", ")
    if comma and len(first.split()) > 4 and rng.random() < 0.5:
        return f"{first} {phrase}, {rest}."
    return f"{sentence.rstrip('.')} {phrase}."


def speaker_changed(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """Another name of the passage says it."""
    match = re.search(
        r"(?<![\w.] )\b[A-Z][a-z]+(?: [A-Z][a-z]+)?(?= (?:said|says|told|argued|claimed|wrote|added)\b)|"
        r"(?<=said )[A-Z][a-z]+(?: [A-Z][a-z]+)?(?=[.,])|(?<=according to )[A-Z][a-z]+(?: [A-Z][a-z]+)?(?=[.,])",
        sentence,
    )
    others = sorted({one for one in NAME.findall(passage) if match and not set(one.split()) & set(sentence.split())})
    others = [one for one in others if one not in MONTHS + WEEKDAYS and not one.endswith(("'s", "’s"))]
    if match and match[0] in ("He", "She", "It", "They", "We", "This", "That", "One", "But", "And"):
        return None
    return swap(sentence, match, rng.choice(others)) if match and others else None


def _two_figures(sentence: str) -> tuple[re.Match[str], re.Match[str], int] | None:
    """Two numbers of one kind, each in a part of the sentence with a name of its own, and where the first part ends."""
    for first, second in itertools.pairwise(NUMBER.finditer(sentence)):
        after = [re.match(r"%| \w+", sentence[one.end() :]) for one in (first, second)]
        turn = re.search(r",? (?:while|and|but|whereas|against) |[,;] ", sentence[first.end() : second.start()])
        if not turn or not all(after) or after[0][0] != after[1][0] or first[0] == second[0]:  # type: ignore[index]
            continue
        cut = first.end() + turn.start()
        if NAME.search(sentence[: cut + 1]) and NAME.search(sentence[cut:]):
            return first, second, cut
    return None


def figure_of_another(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """The figure of the second in place of the first's, the second left out."""
    found = _two_figures(sentence)
    if found is None:
        return None
    first, second, cut = found
    return f"{sentence[: first.start()]}{second[0]}{sentence[first.end() : cut]}."


def first_figure(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """The first of two figures, the second left out."""
    found = _two_figures(sentence)
    return f"{sentence[: found[2]]}." if found else None


ADDITIONS: dict[str, Change] = {
    change.__name__: change for change in (clause_added, phrase_added, speaker_changed, figure_of_another)
}
SHORTENINGS: dict[str, Change] = {"first_figure": first_figure}


def questions_told(folder: Path) -> list[tuple[str, str]]:
    """XQuAD's questions told as statements with their answers, each with its paragraph: what people made of it."""
    texts = {row["_id"]: row["text"] for row in map(json.loads, (folder / "corpus.jsonl").open(encoding="utf-8"))}
    found = {}
    for path in sorted((folder / "qrels").glob("*.tsv")):
        found.update({row[0]: row[1] for row in csv.reader(path.open(encoding="utf-8"), delimiter="\t")})
    told = []
    for row in map(json.loads, (folder / "queries.jsonl").open(encoding="utf-8")):
        statement = _told(row["text"], row["answers"][0])
        if statement:
            told.append((statement, texts[found[row["_id"]]]))
    return told


def _told(question: str, answer: str) -> str | None:
    """A question for its subject, or for what something is, with the answer in its place."""
    asked = question.strip(" ?")
    if re.search(r"\b(?:did|do|does)\b", asked):
        return None
    subject = re.match(
        rf"(?:Who|What|Which)(?: (?!{_AUXILIARY}\b)[a-z]+){{0,2}} ((?:{_AUXILIARY} )?(?!{_AUXILIARY}\b)"
        r"(?:[a-z]+(?:ed|s)|won|led|made|gave|took|became|wrote|began|caused|held|found|built|went) .+)$",
        asked,
    )
    if subject and answer.lower() not in asked.lower():
        return f"{answer[0].upper()}{answer[1:]} {subject[1]}."
    thing = re.match(r"(?:Who|What) (is|was|are|were) (the .+)$", asked)
    return f"{thing[2][0].upper()}{thing[2][1:]} {thing[1]} {answer}." if thing else None
