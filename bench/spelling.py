"""Names with a slip of one letter: how often `assistant.spelling` mends them, what it brings, and false alarms.

    python -m bench.spelling EVAL_FOLDER INDEX_DIR [SET ...]

EVAL_FOLDER as for `bench.quality`, INDEX_DIR as its ``--index-dir`` left it. In one name of each question, of five
letters or more and known to the articles, one letter is dropped, changed, added or swapped. False alarms: questions as
they are, asked of their own articles and of those of the other sets. Deterministic.
"""

import argparse
import random
import re
import string
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from assistant.answering import Tools
from assistant.evaluate import JudgedQuestion, read_beir
from assistant.evaluation import score_searches
from assistant.spelling import respelled
from ingest.embed import load_embedder
from ingest.generation import Generation, open_current
from ingest.words import words_of

_NAME = re.compile(r"(?<=\s)[A-Z][a-z]{4,}\b")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("index_dir", type=Path)
    parser.add_argument("sets", nargs="*", help="all in BEIR form when left out")
    options = parser.parse_args()
    names = options.sets or sorted(path.parent.name for path in options.folder.glob("*/queries.jsonl"))
    asked = {name: read_beir(options.folder / name) for name in names}
    tools = Tools(load_embedder())
    for name in names:
        with closing(open_current(options.index_dir / name / "index")) as generation:
            report_slips(name, asked[name], generation, tools)
            for other in names:
                changed = sum(respelled(one.text, generation, tools.embedder) is not None for one in asked[other])
                print(f"{name}: of {len(asked[other])} questions of {other} as they are, {changed} are changed")


def report_slips(name: str, asked: Sequence[JudgedQuestion], generation: Generation, tools: Tools) -> None:
    """Print how many slips are mended, and nDCG@10 of the questions as they were, with the slip, and as read."""
    pairs = list(with_slips(asked, generation))
    if not pairs:
        return
    read = [respelled(slipped.text, generation, tools.embedder) or slipped.text for _, slipped in pairs]
    changed = sum(text != slipped.text for text, (_, slipped) in zip(read, pairs, strict=True))
    right = sum(text.casefold() == one.text.casefold() for text, (one, _) in zip(read, pairs, strict=True))
    print(f"{name}: {len(pairs)} slips, {changed} changed, {right} of them rightly")
    as_read = [replace(one, text=text) for text, (one, _) in zip(read, pairs, strict=True)]
    ways = (("as they were", [one for one, _ in pairs]), ("with the slip", [one for _, one in pairs]))
    for way, questions in (*ways, ("as read", as_read)):
        score = score_searches(questions, generation, tools)[0]
        print(f"{name}: nDCG@10 {score.measures['nDCG@10']:.3f} {way}")


def with_slips(
    asked: Sequence[JudgedQuestion], generation: Generation
) -> Iterator[tuple[JudgedQuestion, JudgedQuestion]]:
    """Each question that holds a name which the articles know, and the same with a slip in one of them."""
    drawn = random.Random(5)
    for one in asked:
        names = [
            found
            for found in _NAME.finditer(one.text)
            if generation.words.document_frequencies(words_of(found[0])).any()
        ]
        if names and one.relevant:
            found = drawn.choice(names)
            text = one.text[: found.start()] + slip(found[0], drawn) + one.text[found.end() :]
            yield one, replace(one, text=text)


def slip(word: str, drawn: random.Random) -> str:
    """The word with one letter after the first dropped, changed, added, or swapped with the next."""
    while True:
        at, letter = drawn.randrange(1, len(word)), drawn.choice(string.ascii_lowercase)
        head, own, tail = word[:at], word[at], word[at + 1 :]
        swapped = head + tail[:1] + own + tail[1:]
        slipped = drawn.choice((head + tail, head + letter + tail, head + letter + own + tail, swapped))
        if slipped != word:
            return slipped


if __name__ == "__main__":
    main()
