"""Models on the Hugging Face hub, by id, through the hub's own cache."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from sheetgpt.errors import CheckpointError

#: All that is read of a model; pickles are left where they are.
FILES = (
    "config.json",
    "model*.safetensors",
    "model.safetensors.index.json",
    "vocab.json",
    "merges.txt",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "generation_config.json",
)


def is_hub_id(model: str) -> bool:
    """Whether a text has the form of a hub id: `gpt2`, `distilgpt2`, `owner/name`."""
    return re.fullmatch(r"[\w-][\w.-]*(/[\w-][\w.-]*)?", model) is not None


def download(
    model: str,
    revision: str | None = None,
    files: Sequence[str] = FILES,
    *,
    local: bool = False,
) -> Path:
    """The local folder with a hub model's files, downloaded unless they are in the cache.

    `revision` is a branch, tag or commit, `files` are names or patterns; what is `local` alone is
    not downloaded. Honours HF_HOME, HF_HUB_OFFLINE and the other settings of huggingface_hub.
    Raises CheckpointError.
    """
    # Imported here: the embedded model and local folders need no hub client.
    from huggingface_hub import snapshot_download  # noqa: PLC0415
    from huggingface_hub.errors import (  # noqa: PLC0415
        GatedRepoError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        return Path(
            snapshot_download(
                model, revision=revision, allow_patterns=list(files), local_files_only=local
            )
        )
    except GatedRepoError as error:
        raise CheckpointError(
            f"{model} on the Hugging Face hub is gated: accept its terms on its page there, then "
            "run `hf auth login`."
        ) from error
    except RepositoryNotFoundError as error:
        raise CheckpointError(
            f"There is no folder {model} here and no public model {model} on the Hugging Face hub; "
            "check the spelling."
        ) from error
    except RevisionNotFoundError as error:
        raise CheckpointError(
            f"{model} on the Hugging Face hub has no revision {revision}; give one of its "
            "branches, tags or commits."
        ) from error
    except (OSError, ValueError) as error:
        wanted = f"{model} --revision {revision}" if revision else model
        raise CheckpointError(
            f"There is no folder {model} here, and {model} is neither in the Hugging Face cache "
            "nor can the hub be reached; where there is a connection (and HF_HUB_OFFLINE is not "
            f"set), run `hf download {wanted}`."
        ) from error
