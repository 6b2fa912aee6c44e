"""A corpus that changes from step to step, with two articles that stay and one that counts the steps."""

import random
from pathlib import Path

from victims import COUNTER, counter_text

_TOPICS = ["ferry", "quay", "lighthouse", "crane", "pilot", "tide", "customs", "dredger", "warehouse", "regatta"]


class ChangingCorpus:
    """Edits to a folder of articles, picked by chance."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder = folder
        self.step = 0
        self._chance = chance
        self._made = 0
        self._names: list[str] = []
        (folder / COUNTER).write_text(counter_text(0))

    def change(self) -> None:
        """Count one step further, and add, edit, delete or rename up to three articles."""
        self.step += 1
        (self.folder / COUNTER).write_text(counter_text(self.step))
        for _ in range(self._chance.randint(0, 3)):
            edit = self._chance.choice([self._add, self._add, self._edit, self._delete, self._rename])
            edit()

    def _add(self) -> None:
        if len(self._names) < 40:
            self._made += 1
            self._names.append(f"made/{self._made}.md")
            self._write(self._names[-1])

    def _edit(self) -> None:
        if self._names:
            self._write(self._chance.choice(self._names))

    def _delete(self) -> None:
        if self._names:
            (self.folder / self._names.pop(self._chance.randrange(len(self._names)))).unlink()

    def _rename(self) -> None:
        if self._names:
            self._made += 1
            place = self._chance.randrange(len(self._names))
            fresh = f"made/{self._made}-renamed.md"
            (self.folder / self._names[place]).rename(self.folder / fresh)
            self._names[place] = fresh

    def _write(self, name: str) -> None:
        topic = self._chance.choice(_TOPICS)
        lines = [
            f"The {topic} was seen {self._chance.randint(2, 99)} times on day {day} of the year, said the port's log."
            for day in range(self._chance.randint(1, 30))
        ]
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"# The {topic} in step {self.step}\n\n" + "\n\n".join(lines) + "\n")
