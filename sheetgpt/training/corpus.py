"""The embedded model's corpus: short predictable sentences in six families, made by code.

Words come from words.toml beside this file, the patterns stand here, chance from a seeded
generator; no outside text is used. One in five pairs of words that a rule joins (a name with an
adjective), and one wording of each fact, are held out of training, so that accuracy on them shows
the rule learned and not the list.
"""

from __future__ import annotations

import random
import re
import tomllib
import zlib
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple

#: One in this many pairs (a name with an adjective, ...) is held out.
HELD_OUT = 5

WORDS: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent / "words.toml").read_text(encoding="utf-8")
)


class Sentence(NamedTuple):
    """One or more sentences that belong together.

    In `marked`, the words that follow from what comes before them stand in square brackets:
    `Mike is quick. [He] moves [quickly].` `held_out` keeps it out of training.
    """

    marked: str
    held_out: bool = False

    @property
    def text(self) -> str:
        """The text itself."""
        return re.sub(r"[\[\]]", "", self.marked)

    @property
    def prompts(self) -> list[tuple[str, str]]:
        """Each marked word with the text before it: ("Mike is quick. He moves", " quickly")."""
        found = []
        for match in re.finditer(r" ?\[([^]]*)\]", self.marked):
            before = Sentence(self.marked[: match.start()]).text
            found.append((before, Sentence(match.group()).text))
        return found


def manners(rng: random.Random) -> Sentence:
    """An adjective, a pronoun that agrees with the name, a verb and the adverb."""
    pronoun, name = _person(rng)
    adjective, adverb = rng.choice(list(WORDS["manners"].items()))
    verb, (plural, past) = rng.choice(list(WORDS["verbs"].items()))
    match rng.randrange(7):
        case 0 | 1 | 2:
            text = f"{name} is {adjective}. [{pronoun}] {verb} [{adverb}]."
            return _pairs(text, (name, adjective))
        case 3 | 4:
            text = f"{name} was {adjective}. [{pronoun}] {past} [{adverb}]."
            return _pairs(text, (name, adjective))
        case 5:
            animal = rng.choice(list(WORDS["animals"]))
            text = f"The {animal} is {adjective}. [It] {verb} [{adverb}]."
            return _pairs(text, (animal, adjective))
        case _:
            _, other = _person(rng, but=name)
            text = f"{name} and {other} are {adjective}. [They] {plural} [{adverb}]."
            return _pairs(text, (name, adjective), (other, adjective))


def capitals(rng: random.Random) -> Sentence:
    """Countries and their capitals."""
    country, capital = rng.choice(list(WORDS["capitals"].items()))
    return _wordings(
        rng,
        country,
        f"The capital of {country} is [{capital}].",
        f"{capital} is the capital of [{country}].",
        f"What is the capital of {country}? It is [{capital}].",
        f"The capital city of {country} is [{capital}].",
        f"The country is {country}. The capital is [{capital}].",
        f"{capital} is a city in [{country}].",
        f"{capital} is in [{country}].",
    )


def numbers(rng: random.Random) -> Sentence:
    """Sums, differences and counting in words, from zero to twenty."""
    words = WORDS["numbers"]["words"]
    a, b = rng.randint(0, 10), rng.randint(0, 10)
    if rng.randrange(4) == 0:
        start = rng.randint(0, 10)
        first, second, third, fourth, fifth = words[start : start + 5]
        return Sentence(f"{first.capitalize()}, {second}, {third}, [{fourth}], [{fifth}].")
    if rng.randrange(3) == 0:
        low, high = sorted((a, b))
        low, high, result = words[low], words[high], words[high - low]
        return _wordings(
            rng,
            f"{high} - {low}",
            f"{high.capitalize()} minus {low} equals [{result}].",
            f"{high.capitalize()} minus {low} is [{result}].",
            f"{high.capitalize()} less {low} is [{result}].",
        )
    left, right, result = words[a], words[b], words[a + b]
    return _wordings(
        rng,
        f"{left} + {right}",
        f"{left.capitalize()} plus {right} equals [{result}].",
        f"{left.capitalize()} plus {right} is [{result}].",
        f"{left.capitalize()} and {right} make [{result}].",
        f"The sum of {left} and {right} is [{result}].",
    )


