"""Screenshots of every screen, wide and phone, light and dark, of the real product over a corpus folder.

    python bench/screenshots.py OUT [--corpus corpus] [--index-dir .footnote]

The index must exist. Questions come from the first screen itself, so any corpus will do; --question sets the one shown.
"""

import argparse
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from browser import Watched, chromium, served  # noqa: E402

from assistant.api import Assistant  # noqa: E402
from assistant.ui.server import make_app  # noqa: E402
from ingest.settings import Settings, load_settings  # noqa: E402

SIZES = {"wide": (1440, 900), "medium": (1000, 800), "phone": (390, 844)}
SCHEMES = ("light", "dark")
PATIENCE_MS = 60_000
SETTLED_SECONDS = 0.6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--index-dir", type=Path)
    parser.add_argument("--question", default="")
    given = parser.parse_args()
    settings = load_settings(corpus=given.corpus, index_dir=given.index_dir)
    given.out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as copy:  # the reader's own conversations are neither shown nor added to
        theirs = shutil.ignore_patterns("conversations.sqlite3*")
        shutil.copytree(settings.index_dir, Path(copy) / "index", ignore=theirs)
        tour(settings.model_copy(update={"index_dir": Path(copy) / "index"}), given.question, given.out)


def tour(settings: Settings, question: str, out: Path) -> None:
    """Every screen in every size and scheme."""
    assistant = Assistant(settings)
    with served(make_app(lambda: assistant, settings=settings)) as address, chromium() as browser:
        for size, (width, height) in SIZES.items():
            for scheme in SCHEMES:
                context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
                context.set_default_timeout(PATIENCE_MS)
                tab = Watched(context.new_page(), address)
                shoot(tab, question, lambda name, s=size, c=scheme: out / f"{name}-{s}-{c}.png")
                context.close()


def shoot(tab: Watched, question: str, path_of: Callable[[str], Path]) -> None:
    """One tour: first screen, answer, footnote, article, nothing found, corpus, reader."""
    page = tab.open()
    page.wait_for_selector(".fn-asks")
    save(page, path_of("1-first-screen"))
    tab.ask(question or page.inner_text(".fn-asks .fn-ask >> nth=0"))
    save(page, path_of("2-answer"))
    page.locator("#fn-live .fn-chip").first.focus()
    save(page, path_of("3-footnote"))
    page.locator("#fn-live .fn-chip").first.click()
    page.wait_for_selector("mark.is-here")
    save(page, path_of("4-article"))
    page.keyboard.press("Escape")
    tab.ask("Who won the village chess final in Lower Wexcombe?")
    save(page, path_of("5-nothing-found"))
    page = tab.open("/corpus")
    save(page, path_of("6-corpus"))
    page.locator(".fn-link").first.click()
    page.wait_for_selector(".fn-article-text")
    save(page, path_of("7-reader"))


def save(page: Any, path: Path) -> None:
    time.sleep(SETTLED_SECONDS)
    page.screenshot(path=path)


if __name__ == "__main__":
    main()
