"""A full disk at many sizes, a folder nobody may write to, ten writers at once: the served index stays whole."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from torture import corpus_articles, debris, faults, rounds, served_faults
from victims import build_words, command, forking, reindex_in, reindex_slowly

from ingest.generation import current_id, open_current
from ingest.settings import Settings

SIZES = rounds(short=5, long=60)
PATIENCE_SECONDS = 120.0
NOBODY = 65534

pytestmark = pytest.mark.torture


@pytest.fixture(scope="module")
def context() -> Iterator[ForkServerContext]:
    with forking() as made:
        yield made


def run(context: ForkServerContext, settings: Settings, *arguments: str, **options: int | None) -> tuple[int, str, str]:
    """Exit status and the two streams of a command."""
    ours, theirs = context.Pipe(duplex=False)
    places = ["--corpus", str(settings.corpus), "--index-dir", str(settings.index_dir)]
    process = context.Process(target=command, args=([*arguments, *places], theirs), kwargs=options)
    process.start()
    theirs.close()
    try:
        out, err = ours.recv() if ours.poll(PATIENCE_SECONDS) else ("", "no end in sight")
    except EOFError:
        out, err = "", "died without a word"
    process.join(PATIENCE_SECONDS)
    ours.close()
    assert process.exitcode is not None
    return process.exitcode, out, err


def index(settings: Settings, context: ForkServerContext) -> None:
    process = context.Process(target=reindex_in, args=(settings,))
    process.start()
    process.join(PATIENCE_SECONDS)
    assert process.exitcode == 0


def add_article(corpus: Path) -> None:
    days = "\n\n".join(f"On day {day} the crane lifted {day * 7} crates from the north quay." for day in range(200))
    (corpus / "crane.md").write_text(f"# The crane of the north quay\n\n{days}\n")


def check_refused_cleanly(settings: Settings, before: str | None, status: int, err: str) -> None:
    """One clear line, and the index served is the one before, whole."""
    assert status == 1, err
    assert (err.count("\n"), err.startswith("footnote: "), "Traceback" in err) == (1, True, False), err
    assert "rebuild" not in err, err  # nothing is wrong with the index
    assert current_id(settings.index_dir) == before
    articles = {name: each for name, each in corpus_articles(settings.corpus).items() if name != "crane.md"}
    with closing(open_current(settings.index_dir)) as generation:
        assert generation.id == before
        assert faults(generation, articles) == []


def check_mended(settings: Settings, context: ForkServerContext) -> None:
    """Once there is room again, a run ends well and takes away what was left over."""
    assert run(context, settings, "reindex")[0] == 0
    assert served_faults(settings) == []
    assert debris(settings.index_dir) == []


def sizes_up_to(most: int) -> list[int]:
    return [most * number // SIZES for number in range(SIZES)]


def test_a_limit_on_the_size_of_files(settings: Settings, context: ForkServerContext) -> None:
    index(settings, context)
    before = current_id(settings.index_dir)
    add_article(settings.corpus)
    refused = 0
    for size in sizes_up_to(260_000):
        work = settings.model_copy(update={"index_dir": settings.index_dir.with_name("work")})
        shutil.copytree(settings.index_dir, work.index_dir)
        status, _, err = run(context, work, "reindex", limit_bytes=size)
        if status == 0:
            assert served_faults(work) == []
        else:
            refused += 1
            check_refused_cleanly(work, before, status, err)
        check_mended(work, context)
        shutil.rmtree(work.index_dir)
    assert refused >= SIZES // 2


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[None]:
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk is not allowed here; the limit on the size of files is tested instead")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, *, leaving: int) -> Path:
    """A file that takes all the room of a disk but so many bytes."""
    filler = folder / "filler"
    with filler.open("wb") as file:
        room = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
        file.write(bytes(max(0, room - leaving)))
    return filler


@pytest.mark.skipif(not shutil.which("mount"), reason="there is no mount command")
def test_a_full_disk(
    settings: Settings, context: ForkServerContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = 0
    with small_disk(tmp_path / "disk", 8_000):
        on_disk = settings.model_copy(update={"index_dir": tmp_path / "disk" / "index"})
        index(on_disk, context)
        pristine = shutil.copytree(on_disk.index_dir, tmp_path / "pristine")
        before = current_id(on_disk.index_dir)
        add_article(settings.corpus)
        for size in sizes_up_to(600_000):
            filler = fill(tmp_path / "disk", leaving=size)
            status, _, err = run(context, on_disk, "reindex")
            if status == 0:
                assert served_faults(on_disk) == []
            else:
                refused += 1
                check_refused_cleanly(on_disk, before, status, err)
                asked, answer, err = run(context, on_disk, "ask", "How much did the harbour bridge cost?")
                assert (asked, "40 million" in answer) == (0, True), err
            filler.unlink()
            check_mended(on_disk, context)
            shutil.rmtree(on_disk.index_dir)
            shutil.copytree(pristine, on_disk.index_dir)
    assert refused >= SIZES // 2


@pytest.mark.skipif(not shutil.which("mount"), reason="there is no mount command")
def test_a_word_index_that_finds_no_room_is_an_error_and_not_the_end_of_the_process(
    context: ForkServerContext, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", 400):
        process = context.Process(target=build_words, args=(tmp_path / "disk" / "words",))
        process.start()
        process.join(PATIENCE_SECONDS)
        assert process.exitcode == 0


@contextmanager
def read_only(folder: Path) -> Iterator[int | None]:
    """Nobody may write to the folder; yields the user to try it as, None for the present one."""
    modes = {path: path.stat().st_mode for path in [folder, *folder.rglob("*")]}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    bind = ["mount", "--bind", str(folder), str(folder)]
    mounted = not os.getuid() and not subprocess.run(bind, capture_output=True, check=False).returncode
    try:
        if mounted:  # to root, permissions say nothing
            subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        yield NOBODY if not (os.getuid() or mounted) else None
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
        for path, mode in modes.items():
            path.chmod(mode)


def test_a_folder_that_cannot_be_written_to(settings: Settings, context: ForkServerContext) -> None:
    with tempfile.TemporaryDirectory(prefix="footnote-read-only-") as root:
        Path(root).chmod(0o755)
        shutil.copytree(settings.corpus, Path(root) / "corpus")
        placed = settings.model_copy(update={"corpus": Path(root) / "corpus", "index_dir": Path(root) / "index"})
        index(placed, context)
        before = current_id(placed.index_dir)
        with read_only(placed.index_dir) as uid:
            status, answer, err = run(context, placed, "ask", "How much did the harbour bridge cost?", uid=uid)
            assert (status, "40 million" in answer) == (0, True), err
            assert run(context, placed, "doctor", uid=uid)[0] == 0
            add_article(placed.corpus)
            status, _, err = run(context, placed, "reindex", uid=uid)
            check_refused_cleanly(placed, before, status, err)
            assert "--index-dir" in err
        check_mended(placed, context)


def test_ten_reindexes_at_once(settings: Settings, context: ForkServerContext) -> None:
    index(settings, context)
    add_article(settings.corpus)
    for _ in range(rounds(short=1, long=20)):
        begun, go_on = context.Event(), context.Event()
        ours, theirs = context.Pipe(duplex=False)
        writers = []
        for _ in range(10):
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=reindex_slowly, args=(settings, begun, go_on, theirs))
            writers.append((process, ours))
            process.start()
            theirs.close()
        refused = [pipe for _, pipe in writers]
        told = []
        while len(told) < 9:
            (pipe, *_) = [each for each in refused if each.poll(0.01)] or [None]
            if pipe:
                told.append(pipe.recv())
                refused.remove(pipe)
        assert begun.wait(PATIENCE_SECONDS)
        go_on.set()
        holder, error, _ = refused[0].recv()
        assert error == ""
        for _, line, seconds in told:
            assert f"process {holder} " in line
            assert seconds < 2.0
        for process, pipe in writers:
            process.join(PATIENCE_SECONDS)
            pipe.close()
        assert served_faults(settings) == []
        (settings.corpus / "crane.md").write_text(f"# Crane\n\nIt was process {holder} that wrote of the crane.\n")
