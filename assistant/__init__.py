"""Questions into answers: retrieve, rank, write or extract, cite, verify.

Importing this package imports nothing heavy; each name is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.answer import Answer, Citation, Evidence, Sentence
    from assistant.api import Assistant, aask, ask

__all__ = ["Answer", "Assistant", "Citation", "Evidence", "Sentence", "aask", "ask"]

_HOMES = {
    "answer": ("Answer", "Citation", "Evidence", "Sentence"),
    "api": ("Assistant", "aask", "ask"),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"assistant.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
