"""`sheetgpt train` without PyTorch: refusals, files, going on, the command."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from command_line import Run, runner
from learners import Stopped, frequency_learner
from tokenizers import Tokenizer

import sheetgpt as sg
from sheetgpt.checkpoint import load
from sheetgpt.commands import train as command
from sheetgpt.commands.train import Trained, train
from sheetgpt.errors import InputError, SheetgptError
from sheetgpt.reference import forward
from sheetgpt.training import loop, make
from sheetgpt.training.bpe import learn
from sheetgpt.training.curve import loss_curve
from sheetgpt.training.interrupts import Interrupts
from sheetgpt.training.recipe import Recipe, Report, learning_rate, steps_for, with_steps
from sheetgpt.training.rows import rows_to_test
from sheetgpt.training.texts import read_text, split

SIZES: dict[str, Any] = {
    **{"layers": 1, "heads": 2, "width": 8, "vocab": 300, "tokens": 16},
    **{"steps": 40, "threads": 1},
}
NAMES = ["Anna", "Ben", "Clara", "David", "Emil"]
SENTENCES = [
    f"{name} {does} the {what}."
    for name in NAMES
    for does in ("sees", "draws", "paints", "finds")
    for what in ("house", "tree", "cat, the \u00e9t\u00e9 cat")
]


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("text") / "sentences.txt"
    path.write_text("\n".join(SENTENCES), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(text: Path) -> Trained:
    return train([text], text.parent / "own", learner=frequency_learner, **SIZES)


def test_the_loss_falls_towards_that_of_the_frequencies(trained: Trained) -> None:
    course, by_frequency = trained.measured.course, trained.measured.by_frequency
    assert len(course.reports) == 20
    assert course.reports[-1].step == 40
    assert course.best.held_out < course.reports[0].held_out
    assert course.reports[-1].loss < course.reports[0].loss < np.log(300) + 0.1
    assert 0 < by_frequency < np.log(300)


def test_the_folder_is_a_model(trained: Trained) -> None:
    model = load(trained.path)
    assert (model.config.n_layer, model.config.n_embd, model.name) == (1, 8, "own")
    assert model.n_weights == trained.n_weights
    assert model.end_ids == (len(model.vocabulary) - 1,)
    tokenizer = Tokenizer.from_file(str(trained.path / "tokenizer.json"))
    for words in (*SENTENCES[:3], " Ben  \n\tdraws \U0001f600 don't <|endoftext", ""):
        assert tokenizer.encode(words).ids == model.vocabulary.encode(words)
        assert tokenizer.decode(tokenizer.encode(words).ids) == words
    assert tokenizer.encode("<|endoftext|>").ids == [len(model.vocabulary) - 1]


def test_the_loss_is_that_of_the_stored_weights(trained: Trained, text: Path) -> None:
    model = load(trained.path)
    parts = split([read_text(text)])
    rows = rows_to_test(parts.held_out, model.vocabulary, 16)
    losses = []
    for row in rows:
        for n in range(1, len(row)):
            logits = forward(model, row[:n])["logits"][:, 0]
            losses.append(np.log(np.exp(logits).sum()) - logits[row[n]])
    assert trained.measured.tested == len(losses)
    assert np.isclose(np.mean(losses), trained.measured.course.best.held_out, rtol=1e-6)


def test_the_workbook_builds_and_verifies(trained: Trained, tmp_path: Path) -> None:
    path = tmp_path / "own.xlsx"
    sg.build("Ben", trained.path, path, tokens=4, chars=8, without="switches,neighbours,positions")
    assert sg.verify(path, model=trained.path).ok


def test_card_picture_and_record_tell_the_figures(trained: Trained) -> None:
    card = (trained.path / "README.md").read_text(encoding="utf-8")
    best = trained.measured.course.best
    for words in (
        f"A small GPT-2 of {trained.n_weights:,} weights",
        f"| `sentences.txt` | {sum(map(len, SENTENCES)) + len(SENTENCES) - 1:,} | 60 |",
        f"| 40 | {trained.measured.course.reports[-1].loss:.3f} |",
        f"**this model** | {best.held_out:.3f}",
        f"in {best.right:.1%} of all places",
        "![The loss over the steps](loss.svg)",
        "sheetgpt build --model own ",
    ):
        assert words in card
    record = json.loads((trained.path / "training.json").read_text(encoding="utf-8"))
    assert record["schema"] == "sheetgpt.train/1"
    assert record["held_out"]["loss"] == best.held_out
    assert len(record["reports"]) == 20
    picture = ElementTree.parse(trained.path / "loss.svg").getroot()
    lines = picture.findall("{http://www.w3.org/2000/svg}polyline")
    assert [len(line.attrib["points"].split()) for line in lines] == [20, 20]


def test_a_picture_of_any_course() -> None:
    for losses in ([3.0], [5.0, 5.0], [1e-9, 2e3, 7.0], [0.123456, 0.123457]):
        reports = [Report(10 * n + 1, loss, loss / 2, 0.5, "") for n, loss in enumerate(losses)]
        picture = ElementTree.fromstring(loss_curve(reports, reports[-1], "a < b & c"))
        assert picture[0].text == "a < b & c"
        for line in picture.findall("{http://www.w3.org/2000/svg}polyline"):
            places = [tuple(map(float, p.split(","))) for p in line.attrib["points"].split()]
            assert all(64 <= x <= 696 and 48 <= y <= 344 for x, y in places), losses


def test_the_same_seed_gives_the_same_files(trained: Trained, text: Path, tmp_path: Path) -> None:
    again = train([text], tmp_path / "own", learner=frequency_learner, **SIZES)
    other = train([text], tmp_path / "b", learner=frequency_learner, **{**SIZES, "seed": 2})
    assert same_files(again.path, trained.path)
    assert not same_files(other.path, trained.path)


def same_files(one: Path, other: Path) -> bool:
    """Whether two folders hold the same model; card and record tell times."""
    names = {path.name for path in one.iterdir()} - {"README.md", "training.json"}
    assert "model.safetensors" in names
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in names)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_training_that_is_stopped_goes_on(
    trained: Trained,
    text: Path,
    tmp_path: Path,
    number: signal.Signals,
    request: pytest.FixtureRequest,
) -> None:
    before = signal.signal(number, lambda *_: sys.exit(143))
    request.addfinalizer(lambda: signal.signal(number, before))
    output, seen = tmp_path / "own", list[str]()

    def stopping(recipe: Recipe) -> tuple[Stopped, str]:
        return Stopped(recipe, 7, lambda: os.kill(os.getpid(), number)), "numpy"

    with pytest.raises(SystemExit, match="143"):
        train([text], output, learner=stopping, **SIZES)
    assert not output.exists()
    train([text], output, learner=frequency_learner, progress=seen.append, **SIZES)
    assert "Going on after step 8 of 40" in seen
    assert same_files(output, trained.path)
    assert [path.name for path in tmp_path.iterdir()] == ["own"]


def test_a_training_that_is_killed_goes_on_from_what_was_saved(
    trained: Trained, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed() -> None:
        raise SystemError

    monkeypatch.setattr(loop, "SAVE_EVERY", 0.0)
    monkeypatch.setattr(loop, "_SAVING_SHARE", 1e9)
    with pytest.raises(SystemError):
        train(
            [text],
            tmp_path / "own",
            learner=lambda recipe: (Stopped(recipe, 30, killed), ""),
            **SIZES,
        )
    seen: list[str] = []
    train([text], tmp_path / "own", learner=frequency_learner, progress=seen.append, **SIZES)
    assert "Going on after step 30 of 40" in seen
    assert same_files(tmp_path / "own", trained.path)


@pytest.mark.parametrize(("times", "reached"), [(1, [1]), (2, [1]), (0, [])])
def test_a_second_signal_interrupts_at_once(times: int, reached: list[int]) -> None:
    passed: list[int] = []

    def interrupted() -> None:
        with Interrupts() as interrupts:
            for time in range(1, times + 1):
                os.kill(os.getpid(), signal.SIGINT)
                assert interrupts.seen == signal.SIGINT
                passed.append(time)

    if times:
        with pytest.raises(KeyboardInterrupt):
            interrupted()
    else:
        interrupted()
    assert passed == reached


def begun(text: Path, output: Path) -> None:
    """Leave a training of which one step is saved."""

    def stop() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train([text], output, learner=lambda r: (Stopped(r, 0, stop), ""), **SIZES)


def test_a_begun_training_is_gone_on_with_by_the_same_alone(text: Path, tmp_path: Path) -> None:
    begun(text, tmp_path / "own")
    other = {**SIZES, "seed": 2, "steps": None}
    words = "begun with other options: seed was 1 and is 2; steps was 40 and is not given. Give"
    with pytest.raises(InputError, match=words):
        train([text], tmp_path / "own", learner=frequency_learner, **other)
    state = tmp_path / "own.part" / "state.safetensors"
    state.write_bytes(state.read_bytes()[:-9])
    with pytest.raises(InputError, match=r"state.safetensors is damaged .* to begin anew"):
        train([text], tmp_path / "own", learner=frequency_learner, **SIZES)
    (tmp_path / "own.part" / "asked.json").unlink()
    with pytest.raises(InputError, match="is in the way and no training that can go on"):
        train([text], tmp_path / "own", learner=frequency_learner, **SIZES)


@pytest.mark.parametrize("name", ["asked.json", "merges.txt", "state.safetensors", "config.json"])
def test_a_disk_that_fills_up(
    trained: Trained, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    write, full = Path.write_bytes, True

    def limited(path: Path, data: bytes) -> int:
        if full and path.name.startswith(name):
            write(path, data[: len(data) // 2])
            raise OSError(28, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", limited)
    monkeypatch.setattr(loop, "SAVE_EVERY", 0.0)
    output = tmp_path / "own"
    with pytest.raises(InputError, match=r"own cannot be written: No space left .* goes on"):
        train([text], output, learner=frequency_learner, **SIZES)
    assert not output.exists()
    full = False
    train([text], output, learner=frequency_learner, **SIZES)
    assert same_files(output, trained.path)
    assert [path.name for path in tmp_path.iterdir()] == ["own"]


def test_a_disk_that_is_too_small_is_said_at_once(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(InputError, match=r"has room for 0 MB and training needs [1-9]\d* MB"):
        train([text], tmp_path / "own", learner=frequency_learner, **{**SIZES, "width": 256})
    assert not list(tmp_path.iterdir())


def test_a_loss_out_of_bounds_is_said(text: Path, tmp_path: Path) -> None:
    def lost(recipe: Recipe) -> tuple[Any, str]:
        learner, device = frequency_learner(recipe)
        learner._bias[:] = np.nan
        return learner, device

    with pytest.raises(SheetgptError, match=r"loss at step 1 is nan: .* another --seed"):
        train([text], tmp_path / "own", learner=lost, **SIZES)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"width": 10, "heads": 4}, "width 10 cannot be split evenly over 4 heads; 8 can"),
    ({"vocab": 257}, "vocab is 257, possible is 258 to 50,257"),
    ({"tokens": 1, "layers": 99}, "layers is 99, possible is 1 to 48; tokens is 1, possible is 2"),
    ({"steps": 0}, "steps is 0, possible is 1 to"),
    ({"seed": -1}, "seed is -1, possible is 0 to 4,294,967,295"),
    ({"heads": 0, "threads": 0}, "heads is 0, possible is 1 to 48; threads is 0"),
]


@pytest.mark.parametrize(("sizes", "words"), REFUSED)
def test_sizes_that_do_not_fit(
    text: Path, tmp_path: Path, sizes: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError, match=f"No model can be trained like this: .*{words}"):
        train([text], tmp_path / "own", learner=frequency_learner, **{**SIZES, **sizes})
    assert not list(tmp_path.iterdir())


def test_without_pytorch(text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "find_spec", lambda name: None)
    words = r"needs torch and transformers, .*pip install 'sheetgpt\[train\]'"
    with pytest.raises(InputError, match=words):
        train([text], tmp_path / "own")
    assert not list(tmp_path.iterdir())


def test_sheetgpt_and_its_command_do_without_pytorch() -> None:
    code = "import sys, sheetgpt.cli, sheetgpt.training.make; print({*sys.modules} & {'torch'})"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "set()\n"


def test_a_tokenizer_is_laid_out_as_gpt2s() -> None:
    # "ab" + "c" and "a" + "bc" make the same token: it is there once.
    vocabulary = learn(["abc ab abc bc xbc abx abc"] * 5 + SENTENCES, 320)
    assert sorted(vocabulary.byte_ids) == list(range(256))
    assert [*vocabulary.merged] == list(range(256, len(vocabulary) - 1))
    assert vocabulary.text(len(vocabulary) - 1) == "<|endoftext|>"
    assert vocabulary.decode(vocabulary.encode("Ben moves, né?")) == "Ben moves, né?"
    assert len(learn(["x y"], 300)) == 257


def test_steps_and_rates() -> None:
    recipe = Recipe()
    assert steps_for(1_000_000_000, recipe) == 4000
    assert steps_for(77_000, recipe) == 1003  # 40 times the text
    assert steps_for(100, recipe) == 1000
    assert with_steps(recipe, 40).warm_up == 4
    assert (learning_rate(16), learning_rate(48), learning_rate(96)) == (4e-3, 4e-3, 2e-3)
    rates = [loop.rate_at(recipe, step) for step in range(1, 4001)]
    assert rates.index(max(rates)) == 99
    assert 0 <= rates[-1] < 1e-9 < rates[0] < 1e-4


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs `sheetgpt train ...` in this process, with the learner that needs no PyTorch."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "require_pytorch", lambda: None)
    monkeypatch.setattr(command, "torch_learner", frequency_learner)

    given = [f"--{name}={value}" for name, value in SIZES.items()]
    sheetgpt = runner(capsys, monkeypatch)
    return lambda *arguments: sheetgpt("train", *arguments, *given)


def test_the_command(run: Run, text: Path) -> None:
    result = run(text, "-o", "own")
    assert result.code == 0
    assert result.out.startswith("Wrote own (")
    assert "Go on with: sheetgpt build --model own\n" in result.out
    assert "step     40 of 40  loss " in result.err
    again = run(text, "-o", "own")
    assert (again.code, again.out) == (2, "")
    assert again.err == "Error: own is not empty; choose a new folder with -o, or remove it.\n"
    document = json.loads(run(text, "-o", "new", "--json").out)
    assert document["schema"] == "sheetgpt.train/1"
    best = min(document["reports"], key=lambda report: report["held_out"])
    assert (document["folder"], document["kept_step"]) == ("new", best["step"])
    assert document["asked"]["texts"][0][0] == "sentences.txt"


def test_ctrl_c(run: Run, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(command, "torch_learner", lambda r: (Stopped(r, 3, stop), ""))
    result = run(text, "-o", "own")
    assert (result.code, result.out) == (130, "")
    assert "Saved after step 4 of 40; the same command goes on from there ...\n" in result.err
    assert result.err.endswith("Stopped.\n")
    monkeypatch.setattr(command, "torch_learner", frequency_learner)
    assert "Going on after step 4 of 40" in run(text, "-o", "own").err


FILES: dict[str, tuple[bytes | None, str]] = {
    "missing.txt": (None, "missing.txt cannot be read: No such file or directory."),
    "latin1.txt": (
        b"Caf\xc3\xa9.\nCaf\xe9.\n",
        "latin1.txt is not UTF-8: its byte 11, in line 2, is 0xe9; save it as plain text",
    ),
    "marked.txt": (b"\xef\xbb\xbfab\xff", "marked.txt is not UTF-8: its byte 6, in line 1, is"),
    "cut.txt": (b"abc\xc3", "cut.txt is not UTF-8: its byte 4, in line 1, is 0xc3"),
    "utf16.txt": ("a".encode("utf-16"), "utf16.txt is UTF-16 and not UTF-8; save it as UTF-8."),
    "null.txt": (b"a\0b", "null.txt is no plain text: its byte 2 is 0."),
    "empty.txt": (b"", "This is too little text: 0 characters in 0 different passages"),
    "short.txt": (b"One. Two.\n\nThree.", "too little text: 15 characters in 2 different passages"),
    "same.txt": (b"Again and again.\n" * 99, "1,584 characters in 1 different passages"),
}


@pytest.mark.parametrize("name", FILES)
def test_texts_that_cannot_be_used(run: Run, text: Path, tmp_path: Path, name: str) -> None:
    content, words = FILES[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    good = [] if name in ("empty.txt", "short.txt", "same.txt") else [text]
    result = run(*good, tmp_path / name, "-o", "own")
    assert (result.code, result.out) == (2, "")
    assert words in result.err
    assert not list(tmp_path.glob("own*"))


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("file", "file is a file; choose a new folder with -o."),
        ("full", "full is not empty; choose a new folder with -o, or remove it."),
        ("file/own", "own cannot be written: {0}/file takes no new files."),
    ],
)
def test_folders_that_are_taken(
    run: Run, text: Path, tmp_path: Path, output: str, words: str
) -> None:
    (tmp_path / "file").write_text("precious")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("precious")
    result = run(text, "-o", output)
    assert (result.code, result.out) == (2, "")
    assert words.format(tmp_path) in result.err
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "full", "notes.txt"]
    assert run(text, tmp_path, "-o", "new").err.count("is a folder; name its files, such as") == 1


def test_an_empty_folder_is_filled(run: Run, text: Path, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    assert run(text, "-o", "own").code == 0
    assert (tmp_path / "own" / "model.safetensors").exists()
