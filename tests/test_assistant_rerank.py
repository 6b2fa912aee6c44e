from collections.abc import Sequence
from pathlib import Path

import pytest
from doubles import HashEmbedder

from assistant import Assistant
from assistant.rerank import CrossEncoderReranker, rerank
from ingest.build import reindex
from ingest.errors import SettingsError
from ingest.settings import Settings


class ByLength:
    """Longer passages first."""

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        return [len(passage) / 1000 for passage in passages]


def test_the_rerankers_order_and_scores_are_taken(settings: Settings) -> None:
    reindex(settings, embedder=HashEmbedder())
    with Assistant(settings, embedder=HashEmbedder()) as assistant:
        evidence = assistant.search("harbour").evidence
    found = rerank("harbour", evidence, ByLength(), limit=2)
    longest = sorted(evidence, key=lambda one: -len(one.passage.text))[:2]
    assert [one.passage for one in found] == [one.passage for one in longest]
    assert [one.score for one in found] == [len(one.passage.text) / 1000 for one in longest]
    assert rerank("harbour", (), ByLength(), limit=2) == ()


@pytest.fixture(scope="module")
def tiny_cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder = tmp_path_factory.mktemp("cross-encoder")
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "harbour", "ferry"]))
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=7, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, num_labels=1
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


def test_a_cross_encoder_named_in_the_settings_ranks_the_evidence(settings: Settings, tiny_cross_encoder: Path) -> None:
    reindex(settings, embedder=HashEmbedder())
    wired = settings.model_copy(update={"reranker": str(tiny_cross_encoder)})
    with Assistant(wired, embedder=HashEmbedder()) as assistant:
        found = assistant.search("harbour ferry", limit=3).evidence
        expected = CrossEncoderReranker(str(tiny_cross_encoder)).scores(
            "harbour ferry", [one.passage.text for one in found]
        )
    assert [one.score for one in found] == pytest.approx(expected)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_a_reranker_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere"):
        CrossEncoderReranker(str(tmp_path / "nowhere"))
