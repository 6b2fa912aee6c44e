import os
import signal
from pathlib import Path

import pytest
import typer

from ingest.command import reindex_command
from ingest.progress import progress_line, progress_on_stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_being_stopped_is_one_line_and_the_status_says_by_what(
    corpus: Path, tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(number)
    monkeypatch.setattr("ingest.build.make_plan", lambda *_, **__: os.kill(os.getpid(), number))
    with pytest.raises(typer.Exit) as stopped:
        reindex_command(corpus=corpus, index_dir=tmp_path / "index")
    assert stopped.value.exit_code == 128 + number
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines()), "kept for the next run" in err) == ("", 1, True)
    assert signal.getsignal(number) is before
    assert [path.name for path in (tmp_path / "index").iterdir()] == ["lock"]


def test_a_dry_run_cannot_be_watched(corpus: Path) -> None:
    with pytest.raises(typer.BadParameter, match="exclude each other"):
        reindex_command(corpus=corpus, watching=True, dry_run=True)


@pytest.mark.parametrize(
    ("done", "seconds", "said"),
    [
        (0, 5.0, "embedding: 0 of 61,000"),
        (1000, 10.0, "embedding: 1,000 of 61,000 (100/s, 10 min 0 s left)"),
        (60_000, 600.0, "embedding: 60,000 of 61,000 (100/s, 10 s left)"),
        (1000, 100.0, "embedding: 1,000 of 61,000 (10/s, 1 h 40 min left)"),
    ],
)
def test_progress_tells_rate_and_time_left(done: int, seconds: float, said: str) -> None:
    assert progress_line("embedding", done, 61_000, seconds) == said


def test_work_that_is_soon_done_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_on_stderr() as progress:
        for done in range(4):
            progress("reading", done, 3)
    assert capsys.readouterr() == ("", "")
