"""A training that is not finished yet: the folder NAME.part beside the folder of the model.

It holds what was asked for, the tokenizer, the state after the last step that was saved, and at the
end the model's folder until it is complete. The same command finds it and goes on.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from sheetgpt.errors import InputError
from sheetgpt.training.loop import Course, Tensors
from sheetgpt.training.recipe import Report

_ASKED, _STATE, _MODEL = "asked.json", "state.safetensors", "model"
_LEARNER, _BEST, _COURSE = "learner/", "best/", "course"
#: Copies of the weights in the state (weights, AdamW's two moments, the best), twice while it is
#: replaced, and in the model's own file; each weight takes four bytes.
_COPIES, _BYTES = 2 * 4 + 1, 4


class Unfinished:
    """The folder, made for what is asked for or found as a command of the same left it."""

    def __init__(self, output: Path, asked: Mapping[str, Any], n_weights: int) -> None:
        """Raise InputError if `output` is taken, another training lies there, or room is short.

        `asked` is all that decides on the model, in words of JSON; `n_weights` how many weights it
        has at most.
        """
        self.output = output.resolve()
        self.folder = self.output.with_name(f"{self.output.name}.part")
        require_free(output)
        if self.folder.exists():
            self._require_same(json.loads(json.dumps(asked)))
            return
        with self.writing():
            self.output.parent.mkdir(parents=True, exist_ok=True)
            free, wanted = shutil.disk_usage(self.output.parent).free, _COPIES * _BYTES * n_weights
            if free < wanted:
                raise InputError(
                    f"{self.output.parent} has room for {free / 1e6:,.0f} MB and training needs "
                    f"{wanted / 1e6:,.0f} MB; make room, or choose another place with -o."
                )
            self.folder.mkdir()
            try:
                self._store(_ASKED, json.dumps(asked, indent=2).encode())
            except OSError:
                self.folder.rmdir()
                raise

    def _require_same(self, asked: dict[str, Any]) -> None:
        try:
            before = json.loads((self.folder / _ASKED).read_text(encoding="utf-8"))
            changed = [
                f"{name} was {_said(before.get(name))} and is {_said(asked.get(name))}"
                for name in sorted({*before, *asked})
                if before.get(name) != asked.get(name)
            ]
        except (OSError, ValueError, AttributeError) as error:
            raise InputError(
                f"{self.folder} is in the way and no training that can go on; remove it, or choose "
                "another name with -o."
            ) from error
        if changed:
            raise InputError(
                f"{self.folder} holds a training that was begun with other options: "
                f"{'; '.join(changed)}. Give the same to go on, another name with -o, or remove "
                "the folder to begin anew."
            )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Make a full disk, and other troubles with files, an InputError that says how to go on."""
        try:
            yield
        except OSError as error:
            raise InputError(
                f"{self.output} cannot be written: {error.strerror or error}. When that is mended, "
                "the same command goes on from the last step that was saved."
            ) from error

    def keep(self, files: Mapping[str, bytes]) -> None:
        """Keep files for the runs that go on."""
        with self.writing():
            for name, data in files.items():
                self._store(name, data)

    def save(self, course: Course, learner: Tensors, best: Tensors) -> None:
        """Replace the state that is kept."""
        tensors = {_LEARNER + name: tensor for name, tensor in learner.items()}
        tensors |= {_BEST + name: tensor for name, tensor in best.items()}
        data = save(tensors, metadata={_COURSE: json.dumps(asdict(course))})
        with self.writing():
            self._store(_STATE, data)

    def load(self) -> tuple[Course, Tensors, Tensors]:
        """The state that is kept; empty if none is. Raises InputError if it is damaged."""
        path = self.folder / _STATE
        if not path.exists():
            return Course(), {}, {}
        try:
            with safe_open(path, framework="np") as file:
                course = Course(**json.loads(file.metadata()[_COURSE]))
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            course.reports = [Report(*report) for report in course.reports]
        except (OSError, ValueError, TypeError, KeyError, SafetensorError) as error:
            raise InputError(
                f"{path} is damaged ({error}); remove {self.folder} to begin anew."
            ) from error
        return course, _part(tensors, _LEARNER), _part(tensors, _BEST)

    def finish(self, files: Mapping[str, bytes]) -> None:
        """Write the model's folder, complete or not at all, and leave nothing else behind."""
        model = self.folder / _MODEL
        with self.writing():
            shutil.rmtree(model, ignore_errors=True)
            model.mkdir()
            for name, data in files.items():
                (model / name).write_bytes(data)
            model.replace(self.output)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _store(self, name: str, data: bytes) -> None:
        new = self.folder / f"{name}.new"
        try:
            new.write_bytes(data)
            new.replace(self.folder / name)
        finally:
            with suppress(OSError):
                new.unlink()  # only there if that failed


def require_free(output: Path) -> None:
    """Raise InputError unless a folder of this name can be made: there is none, or an empty one."""
    if output.is_dir() and any(output.iterdir()):
        raise InputError(f"{output} is not empty; choose a new folder with -o, or remove it.")
    if output.exists() and not output.is_dir():
        raise InputError(f"{output} is a file; choose a new folder with -o.")
    parent = next(parent for parent in output.resolve().parents if parent.exists())
    if not (parent.is_dir() and os.access(parent, os.W_OK)):
        raise InputError(f"{output} cannot be written: {parent} takes no new files.")


def _part(tensors: Tensors, prefix: str) -> Tensors:
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }


def _said(value: object) -> str:
    return "not given" if value is None else str(value)