def opposites(rng: random.Random) -> Sentence:
    """Adjectives with their opposites, and things that are known for one of them."""
    one, other = rng.sample(rng.choice(WORDS["opposites"]["pairs"]), 2)
    things = WORDS["opposites"]["things"]
    if one in things and rng.randrange(2):
        thing, thing_2 = rng.choice(things[one]), rng.choice(things[other])
        text = f"{thing} is [{one}]. {thing_2} is [{other}]."
        return _pairs(text, (thing, thing_2))
    noun = rng.choice(WORDS["opposites"]["nouns"])
    return _wordings(
        rng,
        one,
        f"The opposite of {one} is [{other}].",
        f"If it is not {one}, it is [{other}].",
        f"It is not {one}. It is [{other}].",
        f"The {noun} is not {one}. It is [{other}].",
    )


def animals(rng: random.Random) -> Sentence:
    """Animals, their sounds and their young."""
    animal, (sound, young) = rng.choice(list(WORDS["animals"].items()))
    return _wordings(
        rng,
        animal,
        f"The {animal} says [{sound}].",
        f"A {animal} says [{sound}].",
        f"What does the {animal} say? It says [{sound}].",
        f"The {animal} is an animal. It says [{sound}].",
        f"A young {animal} is a [{young}].",
        f"A baby {animal} is called a [{young}].",
        f"The {animal} has a baby. It is a [{young}].",
        f"A {young} is a young [{animal}].",
        f"A {young} is a baby [{animal}].",
        f"The {young} will be a [{animal}].",
    )


def causes(rng: random.Random) -> Sentence:
    """Everyday cause and effect."""
    if rng.randrange(2):
        pronoun, name = _person(rng)
        need, (does, do) = rng.choice(list(WORDS["needs"].items()))
        text = rng.choice(
            [
                f"{name} is {need}, so [{pronoun.lower()}] [{does}].",
                f"Because {name} is {need}, [{pronoun.lower()}] [{does}].",
                f"{name} is {need}. [{pronoun}] wants to [{do}].",
            ]
        )
        return _pairs(text, (name, need))
    cause, effect = rng.choice(list(WORDS["events"].items()))
    lead, last = effect.rsplit(" ", 1)
    return _wordings(
        rng,
        cause,
        f"When {cause}, {lead} [{last}].",
        f"If {cause}, {lead} [{last}].",
        f"Because {cause}, {lead} [{last}].",
        f"{cause[0].upper()}{cause[1:]}, so {lead} [{last}].",
    )


FAMILIES: dict[str, Callable[[random.Random], Sentence]] = {
    "manners": manners,
    "capitals": capitals,
    "numbers": numbers,
    "opposites": opposites,
    "animals": animals,
    "causes": causes,
}


def documents(seed: int) -> Iterator[str]:
    """Training documents without end: one to six sentences, none of them held out.

    Neighbours are of different families, as two of one family might together make a sentence that
    is held out ("Ice is cold." "Fire is hot.").
    """
    rng = random.Random(seed)
    while True:
        sentences: list[str] = []
        before = ""
        for _ in range(rng.randint(1, 6)):
            before = rng.choice([family for family in FAMILIES if family != before])
            drawn = (FAMILIES[before](rng) for _ in repeat(None))
            sentences.append(next(one.text for one in drawn if not one.held_out))
        yield " ".join(sentences)


def held_out(family: str, limit: int, seed: int = 0) -> list[Sentence]:
    """Up to `limit` different sentences of a family that are kept out of training."""
    rng = random.Random(seed)
    drawn = (FAMILIES[family](rng) for _ in range(100 * limit))
    return list(dict.fromkeys(sentence for sentence in drawn if sentence.held_out))[:limit]


def _person(rng: random.Random, but: str = "") -> tuple[str, str]:
    """A pronoun, capitalised, and a name, which is not `but`."""
    pronoun = rng.choice(["he", "she"])
    return pronoun.capitalize(), rng.choice([n for n in WORDS["names"][pronoun] if n != but])


def _pairs(text: str, *pairs: tuple[str, str]) -> Sentence:
    """A sentence that is held out if one of the pairs of words in it is: one in five."""
    return Sentence(text, any(_checksum(" is ".join(pair)) % HELD_OUT == 0 for pair in pairs))


def _wordings(rng: random.Random, fact: str, usual: str, *others: str) -> Sentence:
    """One wording of a fact; of the wordings that are not the usual one, one is held out."""
    number = rng.randint(0, len(others))
    held_out = number == 1 + _checksum(fact) % len(others)
    return Sentence((usual, *others)[number], held_out)


def _checksum(text: str) -> int:
    return zlib.crc32(text.encode())
