"""`sheetgpt train` with PyTorch, end to end on a tiny setting; skipped where that is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sheetgpt as sg
from sheetgpt.checkpoint import load
from sheetgpt.commands.train import Trained, train
from sheetgpt.errors import SheetgptError
from sheetgpt.reference import forward

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install 'sheetgpt[train]'")
transformers = pytest.importorskip(
    "transformers", reason="needs transformers: pip install 'sheetgpt[train]'"
)

SENTENCES = [
    f"{name} is {how}. {who} moves {how}ly."
    for name, who in (("Anna", "She"), ("Ben", "He"), ("Clara", "She"), ("David", "He"))
    for how in ("quick", "slow", "calm", "loud", "proud", "glad", "nice", "sad", "brave", "bold")
]
SIZES: dict[str, Any] = {
    **{"layers": 2, "heads": 2, "width": 16, "vocab": 300, "tokens": 16},
    **{"steps": 60, "threads": 1},
}


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("text") / "sentences.txt"
    path.write_text("\n".join(SENTENCES), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(text: Path) -> Trained:
    return train([text], text.parent / "own", **SIZES)


def test_the_loss_falls(trained: Trained) -> None:
    first, *_, last = trained.measured.course.reports
    assert last.loss < first.loss - 1
    assert last.held_out < first.held_out - 1


def test_transformers_and_tokenizers_read_the_folder(trained: Trained) -> None:
    model = load(trained.path)
    theirs = transformers.GPT2LMHeadModel.from_pretrained(trained.path).double().eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(trained.path)
    for words in (*SENTENCES[:3], " Mike\n\tdon't  \U0001f600 né"):
        ids = model.vocabulary.encode(words)[:16]
        assert tokenizer.encode(words)[:16] == ids
        with torch.no_grad():
            logits = theirs(torch.tensor([ids])).logits[0, -1].numpy()
        ours = forward(model, ids)["logits"][:, 0]
        assert np.allclose(ours, logits, rtol=1e-9, atol=1e-9)
    assert tokenizer.decode(tokenizer.encode(SENTENCES[0])) == SENTENCES[0]
    assert tokenizer.eos_token_id == theirs.config.eos_token_id == len(model.vocabulary) - 1


def test_the_workbook_builds_and_verifies(trained: Trained, tmp_path: Path) -> None:
    path = tmp_path / "own.xlsx"
    sg.build("Ben is", trained.path, path, tokens=6, chars=12, without="switches,neighbours")
    assert sg.verify(path, model=trained.path).ok


def test_going_on_is_as_if_it_had_never_stopped(
    trained: Trained, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sheetgpt.training.learner import TorchLearner  # noqa: PLC0415 - imports PyTorch

    step, left = TorchLearner.step, 25

    def killed(self: TorchLearner, rows: list[list[int]], rate: float) -> float:
        nonlocal left
        left -= 1
        if left < 0:
            raise SystemError
        return step(self, rows, rate)

    monkeypatch.setattr("sheetgpt.training.loop.SAVE_EVERY", 0.0)
    monkeypatch.setattr("sheetgpt.training.loop._SAVING_SHARE", 1e9)
    monkeypatch.setattr(TorchLearner, "step", killed)
    with pytest.raises(SystemError):
        train([text], tmp_path / "own", **SIZES)
    monkeypatch.setattr(TorchLearner, "step", step)
    seen: list[str] = []
    again = train([text], tmp_path / "own", progress=seen.append, **SIZES)
    assert "Going on after step 25 of 60" in seen
    for name in ("model.safetensors", "loss.svg", "vocab.json", "config.json"):
        assert (again.path / name).read_bytes() == (trained.path / name).read_bytes()
    assert again.measured.course.reports == trained.measured.course.reports


def test_a_lack_of_memory_is_a_sentence() -> None:
    from sheetgpt.training.learner import memory  # noqa: PLC0415 - imports PyTorch

    words = "memory is too small for a model of this size"
    with pytest.raises(SheetgptError, match=words), memory():
        torch.empty(10**15)
    with pytest.raises(RuntimeError, match="shape"), memory():
        torch.ones(2, 3).reshape(7)
