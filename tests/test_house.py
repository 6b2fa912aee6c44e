"""The shape of the house, held against the code: which way imports run, and who may touch which library."""

import ast
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted([*ROOT.glob("ingest/**/*.py"), *ROOT.glob("assistant/**/*.py"), ROOT / "app.py"])


def imports_of(path: Path) -> set[str]:
    """Every module that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def importers_of(package: str) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if any(name == package or name.startswith(f"{package}.") for name in imports_of(path))
    }


def test_imports_run_one_way() -> None:
    assert {path for path in importers_of("assistant") if path.startswith("ingest/")} == set()
    assert {path for path in importers_of("app") if path != "app.py"} == set()
    faces = ("assistant.ui", "assistant.cli")
    inner = {path for face in faces for path in importers_of(face) if not path.startswith("assistant/ui/")}
    assert inner == {"app.py", "assistant/cli.py"}


def test_each_library_has_one_door() -> None:
    assert importers_of("chromadb") == {"ingest/vectors.py"}
    assert {path.rsplit("/", 1)[0] for path in importers_of("gradio")} == {"assistant/ui"}
    assert importers_of("openai") | importers_of("httpx") <= {
        "assistant/openai_chat.py",
        "assistant/wire.py",
        "ingest/chroma_wire.py",
        "ingest/fetch.py",
    }
    assert importers_of("httpcore") == {"ingest/fetch.py", "ingest/pinned.py", "ingest/reply.py"}


@pytest.mark.parametrize("package", ["ingest", "assistant"])
def test_what_a_package_hands_out_is_there_and_hides_no_module(package: str) -> None:
    module = importlib.import_module(package)
    submodules = {path.stem for path in (ROOT / package).glob("*.py")} | {
        path.name for path in (ROOT / package).iterdir() if path.is_dir()
    }
    assert sorted(module.__all__) == module.__all__
    for name in module.__all__:
        assert getattr(module, name) is not None
        assert name not in submodules


def test_every_command_is_in_the_readme() -> None:
    from assistant.cli import app

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = [command.name or command.callback.__name__ for command in app.registered_commands]
    assert [name for name in names if f"footnote {name}" not in readme] == []


def test_every_setting_is_in_the_readme() -> None:
    from ingest.settings import Settings

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"`{name}`" not in readme] == []
