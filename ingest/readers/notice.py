"""What a reader has to say about a file or record besides its article.

Place in the flow: reader -> **Notice** -> the report of a re-index.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Notice:
    """A file or record that gave no article, or not the one it asked for.

    id: the id the article has, or would have had. reason: one line, without the path.
    outcome: ``failed`` (it should have been an article), ``skipped`` (it is none, or lies outside the corpus) or
        ``renamed`` (its article follows, under another id than its own).
    """

    id: str
    reason: str
    outcome: Literal["failed", "skipped", "renamed"] = "failed"
