"""The command line and the installed package: exit codes, streams, messages, examples."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from checkpoints import SHORT_VOCABULARY, make_checkpoint
from command_line import Run, runner

import sheetgpt
import sheetgpt as sg
from sheetgpt import cli, reference
from sheetgpt.checkpoint import Config
from sheetgpt.engines import ENGINES
from sheetgpt.errors import EngineMissing
from sheetgpt.template.load import load_templates
from sheetgpt.xlsx.patch import with_text
from sheetgpt.xlsx.read import read

ROOT = Path(__file__).parents[1]
PARTS = [*load_templates().wiring.parts]
COMMANDS = [
    *("build", "cache", "doctor", "generate", "lessons", "page", "plan"),
    *("predict", "prompt", "serve", "train", "verify"),
]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs `sheetgpt ...` in this process, in a folder that holds a text file and a folder."""
    (tmp_path / "notes.txt").write_text("no workbook")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)

    return runner(capsys, monkeypatch)


@pytest.fixture(scope="module")
def file(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook without the optional parts."""
    path = tmp_path_factory.mktemp("cli") / "small.xlsx"
    sheetgpt.build("Ice is", small_model, path, tokens=4, chars=8, rounds=4, without=PARTS)
    return path


def test_build(run: Run, small_model: Path) -> None:
    result = run("build", "Ice", "--model", small_model, "--tokens", "2", "--chars", "4")
    assert result.code == 0
    assert re.match(r"Wrote output/small\.xlsx \(\d\.\d MB, \d\d tabs, [\d,]+ form", result.out)
    assert "or run: sheetgpt verify output/small.xlsx\n" in result.out
    assert result.err.splitlines()[0] == "Loading the model ..."
    again = run("build", "Ice", "--model", small_model)
    assert (again.code, again.out) == (2, "")
    assert "exists already; give --force to replace it" in again.err


@pytest.mark.slow
def test_parts_and_inputs_of_a_workbook(run: Run, small_model: Path, tmp_path: Path) -> None:
    size = ("--model", small_model, "--tokens", "4", "--chars", "8")
    without = ("--without", "lens, switches,neighbours,positions,residual,why,follow")
    inputs = ("--set", "temperature=0.5", "--set", "top_k=3")
    result = run("build", "Ice is", *size, *without, *inputs, "-o", "few.xlsx")
    assert result.code == 0
    assert "Left out: lens, switches, neighbours, positions, residual, why, follow" in result.out
    book = read(tmp_path / "few.xlsx")
    assert [book.named(name)[0, 0] for name in ("temperature", "top_k")] == [0.5, 3]
    assert run("prompt", "few.xlsx", "She", "--set", "top_k=2").code == 0
    book = read(tmp_path / "few.xlsx")
    assert [book.named(name)[0, 0] for name in ("temperature", "top_k")] == [0.5, 2]
    report = json.loads(run("verify", "few.xlsx", "--json").out)
    assert report["ok"]
    heads = {step["name"].partition(".")[0] for step in report["steps"]}
    assert {"sampling", "attention"} < heads
    assert heads.isdisjoint(
        {"lens", "switched", "neighbours", "positions", "residual", "why", "follow"}
    )


def test_plan_lists_the_parts(run: Run) -> None:
    document = json.loads(run("plan", "--without", "switches", "--json").out)
    assert {part["name"]: part["left_out"] for part in document["parts"]} == {
        "sampling": False,
        "attention": False,
        "lens": False,
        "switches": True,
        "neighbours": False,
        "positions": False,
        "residual": False,
        "why": False,
        "follow": False,
    }
    everything = json.loads(run("plan", "--without", "none", "--json").out)
    (switches,) = (part for part in everything["parts"] if part["name"] == "switches")
    assert everything["formulas"] - document["formulas"] >= switches["formulas"] > 0
    assert re.search(r"^switches +no ", run("plan", "--without", "switches").out, re.MULTILINE)


def test_verify(run: Run, file: Path) -> None:
    result = run("verify", file)
    assert result.code == 0
    assert re.search(r"all \d+ steps agree", result.out.replace("\n", " "))
    assert "Recalculating with formulas ..." in result.err
    assert run("verify", file, "--prompt", "She is!").code == 0


def test_quiet(run: Run, file: Path, small_model: Path) -> None:
    """Results and errors alone, of every command that shows how far it is."""
    model = ("--model", small_model)
    for arguments in (
        ["build", "Ice", *model, "--tokens", "2", "--chars", "4"],
        ["verify", file],
        ["prompt", file, "She", "-o", "she.xlsx"],
        ["predict", "She", *model],
        ["generate", "She", *model, "-n", "2"],
        ["lessons", "--only", "neuron"],
        ["page", file],
    ):
        result = run(*arguments, "--quiet")
        assert (result.code, result.err) == (0, ""), arguments
        assert result.out


def test_verify_with_programs_that_are_missing(
    run: Run, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are asked all the same, and the exit code says that not all of them were."""

    class Missing:
        def available(self) -> str:
            raise EngineMissing("Abacus is not installed: `apt install abacus`")

    for name in ENGINES:
        monkeypatch.setitem(ENGINES, name, Missing())
    result = run("verify", file, "--engine", "all")
    assert result.code == 2
    assert re.search(r"all \d+ steps agree", result.out.replace("\n", " "))
    assert result.err.count("Abacus is not installed: `apt install abacus`") == len(ENGINES)
    (report,) = json.loads(run("verify", file, "--engine", "all", "--json").out)
    assert (report["engine"], report["ok"]) == ("formulas", True)


def test_verify_finds_a_difference(run: Run, file: Path, tmp_path: Path) -> None:
    with_text(file, tmp_path / "stale.xlsx", read(file).names["prompt"], "She is")
    result = run("verify", "stale.xlsx")
    assert result.code == 1
    assert "the first step that differs is cached values" in result.out.replace("\n", " ")
    assert json.loads(run("verify", "stale.xlsx", "--json").out)["ok"] is False


def test_prompt(run: Run, file: Path, tmp_path: Path) -> None:
    result = run("prompt", file, "She", "-o", "she.xlsx", "--tokens", "3")
    assert result.code == 0
    assert result.out.startswith("Wrote she.xlsx (")
    assert re.search(r"^\d tokens; the next one is .* \(id \d+, prob", result.out, re.MULTILINE)
    assert "Loading the weights ..." in result.err
    assert run("verify", "she.xlsx").code == 0
    again = run("prompt", file, "She", "-o", "she.xlsx")
    assert (again.code, again.out) == (2, "")
    assert "exists already; give --force to replace it" in again.err


def test_plan(run: Run) -> None:
    result = run("plan", "--tokens", "8", "--no-cell-refs")
    assert result.code == 0
    assert re.search(r"room for +8 tokens, 64 characters, 16 merge rounds", result.out)
    assert re.search(r"IronCalc +NO +needs --cell-refs", result.out)
    document = json.loads(run("plan", "--model", "gpt2", "--precision", "int8", "--json").out)
    assert {key: document[key] for key in ("schema", "model", "weights", "problem")} == {
        "schema": "sheetgpt.plan/1",
        "model": "gpt2",
        "weights": 124_439_808,
        "problem": None,
    }
    assert document["storage"] == {"precision": "int8", "compression": "fast", "cell_refs": False}
    impossible = run("plan", "--tokens", "65", "--json")
    assert impossible.code == 2
    assert json.loads(impossible.out)["problem"] in impossible.err.replace("\n", " ")


def test_cache(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHEETGPT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SHEETGPT_CACHE_GB", "1.5")
    entry = tmp_path / "cache" / f"{'0' * 40}-float32"
    entry.mkdir(parents=True)
    (entry / "weights.bin").write_bytes(bytes(20_000_000))
    folder = tmp_path / "cache"
    assert run("cache") == (0, f"{folder} takes 0.02 GB of at most 1.50 GB.\n", "")
    assert run("cache", "--clear") == (0, f"Removed 0.02 GB from {folder}.\n", "")
    assert run("cache") == (0, f"{folder} takes 0.00 GB of at most 1.50 GB.\n", "")


def test_doctor(run: Run) -> None:
    said = run("doctor")
    assert said.code == 0
    assert said.out.startswith(f"sheetgpt {sg.__version__}, Python 3.")
    document = json.loads(run("doctor", "--json").out)
    assert document["schema"] == "sheetgpt.doctor/1"
    assert document["engines"].keys() == ENGINES.keys()
    assert document["limits"]["file"] == 50_000_000
    assert all(f"  {name:16}" in said.out for name in document["engines"])


def test_predict(run: Run) -> None:
    result = run("predict", "Two plus two equals", "--top", "3")
    assert result.code == 0
    assert len(result.out.splitlines()) == 5
    document = json.loads(run("predict", "Two plus two equals", "--top", "3", "--json").out)
    assert {key: document[key] for key in ("schema", "prompt")} == {
        "schema": "sheetgpt.predict/1",
        "prompt": "Two plus two equals",
    }
    assert document.keys() == {"schema", "prompt", "token_ids", "top"}
    assert [[*score] for score in document["top"]] == [["id", "token", "logit", "probability"]] * 3
    assert document["top"][0]["token"] == " four"


def test_generate(run: Run) -> None:
    result = run("generate", "Two plus two", "-n", "5", "--temperature", "0", "--seed", "7")
    assert result == (
        0,
        "Two plus two equals four. The capital\n",
        "Loading the model ...\nGenerating with --seed 7 ...\n",
    )
    best = sheetgpt.predict("Two plus two", top=1).top[0]
    first = run("generate", "Two plus two", "-n", "1", "--temperature", "0")
    assert first.out == f"Two plus two{best.text}\n"


def test_generate_again_with_the_seed_that_was_drawn(run: Run) -> None:
    first = run("generate", "The", "--temperature", "2")
    (seed,) = re.findall(r"--seed (\d+) \.\.\.", first.err)
    assert run("generate", "The", "--temperature", "2", "--seed", seed) == first
    other = run("generate", "The", "--temperature", "2", "--seed", str(int(seed) + 1))
    assert other.out != first.out


def test_generate_for_programs(run: Run) -> None:
    arguments = ["generate", "Two plus two", "-n", "4", "--top-k", "5", "--top-p", "0.9", "--seed"]
    result = run(*arguments, "7", "--json")
    document = json.loads(result.out)
    tokens = document.pop("tokens")
    assert [[*token] for token in tokens] == [["id", "text", "probability", "random"]] * 4
    assert document == {
        "schema": "sheetgpt.generate/1",
        "prompt": "Two plus two",
        "token_ids": sheetgpt.predict("Two plus two").token_ids,
        "settings": {"temperature": 1.0, "top_k": 5, "top_p": 0.9},
        "seed": 7,
        "text": "Two plus two" + "".join(token["text"] for token in tokens),
        "ended": "count",
        "end": "",
        "workbook": None,
    }
    assert run(*arguments, "7").out == document["text"] + "\n"


def test_generate_says_why_it_ended(run: Run, small_model: Path) -> None:
    ended = run("generate", "Two plus two", "-n", "60", "--seed", "1")
    assert re.search(
        r"^Ended after \d+ tokens: the model said that the te", ended.err, re.MULTILINE
    )
    full = run("generate", "?" * 14, "-n", "60", "--seed", "1", "--model", small_model)
    assert "Ended after 3 tokens: the model knows no further position." in full.err


def test_generate_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece is out before the next pass begins."""
    pieces: list[str] = []
    seen = []

    def forward(*arguments: Any) -> dict[str, Any]:
        seen.append("".join(pieces))
        return reference.forward(*arguments)

    monkeypatch.setattr(reference.generate, "forward", forward)
    sg.generate("Two plus two", n=3, temperature=0, on_text=pieces.append)
    assert seen == ["Two plus two", "Two plus two equals", "Two plus two equals four"]
    assert pieces == ["Two plus two", " equals", " four", ".", "\n"]


@pytest.mark.slow
def test_generate_a_workbook(run: Run, small_model: Path, tmp_path: Path) -> None:
    arguments = ["generate", "Ice is", "--model", small_model, "-n", "4", "--seed", "3",
                 "--workbook", "ice.xlsx"]  # fmt: skip
    result = run(*arguments)
    assert result.code == 0
    assert result.out.startswith("Ice is")
    assert result.out.count("\n") == 1
    assert "Wrote ice.xlsx (" in result.err
    book = read(tmp_path / "ice.xlsx")
    assert book.named("prompt")[0, 0] == result.out.removesuffix("\n")
    assert book.named("fits")[0, 0] == 1
    again = run(*arguments)
    assert (again.code, again.out) == (2, "")
    assert "ice.xlsx exists already; give --force to replace it" in again.err
    assert "Loading" not in again.err
    document = json.loads(run(*arguments, "--force", "--json").out)
    assert document["workbook"] == "ice.xlsx"


@pytest.mark.slow
def test_generate_a_text_that_is_more_tokens_than_were_drawn(run: Run, small_model: Path) -> None:
    """Single bytes become U+FFFD, three bytes each: the workbook says that they are too many."""
    model = ("--model", small_model, "-n", "12", "--temperature", "3", "--seed", "0")
    result = run("generate", "Ice is", *model, "--workbook", "odd.xlsx")
    assert (result.code, result.out.count("\ufffd") > 0) == (0, True)
    assert "The prompt makes 28 tokens and this workbook takes 16: shorten it." in result.err


@pytest.mark.slow
def test_generate_makes_room_for_a_long_text(run: Run, tmp_path: Path) -> None:
    """16 tokens and 64 bytes are the usual room, and an emoji is four bytes."""
    prompt = "🙂" * 3 + " the" * 14
    assert len(prompt) < 64 < len(prompt.encode())
    model = make_checkpoint(tmp_path / "model", Config(1, 1, 2, 48, SHORT_VOCABULARY, 1e-5, 8))
    settings = ("--model", model, "-n", "2", "--temperature", "0")
    run("generate", prompt, *settings, "--workbook", "long.xlsx")
    book = read(tmp_path / "long.xlsx")
    assert book.named("fits")[0, 0] == 1
    assert book.named("n_tokens")[0, 0] > 16


#: Arguments and what stderr must say.
BAD = [
    (["verify", "nowhere.xlsx"], "There is no file nowhere.xlsx; build one with: sheetgpt build"),
    (["verify", "notes.txt"], "notes.txt is not an .xlsx workbook or is damaged"),
    (["verify", "empty"], "empty is a folder; give a workbook; there is none in it"),
    (["verify", "notes.txt", "--engine", "abacus"], "'abacus' is not one of 'formulas', "),
    (["verify"], "Missing argument 'FILE'"),
    (
        ["build", "a", "--tokens", "2", "--chars", "4", "-o", "notes.txt/a.xlsx"],
        "notes.txt/a.xlsx cannot be written: ",
    ),
    (["build", "-o", "a.xls"], "a.xls does not end in .xlsx; choose a name that does."),
    (["build", "--tokens", "0"], "0 is not in the range x>=1"),
    (["build", "--tokens", "many"], "'many' is not a valid integer range"),
    (["build", "--tokens", "65"], "--tokens 65 is more than the 64 positions of this model"),
    (["build", "--chars", "40000"], "--chars cannot be 40000"),
    (["build", "--precision", "int4"], "'int4' is not one of 'float32', "),
    (["build", "--model", "no where"], "no where is no model folder; give tiny for the embedded"),
    (["build", "--model", "empty"], "empty holds no config.json"),
    (["build", "--templates", "empty"], "There is no model.toml in empty"),
    (
        ["build", "--without", "lens,hair"],
        "There is no part hair to leave out; there are sampling,",
    ),
    (["build", "--set", "top_k"], "'top_k' is not NAME=VALUE"),
    (["build", "--set", "=3"], "'' is not NAME=VALUE"),
    (["build", "--set", "top_k=-3"], "top_k must be a whole number from 0"),
    (["build", "--set", "hair=3"], "There is no cell named hair to set; there are: temperature"),
    (["build", "\udcff"], "half a surrogate pair"),
    (["plan", "--tokens", "0"], "0 is not in the range x>=1"),
    (["plan", "--model", "no where"], "no where is no model folder; give tiny for the embedded"),
    (["prompt", "nowhere.xlsx", "a"], "There is no file nowhere.xlsx; build one with: sheetgpt b"),
    (["prompt", "notes.txt"], "Missing argument 'PROMPT'"),
    (["prompt", "notes.txt", "a"], "notes.txt does not end in .xlsx"),
    (["cache", "clear"], "unexpected extra argument"),
    (["predict"], "Missing argument 'PROMPT'"),
    (["predict", ""], "prompt"),
    (["predict", "no " * 70], "64"),
    (["predict", "a", "--top", "0"], "0 is not in the range x>=1"),
    (["predict", "a", "--colour"], "No such option"),
    (["generate"], "Missing argument 'PROMPT'"),
    (["generate", ""], "The prompt has no tokens"),
    (["generate", "no " * 70], "64"),
    (["generate", "a", "-n", "0"], "0 is not in the range x>=1"),
    (["generate", "a", "--temperature", "-1"], "The temperature is -1.0; it must be a number from"),
    (["generate", "a", "--temperature", "hot"], "'hot' is not a valid float"),
    (["generate", "a", "--top-k", "-1"], "top-k is -1; it must be the number of tokens"),
    (["generate", "a", "--top-p", "1.5"], "top-p is 1.5; it must be from 0 to 1"),
    (["generate", "a", "--seed", "-1"], "-1 is not in the range x>=0"),
    (["generate", "a", "--workbook", "a.xls"], "a.xls does not end in .xlsx"),
    (
        ["generate", "a", "-n", "64", "--workbook", "a.xlsx"],
        "The text may grow to 65 tokens and a workbook of this model takes 64; shorten the prompt",
    ),
    (["generate", "a", "--model", "no where"], "no where is no model folder"),
    (["paint"], "No such command 'paint'"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD, ids=[" ".join(row[0])[:40] for row in BAD])
def test_bad_input(run: Run, arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert words in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_leads_with_examples(run: Run, command: str) -> None:
    result = run(command, "--help")
    assert result.code == 0
    usage, examples, *_ = result.out.split("\n\n")
    assert usage.startswith(f"Usage: sheetgpt {command} ")
    head, *lines = examples.splitlines()
    assert head == "Examples:"
    assert lines[0].strip().startswith(f"sheetgpt {command}")


def test_every_command_is_in_the_help(run: Run) -> None:
    assert cli.all_commands().keys() == {*COMMANDS}
    for arguments in (["--help"], []):
        text = "".join(run(*arguments)[1:])
        assert all(f"sheetgpt {command}" in text for command in COMMANDS)


def test_commands_in_the_readme() -> None:
    """Every command that README.md shows is understood, with all of its options."""
    shown = re.findall(r"^(?:time )?(sheetgpt .*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert {line.split()[1] for line in shown} == {*COMMANDS}
    for line in shown:
        _, command, *arguments = shlex.split(line, comments=True)
        cli.all_commands()[command].make_context(command, arguments)


def test_python_functions(small_model: Path, tmp_path: Path) -> None:
    assert {"build", "verify", "predict"} < {*sheetgpt.__all__}
    built = sheetgpt.build(
        "Ice", small_model, tmp_path / "a.xlsx", tokens=2, chars=4, without=PARTS
    )
    report = sheetgpt.verify(built.path, "She")
    best = sheetgpt.predict("She", small_model, top=1).top[0]
    assert report.ok
    assert report.next_token_id == best.token_id


@pytest.mark.slow
def test_an_installed_package_has_its_templates(tmp_path: Path) -> None:
    """Build the wheel, unpack it like pip does, and use it from an empty folder."""
    pytest.importorskip("hatchling", reason="hatchling is not installed: `pip install hatchling`")
    folder = tmp_path / "empty"
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    ZipFile(wheel).extractall(tmp_path / "site")
    code = "from sheetgpt.template import load; print(load.load_templates().folder)"
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={"PYTHONPATH": str(tmp_path / "site")},
        check=True,
        capture_output=True,
        text=True,
    )
    assert answer.stdout.strip() == str(tmp_path / "site" / "sheetgpt" / "templates")
