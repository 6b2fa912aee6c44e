import hashlib
import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ingest import encoders
from ingest.bert_embedder import BertEmbedder, BertFiles, read_bert, sha256_of_file
from ingest.bert_graph import BertGraph, BertShape, quantise_columns, read_safetensors
from ingest.embed import Embedder, bundled_model_folder, load_embedder, model_fingerprint
from ingest.errors import EmbedderError

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "river",
    "flood",
    "town",
    "mayor",
    "bridge",
    "query",
    "text",
    ":",
]
PASSAGES = [
    "The ferry to Aldmoor stops running at the end of October.",
    "Heavy rain closed two of the three bridges over the Sorn on Tuesday; the third carries buses only.",
    "A short one.",
    "",
]


@pytest.fixture(scope="module")
def bundled() -> Embedder:
    return load_embedder()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers model of two narrow layers, with prompts, saved the way the library saves one."""
    folder = tmp_path_factory.mktemp("tiny")
    save_tiny_model(folder, "mean")
    return folder


def save_tiny_model(folder: Path, pooling: str) -> None:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(7)
    (folder / "words").mkdir()
    (folder / "words" / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=24,
        initializer_range=0.4,
    )
    BertModel(config).save_pretrained(folder / "words")
    BertTokenizerFast(vocab=str(folder / "words" / "vocab.txt"), model_max_length=24).save_pretrained(folder / "words")
    transformer = Transformer(str(folder / "words"), max_seq_length=16)
    modules = [transformer, Pooling(32, pooling_mode=pooling), Normalize()]
    prompts = {"query": "query: ", "document": "text: "}
    SentenceTransformer(modules=modules, prompts=prompts).save(str(folder))


def reference(folder: Path, texts: list[str], kind: str) -> np.ndarray:
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)  # waiting for other threads is most of the time on a busy machine
    model = SentenceTransformer(str(folder), device="cpu")
    method = model.encode_query if kind == "question" else model.encode_document
    return np.asarray(method(texts, normalize_embeddings=True, show_progress_bar=False))


@pytest.fixture
def in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """No int8 form is near enough."""
    monkeypatch.setattr(encoders, "_LEAST_COSINE", 2.0)


@pytest.mark.usefixtures("in_float32")
def test_vectors_of_the_bundled_model_are_those_of_sentence_transformers() -> None:
    texts = [*PASSAGES, " ".join(PASSAGES) * 9, "北京 weather ☂ naïve café"]
    expected = reference(bundled_model_folder(), texts, "passage")
    exact = load_embedder()
    assert (exact.dim, exact.path.split(",")[0]) == (384, "ONNX Runtime float32")
    np.testing.assert_allclose(exact.encode_passages(texts), expected, atol=2e-6)
    np.testing.assert_allclose(exact.encode_questions(texts), expected, atol=2e-6)


def test_the_form_of_this_machine_is_near_to_float32(bundled: Embedder) -> None:
    texts = [*PASSAGES[:3], " ".join(PASSAGES) * 9]
    expected = reference(bundled_model_folder(), texts, "passage")
    found = bundled.encode_passages(texts)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert (found * expected).sum(axis=1).min() > 0.98


def test_a_text_has_the_same_vector_whatever_is_encoded_beside_it(bundled: Embedder) -> None:
    texts = [f"{PASSAGES[number % 4]} Report {number} of the harbour office" for number in range(200)]
    alone = np.concatenate([bundled.encode_passages([text]) for text in texts])
    np.testing.assert_array_equal(bundled.encode_passages(texts), alone)
    np.testing.assert_array_equal(bundled.encode_questions(texts), alone)


def test_no_text_gives_no_vector(bundled: Embedder) -> None:
    assert bundled.encode_passages([]).shape == (0, 384)
    assert bundled.encode_questions([]).shape == (0, 384)
    assert bundled.count_many([]) == []


def test_tokens_are_counted_without_the_marks_at_the_ends(bundled: Embedder) -> None:
    assert [bundled.count_tokens(text) for text in ("", "river", "The mayor resigned.")] == [0, 1, 4]
    assert bundled.count_many(["", "river", "The mayor resigned."]) == [0, 1, 4]


def test_a_passage_is_read_up_to_max_tokens_and_no_further(bundled: Embedder) -> None:
    full = "river " * bundled.max_tokens
    assert (bundled.count_tokens(full), bundled.max_tokens) == (254, 254)
    whole, longer, other = bundled.encode_passages([full, full + "volcano", "volcano " + full])
    np.testing.assert_array_equal(whole, longer)
    assert not np.array_equal(whole, other)


def test_a_lone_surrogate_is_read_as_a_question_mark(bundled: Embedder) -> None:
    broken, mended = bundled.encode_questions(["flood \ud83d today", "flood ? today"])
    np.testing.assert_array_equal(broken, mended)


def test_questions_asked_at_once_get_their_own_vectors(bundled: Embedder) -> None:
    questions = [f"What did the council of ward {number} decide?" + " And why?" * (number % 5) for number in range(48)]
    alone = np.concatenate([bundled.encode_questions([question]) for question in questions])
    with ThreadPoolExecutor(16) as threads:
        at_once = np.concatenate(list(threads.map(lambda question: bundled.encode_questions([question]), questions)))
    np.testing.assert_array_equal(alone, at_once)


def test_the_query_path_loads_neither_torch_nor_sentence_transformers() -> None:
    code = (
        "import sys; from ingest.embed import load_embedder; load_embedder().encode_questions(['a river'])\n"
        "print(sorted({'torch', 'transformers', 'sentence_transformers', 'onnxscript'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(bundled_model_folder(), folder)
    with (folder / "model.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x55")
    files = read_bert(folder)
    assert files is not None
    with pytest.raises(EmbedderError, match="are damaged: SHA-256 is"):
        BertEmbedder("copy", files, expected_sha256=sha256_of_file(bundled_model_folder() / "model.safetensors"))


def test_weights_cut_short_are_refused(tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cut"
    shutil.copytree(tiny, folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(EmbedderError, match="cannot be read"):
        load_embedder(str(folder))


@pytest.mark.usefixtures("in_float32")
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_another_bert_is_computed_as_sentence_transformers_computes_it(tmp_path: Path, pooling: str) -> None:
    save_tiny_model(tmp_path, pooling)
    texts = ["flood town", "the mayor : bridge river", "river " * 40, ""]
    embedder = load_embedder(str(tmp_path))
    assert isinstance(embedder, BertEmbedder)
    np.testing.assert_allclose(embedder.encode_passages(texts), reference(tmp_path, texts, "passage"), atol=3e-6)
    np.testing.assert_allclose(embedder.encode_questions(texts), reference(tmp_path, texts, "question"), atol=3e-6)
    assert (embedder.dim, embedder.max_tokens, embedder.name) == (32, 12, str(tmp_path))


def test_a_model_of_another_kind_goes_through_sentence_transformers(tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "relu"
    shutil.copytree(tiny, folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"hidden_act": "relu"}), encoding="utf-8")
    assert read_bert(folder) is None
    embedder = load_embedder(str(folder))
    texts = ["flood town", "mayor"]
    np.testing.assert_allclose(embedder.encode_passages(texts), reference(folder, texts, "passage"), atol=1e-6)
    np.testing.assert_allclose(embedder.encode_questions(texts), reference(folder, texts, "question"), atol=1e-6)
    assert (embedder.dim, embedder.max_tokens, embedder.count_many(["flood : town", ""])) == (32, 12, [3, 0])
    assert embedder.path.startswith("sentence-transformers on ")
    assert embedder.fingerprint == load_embedder(str(folder)).fingerprint


def test_a_model_that_is_nowhere_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match=r"embedding model '.*nowhere' cannot be loaded"):
        load_embedder(str(tmp_path / "nowhere"))


def test_the_fingerprint_follows_what_shapes_a_vector(tiny: Path, tmp_path: Path) -> None:
    first = model_fingerprint(str(tiny))
    assert first == load_embedder(str(tiny)).fingerprint
    assert model_fingerprint() == load_embedder().fingerprint != first
    prints = {first}
    for file, old, new in (
        ("config_sentence_transformers.json", "text: ", "passage: "),
        ("tokenizer_config.json", "16", "12"),
        ("tokenizer.json", "river", "brook"),
    ):
        folder = tmp_path / file
        shutil.copytree(tiny, folder)
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
        prints.add(model_fingerprint(str(folder)))
    assert len(prints) == 4


def test_read_bert_finds_nothing_in_an_empty_folder(tmp_path: Path) -> None:
    assert read_bert(tmp_path) is None


def test_read_bert_of_the_bundled_model() -> None:
    folder = bundled_model_folder()
    assert read_bert(folder) == BertFiles(folder, BertShape(6, 12, 1e-12, "mean"), 384, 256, "", "")


def test_tensors_are_read_as_they_were_written(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    tensors = {"bert.a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array([4, 5], np.float16)}
    save_file(tensors, tmp_path / "some.safetensors", metadata={"format": "pt"})
    found = read_safetensors(tmp_path / "some.safetensors")
    assert {name: value.tolist() for name, value in found.items()} == {"a": [[0, 1, 2], [3, 4, 5]], "b": [4, 5]}


def test_a_column_is_quantised_to_within_half_a_step() -> None:
    weight = np.random.default_rng(3).normal(size=(40, 6)).astype(np.float32) * np.array(
        [1, 9, 0.01, 3, 0, 1], np.float32
    )
    whole, scales = quantise_columns(weight)
    assert np.abs(whole).max(axis=0).tolist() == [127, 127, 127, 127, 0, 127]
    assert (np.abs(whole * scales - weight) <= scales / 2 * 1.001).all()


def test_the_graph_is_a_few_kilobytes() -> None:
    weights = read_safetensors(bundled_model_folder() / "model.safetensors")
    graph, constants = BertGraph(weights, BertShape(6, 12, 1e-12, "mean"), int8=False).build()
    assert len(graph) < 100_000 < sum(value.nbytes for value in constants.values())
    assert (
        hashlib.sha256(graph).digest()
        == hashlib.sha256(BertGraph(weights, BertShape(6, 12, 1e-12, "mean"), int8=False).build()[0]).digest()
    )
