"""How fast the encoder is on this machine: each of its forms beside sentence-transformers, in turns in the same run.

    python -m bench.encoder_speed CORPUS.jsonl [--passages 512] [--rounds 5]

CORPUS.jsonl holds an object with ``text`` a line (the BEIR form). Printed for each form: tokens a second (the median
of the rounds), the ratio to sentence-transformers in float32, the smallest cosine to it, and the share of what the
machine's measured matrix-product rate would allow, in the number form of that encoder and in the fastest one of
float32 and bfloat16. One token costs two operations a weight of the linear maps and four a token it attends to.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.bert_embedder import BertFiles, read_bert
from ingest.bert_graph import read_safetensors
from ingest.embed import bundled_model_folder, load_embedder
from ingest.encoders import BertEncoder

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Form:
    """One way to encode. number: the number form of its matrix products."""

    name: str
    number: str
    encode: Callable[[Sequence[str]], Vectors]


def read_passages(path: Path, wanted: int) -> list[str]:
    """Pieces of 40 to 200 words of the corpus' texts, in its order."""
    rng = np.random.default_rng(0)
    passages: list[str] = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            words = json.loads(line)["text"].split()
            while words and len(passages) < wanted:
                size = int(rng.integers(40, 200))
                passages.append(" ".join(words[:size]))
                words = words[size:]
    return passages


def matrix_rates() -> dict[str, float]:
    """Operations a second of the best of many matrix products of the encoder's shapes, by number form."""
    import torch

    rates: dict[str, float] = {}
    for name in ("float32", "bfloat16", "int8"):
        kind = getattr(torch, name)
        left, right = (torch.randint(-9, 9, (1536, 1536)).to(kind) for _ in range(2))
        product: Callable[[Any, Any], Any] = torch._int_mm if name == "int8" else torch.matmul
        seconds = min(_seconds(lambda a=left, b=right, p=product: p(a, b)) for _ in range(25))
        rates[name] = 2 * 1536**3 / seconds
    return rates


def operations(files: BertFiles, lengths: Sequence[int]) -> float:
    """Operations that texts of these token counts need in the matrix products of the encoder."""
    weights = read_safetensors(files.weights)
    linear = sum(value.size for name, value in weights.items() if name.startswith("encoder") and value.ndim == 2)
    width = weights["embeddings.LayerNorm.weight"].size
    return float(sum(2 * linear * length + 4 * files.shape.layers * width * length**2 for length in lengths))


def forms(files: BertFiles) -> list[Form]:
    """Sentence-transformers as it comes and in bfloat16; ours in the form chosen for this machine."""
    import torch
    from sentence_transformers import SentenceTransformer

    def transformer(kind: Any) -> Callable[[Sequence[str]], Vectors]:
        model = SentenceTransformer(str(files.folder), device="cpu", model_kwargs={"dtype": kind})
        return lambda texts: (
            model.encode(list(texts), batch_size=8, show_progress_bar=False, convert_to_tensor=True).float().numpy()
        )

    embedder: Any = load_embedder()
    encoder = BertEncoder(read_safetensors(files.weights), files.shape)

    def ours(texts: Sequence[str]) -> Vectors:
        return encoder.encode(embedder.token_ids(texts), embedder.dim)

    return [
        Form("sentence-transformers float32", "float32", transformer(torch.float32)),
        Form("sentence-transformers bfloat16", "bfloat16", transformer(torch.bfloat16)),
        Form(f"footnote: {encoder.precision}", encoder.precision, ours),
    ]


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--passages", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    files = read_bert(bundled_model_folder())
    assert files is not None
    passages = read_passages(options.corpus, options.passages)
    embedder: Any = load_embedder()
    lengths = [len(ids) for ids in embedder.token_ids(passages)]
    needed = operations(files, lengths)
    rates = matrix_rates()
    for number, rate in rates.items():
        allowed = sum(lengths) * rate / needed
        print(f"matrix products in {number}: {rate / 1e9:,.0f} GFLOP/s, which allow {allowed:,.0f} tokens/s")
    contenders = forms(files)
    vectors = {form.name: form.encode(passages) for form in contenders}
    seconds: dict[str, list[float]] = {form.name: [] for form in contenders}
    for _ in range(options.rounds):
        for form in contenders:
            seconds[form.name].append(_seconds(lambda form=form: form.encode(passages)))
    first = contenders[0].name
    starter = statistics.median(seconds[first])
    best = max(rates["float32"], rates["bfloat16"])
    print(f"{'form':32}{'tokens/s':>10}{'ratio':>7}{'cosine':>8}{'own rate':>10}{'float rate':>11}")
    for form in contenders:
        taken = statistics.median(seconds[form.name])
        cosine = float((vectors[form.name] * vectors[first]).sum(axis=1).min())
        shares = f"{needed / taken / rates[form.number]:10.0%}{needed / taken / best:11.0%}"
        print(f"{form.name:32}{sum(lengths) / taken:10,.0f}{starter / taken:7.2f}{cosine:8.4f}{shares}")


if __name__ == "__main__":
    main()
