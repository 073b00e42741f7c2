"""What is fuzzed: a reader, small inputs that it accepts, ways to damage them, and what damaged bytes literally say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import eq
from random import Random
from typing import Any, Literal

from corrtip.errors import CorrtipError

Damage = Callable[[Random, bytes], bytes]
Outcome = Literal["survived", "lost", "wrong"]


class UnreadableError(Exception):
    """The bytes say nothing that a reader may accept."""


class HangError(BaseException):
    """The reader took more than its time; no `except` of a reader may swallow it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One reader.

    Parameters
    ----------
    name : str
    seeds : tuple of bytes
        Small inputs that are accepted.
    read : callable
        From bytes to an answer that can be compared; raises our errors.
    meaning : callable
        From bytes to the answer that they literally stand for, by other code than the reader's; raises
        `UnreadableError` for bytes that must be refused.
    damages : tuple of Damage
        What is done to a seed, one to three times.
    harmless : tuple of Damage
        What must change neither the answer nor that it is accepted.
    agrees : callable
        Whether an answer is what the bytes mean.
    """

    name: str
    seeds: tuple[bytes, ...]
    read: Callable[[bytes], object]
    meaning: Callable[[bytes], object]
    damages: tuple[Damage, ...]
    harmless: tuple[Damage, ...] = ()
    agrees: Callable[[Any, Any], bool] = eq


def damaged(target: Target, index: int) -> tuple[bytes, bool]:
    """Return one input, the same for the same index, and whether it must be accepted."""
    chance = Random(f"{target.name}:{index}")
    data = chance.choice(target.seeds)
    if target.harmless and chance.random() < 0.1:
        return chance.choice(target.harmless)(chance, data), True
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        data = chance.choice(target.damages)(chance, data)
    return data, False


def judge(target: Target, data: bytes, *, harmless: bool = False) -> tuple[Outcome, str]:
    """Return how one input ended, and what was wrong."""
    try:
        answer = target.read(data)
    except CorrtipError as error:
        if harmless:
            return "lost", f"nothing was changed, and it was refused: {str(error)[:200]}"
        return ("survived", "") if error.where else ("lost", f"an error that names no place: {str(error)[:200]}")
    except (Exception, HangError) as error:  # noqa: BLE001 - an exception that is not ours is what is looked for
        return "lost", f"{type(error).__name__}: {str(error)[:200]}"
    try:
        meant = target.meaning(data)
        agreed = target.agrees(answer, meant)
    except UnreadableError as error:
        return "wrong", f"accepted, although {error}"
    return ("survived", "") if agreed else ("wrong", _difference(answer, meant))


def _difference(answer: object, meant: object) -> str:
    if isinstance(answer, dict) and isinstance(meant, dict):
        for key in sorted({*answer, *meant}, key=repr):
            if key not in answer or key not in meant or answer[key] != meant[key]:
                return f"{key}: read {answer.get(key)!r:.150}, stands {meant.get(key)!r:.150}"
    return f"read {answer!r:.300}, stands {meant!r:.300}"
