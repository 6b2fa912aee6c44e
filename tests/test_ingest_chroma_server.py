"""The vectors of an index on a Chroma server: a real one on loopback, and others that fail in every way they can."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from chroma_run import ChromaRun, scripted
from doubles import HashEmbedder

from assistant.api import Assistant
from assistant.doctor import examine
from ingest.build import reindex
from ingest.chroma_wire import ChromaServer, ChromaWire
from ingest.errors import IndexDamaged, IndexMismatch, SettingsError, VectorStoreError
from ingest.generation import Generation, current_id, open_current, published_ids
from ingest.served import Served
from ingest.server_vectors import ServerVectors
from ingest.settings import Settings, load_settings

Write = Callable[[str, str], Path]
NEW = "# New\n\nSomething new.\n"


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaRun]:
    server = ChromaRun(tmp_path_factory.mktemp("chroma"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def running(chroma: ChromaRun) -> Iterator[ChromaRun]:
    """The server, running and empty whatever the test before did to it."""
    for name in chroma.collections():
        chroma.request("DELETE", f"collections/{name}")
    yield chroma
    if not chroma.answers():
        chroma.start()


@pytest.fixture
def wired(settings: Settings, running: ChromaRun) -> Settings:
    return with_url(settings, running.url)


def with_url(settings: Settings, url: str) -> Settings:
    return Settings(**{**settings.model_dump(), "chroma_url": url})


def opened(settings: Settings) -> Generation:
    return open_current(settings.index_dir, server=settings.chroma_server)


def collection_of(settings: Settings, chroma: ChromaRun) -> str:
    """The name of the served generation's collection."""
    (name,) = [name for name in chroma.collections() if str(current_id(settings.index_dir)) in name]
    return name


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# What is stored, and where


def test_a_server_holds_the_vectors_that_a_folder_would(wired: Settings, running: ChromaRun, tmp_path: Path) -> None:
    reindex(wired, embedder=HashEmbedder())
    here = Settings(corpus=wired.corpus, index_dir=tmp_path / "here")
    reindex(here, embedder=HashEmbedder())
    with closing(opened(wired)) as there, closing(opened(here)) as local:
        assert (there.vectors.server, local.vectors.server) == (running.url, "")
        assert there.vectors.numbers().tolist() == local.vectors.numbers().tolist() == there.columns.numbers.tolist()
        queries = HashEmbedder().encode_questions(["harbour bridge", "library", "ferries in June"])
        found, cosines = there.vectors.nearest_to_each(queries, 3)
        expected, expected_cosines = local.vectors.nearest_to_each(queries, 3)
        assert found.tolist() == expected.tolist()
        assert np.allclose(cosines, expected_cosines, atol=1e-5)
        assert not (there.folder / "chroma").exists()
    assert list(running.collections()) == [collection_of(wired, running)]


def test_an_edit_makes_a_collection_of_its_own_and_two_are_kept(
    wired: Settings, running: ChromaRun, write: Write
) -> None:
    for number in range(4):
        write("new.md", f"# New\n\nNumber {number} of these.\n")
        embedder = HashEmbedder()
        report = reindex(wired, embedder=embedder)
        assert report.embedded == len(embedder.encoded) == (report.passages if number == 0 else 1)
        with closing(opened(wired)) as generation:
            assert generation.vectors.numbers().tolist() == generation.columns.numbers.tolist()
    kept = published_ids(wired.index_dir)
    assert len(kept) == 2
    assert sorted(name.split("-", 1)[1].rsplit("-", 1)[0] for name in running.collections()) == kept
    before = everything_in(wired.index_dir / "generations")
    assert reindex(wired, embedder=HashEmbedder()).generation == kept[-1]
    assert everything_in(wired.index_dir / "generations") == before


def test_two_indexes_share_a_server_and_leave_each_other_alone(
    wired: Settings, running: ChromaRun, write: Write, tmp_path: Path
) -> None:
    other = wired.model_copy(update={"index_dir": tmp_path / "other"})
    reindex(other, embedder=HashEmbedder())
    for number in range(3):
        write("new.md", f"# New\n\nNumber {number} of these.\n")
        reindex(wired, embedder=HashEmbedder())
    with closing(opened(other)) as generation:
        assert generation.manifest.articles == 3
    assert len(running.collections()) == 3


