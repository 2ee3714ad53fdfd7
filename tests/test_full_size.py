"""GPT-2 small's full width and vocabulary: two made-up blocks, and OpenAI's weights where they are.

In LibreOffice and IronCalc the benchmarks check them (`python -m benchmarks`): that takes minutes.
The genuine weights are looked for in the Hugging Face cache and in the folder that the environment
variable SHEETGPT_GPT2 names; nothing is downloaded.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from huggingface_hub import snapshot_download

from sheetgpt import build, verify
from sheetgpt.checkpoint import Verdict, identify, load
from sheetgpt.commands.plan import plan
from sheetgpt.commands.written import Built
from sheetgpt.reference import predict
from sheetgpt.xlsx.read import read

ROOT = Path(__file__).parents[1]
FOLDER_VARIABLE = "SHEETGPT_GPT2"
PROMPT, PROMPT_IDS = "Mike is quick. He moves", [16073, 318, 2068, 13, 679, 6100]
QUICKLY = 2952


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two blocks of GPT-2 small's shape, by the script that the benchmarks use."""
    folder = tmp_path_factory.mktemp("full") / "two-blocks"
    command = [sys.executable, "-m", "benchmarks.checkpoint", str(folder), "--blocks", "2"]
    subprocess.run(command, cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="module")
def built(model: Path) -> Built:
    """Its workbook, as large models are built by default."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHEETGPT_CACHE", str(model.with_name("cache")))
        return build(PROMPT, model, model.with_name("two-blocks.xlsx"))


@pytest.mark.slow
def test_build(built: Built, model: Path) -> None:
    foretold = plan(model)
    assert built.formulas == foretold.formulas
    assert built.tabs == len(foretold.tabs)
    assert built.size == pytest.approx(foretold.file_size, rel=0.1)


@pytest.mark.slow
def test_every_step(built: Built) -> None:
    report = verify(built.path, trust=True)
    assert report.ok, report.first_bad
    assert report.token_ids == PROMPT_IDS
    assert report.next_token_id == built.next_token_id


@pytest.fixture(scope="module")
def gpt2() -> Path:
    """The folder of OpenAI's GPT-2 small, if it is on this machine."""
    folder = os.environ.get(FOLDER_VARIABLE)
    try:
        folder = folder or snapshot_download("gpt2", local_files_only=True)
    except OSError:
        pytest.skip(
            f"GPT-2's weights are neither in the Hugging Face cache (`hf download gpt2`) nor in a "
            f"folder that {FOLDER_VARIABLE} names"
        )
    assert identify(load(folder)).verdict is Verdict.GENUINE
    return Path(folder)


@pytest.mark.slow
def test_gpt2_says_quickly(gpt2: Path) -> None:
    best = predict(load(gpt2), PROMPT)
    assert best.token_ids == PROMPT_IDS
    assert (best.top[0].token_id, best.top[0].text) == (QUICKLY, " quickly")


@pytest.mark.slow
def test_gpt2_in_a_workbook(gpt2: Path, tmp_path: Path) -> None:
    path = build(PROMPT, gpt2, tmp_path / "gpt2.xlsx").path
    report = verify(path, trust=True)
    assert report.ok, report.first_bad
    assert report.next_token_id == QUICKLY
    assert read(path).named("best.id")[:, 0].tolist() == transformers_top_ten(gpt2)


def transformers_top_ten(folder: Path) -> list[int]:
    """The ids with the highest scores, in order, by Hugging Face's GPT-2."""
    reason = "Hugging Face transformers is not installed"
    torch = pytest.importorskip("torch", reason=reason)
    transformers = pytest.importorskip("transformers", reason=reason)
    model = transformers.GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float64).eval()
    with torch.no_grad():
        logits = model(torch.tensor([PROMPT_IDS])).logits[0, -1].numpy()
    best: list[int] = np.argsort(-logits, kind="stable")[:10].tolist()
    return best
