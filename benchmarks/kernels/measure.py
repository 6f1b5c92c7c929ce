"""What a workload and a peer are, and how they are timed: medians of repeated pairs, compile time apart."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

#: A run returns what the workload's statistics read, or a ``Result``.
Run = Callable[[], Any]

#: Wall time; and processor time of all threads, which means something on a busy machine too.
CLOCKS: Mapping[str, Callable[[], float]] = {"wall": time.perf_counter, "cpu": time.process_time}


class Unavailable(Exception):
    """A peer that is not installed here."""


@dataclass(frozen=True)
class Peer:
    """One implementation of a workload.

    ``prepare(sizes)`` imports and compiles (that time is reported apart) and returns the run; ``statistics`` of the
    workload reads what the run returns.
    """

    name: str
    prepare: Callable[[Mapping[str, Any]], Run]


@dataclass(frozen=True)
class Workload:
    """A row of the table.

    Attributes
    ----------
    title, sizes
        Name, and sizes with ``T`` the number of steps.
    ours, peers
        gdproof's implementation, and those it is compared with.
    bars
        Least ratio of a peer's time to ours, by name of the peer.
    statistics
        Maps the result of a run to name -> (value, allowance): two runs agree when their values differ by at most
        the sum of the allowances.
    least
        Fewest steps that ``--scale`` leaves.
    """

    title: str
    sizes: Mapping[str, Any]
    ours: Peer
    peers: Sequence[Peer]
    bars: Mapping[str, float]
    statistics: Callable[[Any], Mapping[str, tuple[float, float]]]
    least: int = 20

    def scaled(self, scale: float) -> dict[str, Any]:
        """Return the sizes with the number of steps scaled, the same for all peers."""
        return {**self.sizes, "T": max(min(self.least, self.sizes["T"]), round(self.sizes["T"] * scale))}


@dataclass
class Timing:
    """Times of pairs (ours, peer), and what came out."""

    compile_seconds: float = 0.0
    ours: list[float] = field(default_factory=list)
    peer: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Return the median of the ratios of pairs."""
        return statistics.median(peer / ours for ours, peer in zip(self.ours, self.peer, strict=True))


@dataclass(frozen=True)
class Result:
    """What a run returns when it measures itself, without its preparation: seconds by clock, and the value."""

    seconds: Mapping[str, float]
    value: Any


def timed(run: Run, clock: str) -> tuple[float, Any]:
    """Return the seconds of a run by a clock (a key of ``CLOCKS``), and its value."""
    read = CLOCKS[clock]
    begin = read()
    result = run()
    spent = read() - begin
    return (result.seconds[clock], result.value) if isinstance(result, Result) else (spent, result)


def prepared(peer: Peer, sizes: Mapping[str, Any]) -> tuple[float, Run]:
    """Return the time to prepare a peer, with one short run that compiles everything, and its run."""
    begin = time.perf_counter()
    run = peer.prepare(sizes)
    return time.perf_counter() - begin, run


def agree(workload: Workload, ours: Any, theirs: Any, name: str) -> None:
    """Stop when the final statistics differ: then it was not the same work."""
    mine, other = workload.statistics(ours), workload.statistics(theirs)
    if mine.keys() != other.keys():
        raise SystemExit(f"{workload.title}: {name} reports {sorted(other)}, gdproof {sorted(mine)}")
    for key, (value, allowance) in mine.items():
        if not abs(value - other[key][0]) <= allowance + other[key][1]:
            raise SystemExit(
                f"{workload.title}: {key} is {value} here and {other[key][0]} with {name}: not the same work"
            )


def compare(
    workload: Workload, peer: Peer, mine: Run, sizes: Mapping[str, Any], pairs: int, patience: float, clock: str
) -> Timing:
    """Time pairs of runs one after the other, at most ``pairs``, fewer when they take more than ``patience`` s."""
    timing = Timing()
    timing.compile_seconds, theirs = prepared(peer, sizes)
    begin, spent = time.perf_counter(), 0.0
    while len(timing.ours) < pairs and (not timing.ours or spent < patience):
        a, ours = timed(mine, clock)
        b, other = timed(theirs, clock)
        agree(workload, ours, other, peer.name)
        timing.ours.append(a)
        timing.peer.append(b)
        spent = time.perf_counter() - begin
    return timing