def test_a_copied_index_never_takes_away_what_the_original_serves(
    wired: Settings, running: ChromaRun, write: Write, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reindex(wired, embedder=HashEmbedder())
    copy = wired.model_copy(update={"index_dir": tmp_path / "copy"})
    subprocess.run(["cp", "-r", str(wired.index_dir), str(copy.index_dir)], check=True)
    for number in range(3):
        write("new.md", f"# New\n\nNumber {number} of these.\n")
        reindex(copy, embedder=HashEmbedder())
    assert "was made by the index" in caplog.text
    opened(wired).close()


def test_an_empty_index_is_one_too(wired: Settings, running: ChromaRun, corpus: Path) -> None:
    for path in corpus.rglob("*.*"):
        path.unlink()
    assert reindex(wired, rebuild=True, embedder=HashEmbedder()).articles == 0
    with closing(opened(wired)) as generation:
        assert generation.vectors.nearest(np.ones(64, np.float32), 3)[0].tolist() == []


def test_many_vectors_and_long_ones_are_stored_in_several_requests(
    running: ChromaRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.server_vectors._STORED_BYTES", 100_000)
    monkeypatch.setattr("ingest.server_vectors._SOUGHT_AT_ONCE", 7)
    numbers = np.arange(100, 160)
    vectors = np.random.default_rng(0).normal(size=(60, 2048)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with closing(ServerVectors(ChromaServer.of(running.url), "footnote-long", create=True)) as stored:
        stored.add(numbers, vectors)
        assert (stored.count(), stored.numbers().tolist()) == (60, numbers.tolist())
        found, cosines = stored.nearest_to_each(vectors, 2)
        assert found[:, 0].tolist() == numbers.tolist()
        assert np.allclose(cosines[:, 0], 1, atol=1e-5)
        stored.remove(np.array([100, 159, 7]))
        assert stored.numbers().tolist() == list(range(101, 159))
        stored.add(numbers[:1], vectors[:1])
        assert stored.nearest(vectors[0], 1)[0].tolist() == [100]


def test_questions_from_several_threads(wired: Settings) -> None:
    reindex(wired, embedder=HashEmbedder())
    with closing(opened(wired)) as generation, ThreadPoolExecutor(8) as threads:
        numbers, rows = generation.columns.numbers, generation.rows.take(np.arange(len(generation.rows)))
        found = threads.map(lambda turn: generation.vectors.nearest(rows[turn % len(rows)], 1)[0].tolist(), range(80))
        assert list(found) == [[numbers[turn % len(rows)]] for turn in range(80)]


# Moving


def test_changing_the_place_makes_a_new_generation_there(
    settings: Settings, wired: Settings, running: ChromaRun
) -> None:
    first = reindex(settings, embedder=HashEmbedder())
    with closing(opened(wired)) as generation:
        assert generation.vectors.server == ""  # whole, and served until it is moved
    moved = reindex(wired, embedder=HashEmbedder())
    assert (moved.generation != first.generation, moved.embedded) == (True, 0)
    with closing(opened(wired)) as generation:
        assert generation.vectors.server == running.url
    with pytest.raises(IndexMismatch, match="set FOOTNOTE_CHROMA_URL, or run `footnote reindex`"):
        opened(settings)
    back = reindex(settings, embedder=HashEmbedder())
    assert back.embedded == 0
    with closing(opened(settings)) as generation:
        assert (generation.vectors.server, generation.manifest.articles) == ("", 3)


def test_a_collection_left_on_a_server_that_is_not_named_any_more_is_told(
    settings: Settings, wired: Settings, running: ChromaRun, write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    reindex(wired, embedder=HashEmbedder())
    name = collection_of(wired, running)
    for number in range(2):
        write("new.md", f"# New\n\nNumber {number} of these.\n")
        reindex(settings, embedder=HashEmbedder())
    assert f"collection {name!r} stays on the Chroma server at {running.url!r}" in caplog.text


def test_another_server_without_the_vectors_is_no_empty_index(wired: Settings, tmp_path: Path) -> None:
    reindex(wired, embedder=HashEmbedder())
    other = ChromaRun(tmp_path / "other")
    other.start()
    try:
        elsewhere = with_url(wired, other.url)
        with pytest.raises(IndexMismatch, match=f"settings name '{other.url}', where they are not"):
            opened(elsewhere)
        assert reindex(elsewhere, embedder=HashEmbedder()).embedded == 0
        with closing(opened(elsewhere)) as generation:
            assert (generation.vectors.server, generation.manifest.articles) == (other.url, 3)
    finally:
        other.kill()


def test_the_same_server_under_another_address_serves_on(wired: Settings, running: ChromaRun) -> None:
    first = reindex(wired, embedder=HashEmbedder())
    renamed = with_url(wired, f"http://localhost:{running.port}")
    opened(renamed).close()
    assert reindex(renamed, embedder=HashEmbedder()).generation == first.generation


# Damage on the server


def lose(chroma: ChromaRun, name: str) -> None:
    chroma.request("DELETE", f"collections/{name}")


def lose_one(chroma: ChromaRun, name: str) -> None:
    path = f"collections/{chroma.collections()[name]}"
    (first, *_) = chroma.request("POST", f"{path}/get", {"include": []}).json()["ids"]
    chroma.request("POST", f"{path}/delete", {"ids": [first]})


@pytest.mark.parametrize("harm", [lose, lose_one])
def test_a_damaged_collection_falls_back_and_a_reindex_heals(
    wired: Settings,
    running: ChromaRun,
    write: Write,
    harm: Callable[[ChromaRun, str], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    older = reindex(wired, embedder=HashEmbedder()).generation
    write("new.md", NEW)
    newer = reindex(wired, embedder=HashEmbedder()).generation
    harm(running, collection_of(wired, running))
    with closing(opened(wired)) as generation:
        assert generation.id == older
    assert "footnote reindex" in caplog.text
    healed = reindex(wired, embedder=HashEmbedder())
    assert (healed.articles, healed.generation not in (older, newer)) == (4, True)
    with closing(opened(wired)) as generation:
        assert generation.id == healed.generation


def test_the_only_generation_lost_is_one_clear_line(wired: Settings, running: ChromaRun) -> None:
    reindex(wired, embedder=HashEmbedder())
    name = collection_of(wired, running)
    lose(running, name)
    with pytest.raises(IndexDamaged, match=f"collection '{name}' is missing.*; run `footnote reindex --rebuild`"):
        opened(wired)
    assert reindex(wired, embedder=HashEmbedder()).articles == 3
    opened(wired).close()


# The server goes down


def test_a_server_that_is_down_changes_nothing(wired: Settings, running: ChromaRun, write: Write) -> None:
    reindex(wired, embedder=HashEmbedder())
    before = everything_in(wired.index_dir / "generations")
    write("new.md", NEW)
    running.kill()
    for rebuild in (False, True):
        with pytest.raises(VectorStoreError, match=r"cannot be reached.*; start it, or mend FOOTNOTE_CHROMA_URL"):
            reindex(wired, rebuild=rebuild, embedder=HashEmbedder())
    assert everything_in(wired.index_dir / "generations") == before
    running.start()
    assert reindex(wired, embedder=HashEmbedder()).articles == 4
    assert len(running.collections()) == 2


def test_a_running_process_goes_on_when_the_server_is_back(
    wired: Settings, running: ChromaRun, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.generation._FEW", 0)  # a corpus this small asks the server only when it has to
    reindex(wired, embedder=HashEmbedder())
    with Assistant(wired, embedder=HashEmbedder()) as assistant:
        assert assistant.search("harbour bridge").evidence
        running.kill()
        with pytest.raises(VectorStoreError, match="cannot be reached"):
            assistant.search("harbour bridge")
        running.start()
        assert assistant.search("harbour bridge").evidence
        write("new.md", "# Quay\n\nA quay was built.\n")
        reindex(wired, embedder=HashEmbedder())
        assert assistant.search("quay").evidence[0].article.id == "new.md"


def test_a_reader_keeps_its_generation_while_the_next_cannot_be_opened(
    wired: Settings,
    running: ChromaRun,
    write: Write,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ingest.served._RETRY_SECONDS", 0)
    first = reindex(wired, embedder=HashEmbedder()).generation
    with Served(wired.index_dir, server=wired.chroma_server) as served:
        write("new.md", NEW)
        second = reindex(wired, embedder=HashEmbedder()).generation
        running.kill()
        with served.using() as generation:
            assert generation.id == first
        assert "cannot be reached" in caplog.text
        running.start()
        with served.using() as generation:
            assert generation.id == second


class KillsServer(HashEmbedder):
    """An embedder in whose first work the server dies."""

    def __init__(self, server: ChromaRun) -> None:
        super().__init__()
        self.server = server

    def encode_passages(self, texts):  # type: ignore[no-untyped-def]
        self.server.kill()
        return super().encode_passages(texts)


def test_a_server_killed_in_mid_build_leaves_the_served_index_and_its_debris_is_swept(
    wired: Settings, running: ChromaRun, write: Write
) -> None:
    served = reindex(wired, embedder=HashEmbedder()).generation
    write("new.md", NEW)
    with pytest.raises(VectorStoreError, match="nothing was lost"):
        reindex(wired, embedder=KillsServer(running))
    assert current_id(wired.index_dir) == served
    running.start()
    assert len(running.collections()) == 2  # the half-built one could not be taken away
    with closing(opened(wired)) as generation:
        assert generation.id == served
    embedder = HashEmbedder()
    report = reindex(wired, embedder=embedder)
    assert (report.articles, embedder.encoded) == (4, [])  # the vectors already made were kept
    ids = published_ids(wired.index_dir)
    assert sorted(name.split("-", 1)[1].rsplit("-", 1)[0] for name in running.collections()) == ids
    assert sorted(path.name for path in (wired.index_dir / "generations").iterdir()) == ids


KILLED = """
import os, signal, sys
from pathlib import Path
from doubles import HashEmbedder
from ingest.build import reindex
from ingest.settings import Settings

class Killed(HashEmbedder):
    def encode_passages(self, texts):
        os.kill(os.getpid(), signal.SIGKILL)

corpus, index_dir, url = sys.argv[1:]
reindex(Settings(corpus=Path(corpus), index_dir=Path(index_dir), chroma_url=url), embedder=Killed())
"""


def test_a_reindex_killed_in_mid_build_leaves_no_collection_for_long(
    wired: Settings, running: ChromaRun, write: Write
) -> None:
    served = reindex(wired, embedder=HashEmbedder()).generation
    write("new.md", NEW)
    command = [sys.executable, "-c", KILLED, str(wired.corpus), str(wired.index_dir), running.url]
    path = os.pathsep.join(sys.path)
    ended = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=False, timeout=120)
    assert ended.returncode == -signal.SIGKILL
    assert len(running.collections()) == 2
    with closing(opened(wired)) as generation:
        assert generation.id == served
    report = reindex(wired, embedder=HashEmbedder())
    assert (report.articles, len(running.collections())) == (4, 2)
    assert published_ids(wired.index_dir) == [served, report.generation]


def test_the_command_says_one_line_and_ends_with_1(wired: Settings, running: ChromaRun) -> None:
    reindex(wired, embedder=HashEmbedder())
    running.kill()
    ended = subprocess.run(
        [sys.executable, "-m", "ingest", "--corpus", str(wired.corpus), "--index-dir", str(wired.index_dir)],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "FOOTNOTE_CHROMA_URL": running.url.replace("//", "//ida:secret@"),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
    assert ended.stderr.startswith(f"footnote: Chroma server at '{running.url}' cannot be reached")


# A server that is none, or hangs

REPLIES = {
    "a web page": (200, b"<html>Welcome</html>", "status 200"),
    "a page not found": (404, b"<html>404</html>", "status 404"),
    "an error without words": (500, b"", "status 500"),
    "an error of its own": (500, b'{"error": "InternalError", "message": "disk\\nfull"}', "disk full"),
    "a document of another kind": (200, b'{"status": "green"}', "does not answer as a Chroma server"),
    "a list": (200, b"[]", "does not answer as a Chroma server"),
    "nothing": (200, b"", "does not answer as a Chroma server"),
    "no entry": (401, b"who are you?", "refuses the login"),
    "another place": (302, b"", "status 302"),
}


@pytest.mark.parametrize("reply", REPLIES)
def test_nonsense_is_one_clear_line(settings: Settings, reply: str) -> None:
    status, body, expected = REPLIES[reply]
    with scripted(status, body) as server:
        wired = with_url(settings, server.url)
        with pytest.raises(VectorStoreError, match=expected) as caught:
            reindex(wired, embedder=HashEmbedder())
        with pytest.raises(VectorStoreError):
            ServerVectors(ChromaServer.of(server.url), "footnote-any")
    assert "\n" not in str(caught.value)
    assert server.url in str(caught.value)
    assert current_id(settings.index_dir) is None


def test_a_reply_that_is_cut_short(settings: Settings) -> None:
    with scripted(200, b'{"id"', {"Content-Length": "500"}) as server, pytest.raises(VectorStoreError):
        ServerVectors(ChromaServer.of(server.url), "footnote-any")


def test_a_server_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.chroma_wire.READ_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes connections, and never answers
        server = ChromaServer.of(f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(VectorStoreError, match=r"did not answer within 0\.2 s"):
            ServerVectors(server, "footnote-any")


# Secrets, and the setting


def test_the_login_is_sent_and_never_shown(settings: Settings) -> None:
    with scripted(401, b"") as server:
        wired = with_url(settings, server.url.replace("//", "//ida:p%40ss@"))
        with pytest.raises(VectorStoreError) as caught:
            reindex(wired, embedder=HashEmbedder())
        assert server.seen[0]["Authorization"] == "Basic aWRhOnBAc3M="
    assert wired.chroma_server
    shown = f"{caught.value} {wired!r} {wired.chroma_server!r} {wired.model_dump_json()}"
    assert "p%40ss" not in shown
    assert "p@ss" not in shown
    with ChromaWire(wired.chroma_server) as wire:
        assert "p@ss" not in repr(vars(wire))


def test_the_login_is_not_written_to_the_index(wired: Settings, running: ChromaRun) -> None:
    reindex(with_url(wired, running.url.replace("//", "//ida:secret@")), embedder=HashEmbedder())
    assert not [path for path, held in everything_in(wired.index_dir).items() if b"secret" in held]
    opened(wired).close()


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8000",
        "ftp://ida:secret@host",
        "http://",
        "http://ida:secret@host:99999",
        "http://ida:secret@host:port",
        "http://ida:secret@host/?x=1",
        "http://ida:secret@ho st:8000",
        "http://ida:secret@[::1:8000",
    ],
)
def test_a_wrong_address_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(SettingsError, match=r"'chroma_url': expected an address.*FOOTNOTE_CHROMA_URL") as caught:
        load_settings(chroma_url=url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://localhost:8000", "http://localhost:8000"),
        (" https://ida:secret@Chroma.example/behind/ ", "https://chroma.example/behind"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("http://ida@host", "http://host"),
    ],
)
def test_addresses(url: str, address: str) -> None:
    server = load_settings(chroma_url=url).chroma_server
    assert server
    assert server.address == address


def test_no_address_is_no_server() -> None:
    assert load_settings().chroma_server is load_settings(chroma_url=" ").chroma_server is None


# The doctor


@pytest.fixture
def _stand_in_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.doctor.load_embedder", lambda name: HashEmbedder())
    monkeypatch.setattr("assistant.doctor.model_fingerprint", lambda name: HashEmbedder().fingerprint)


@pytest.mark.usefixtures("_stand_in_model")
def test_the_doctor_names_the_server_and_its_state(settings: Settings, wired: Settings, running: ChromaRun) -> None:
    def checked(state: str) -> str:
        checks = {check.name: check for check in examine(wired, deep=True)}
        assert checks["Chroma server"].state == state
        assert running.url in checks["Chroma server"].found
        return f"{checks['index'].state}; {checks['Chroma server'].found}; {checks['Chroma server'].mend}"

    assert checked("ok").startswith("failed")  # nothing is indexed yet
    reindex(settings, embedder=HashEmbedder())
    assert checked("warning").endswith("the vectors are in the index folder; run `footnote reindex` to move them")
    reindex(wired, rebuild=True, embedder=HashEmbedder())
    assert checked("ok").startswith("ok")
    running.kill()
    assert checked("failed").endswith("start it, or mend FOOTNOTE_CHROMA_URL (nothing was lost)")
    assert next(examine(wired)).found.endswith("not compared with the index, which cannot be opened")
