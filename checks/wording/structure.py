"""A proof as a tree of steps, each with its mathematics: what the terminal, the page and the appendix all print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

_PLAIN = ("every comparison by itself", "every part of a conjunction", "a hypothesis")
_TITLES = 5
_OPERATOR = re.compile(r"[-+=<>]|\\(?:le|ge|ne|wedge|vee|Rightarrow|cdot|,/)(?![a-z])")


@dataclass(frozen=True)
class Table:
    """A table of texts; every row has as many cells as there are columns."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Formula:
    """A displayed formula: pieces of LaTeX mathematics between which a line may break."""

    pieces: tuple[str, ...]

    @property
    def latex(self) -> str:
        """The whole formula on one line."""
        return " ".join(self.pieces)

    @property
    def segments(self) -> tuple[str, ...]:
        """The pieces as formulas of their own: one that begins with an operator has something on its left."""
        first, *others = self.pieces
        return (first, *("{} " + piece if _OPERATOR.match(piece) else piece for piece in others))


Block = str | Formula | Table


@dataclass(frozen=True)
class Step:
    """One step of a proof: what is shown, by which rule, and the steps that it rests on.

    Attributes
    ----------
    title
        The rule in a few words.
    shows
        What is shown, or None where the sentences say it.
    role
        What the step is for: a case, a premise, the start of an induction.
    assumed
        Hypotheses that hold in this step and not in the one that it serves.
    body
        Sentences (mathematics between dollar signs), displayed formulas and tables.
    parts
        The steps from which this one follows: cases, premises, lemmas.
    then
        How the proof goes on after a step that only changes the goal, one step after the other.
    left_out
        How many steps below this one are not printed.
    """

    title: str
    shows: Formula | None = None
    role: str = ""
    assumed: tuple[str, ...] = ()
    body: tuple[Block, ...] = ()
    parts: tuple[Step, ...] = ()
    then: tuple[Step, ...] = ()
    left_out: int = 0

    @property
    def below(self) -> tuple[Step, ...]:
        """The steps that are printed below this one, in order."""
        return (*self.parts, *self.then)

    @cached_property
    def size(self) -> int:
        """How many steps there are, this one and those that were left out included."""
        return 1 + self.left_out + sum(step.size for step in self.below)

    def walk(self) -> Iterator[Step]:
        """Yield this step and all below it, in order."""
        yield self
        for step in self.below:
            yield from step.walk()


def overview(step: Step, word: str = "Proof") -> str:
    """Return one sentence: how long a proof is, and by which rules it goes.

    Examples
    --------
    >>> overview(Step("two inequalities", parts=(Step("a hypothesis"), Step("Sturm sequence"))))
    'Proof in 3 steps: two inequalities, Sturm sequence.'
    """
    titles = list(dict.fromkeys(one.title for one in step.walk() if one.title not in _PLAIN)) or [step.title]
    shown = ", ".join(titles[:_TITLES]) + (" and others" if len(titles) > _TITLES else "")
    return f"{word}: {shown}." if step.size == 1 else f"{word} in {step.size} steps: {shown}."


def folded(step: Step, steps: int, depth: int) -> Step:
    """Return a proof cut to so many steps and levels, outer steps first; each cut is counted in ``left_out``.

    Examples
    --------
    >>> chain = Step("a", parts=(Step("b", parts=(Step("c"),)),))
    >>> folded(chain, 10, 2).parts[0].left_out
    1
    """
    kept = {id(step)}
    level = [step]
    for _ in range(depth - 1):
        level = [inner for above in level for inner in above.below]
        for inner in level:
            if len(kept) < steps:
                kept.add(id(inner))
        level = [inner for inner in level if id(inner) in kept]

    def cut(one: Step) -> Step:
        parts, then = (tuple(cut(inner) for inner in some if id(inner) in kept) for some in (one.parts, one.then))
        gone = sum(inner.size for inner in one.below if id(inner) not in kept)
        return replace(one, parts=parts, then=then, left_out=one.left_out + gone)

    return cut(step)
