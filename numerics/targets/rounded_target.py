"""The oracle of bits: interprets the IR in plain Python, one rounded double operation after the other."""

from __future__ import annotations

import math
from fractions import Fraction

from numerics.ir import Kind, Watch
from numerics.random import F64
from numerics.targets import Advance, Problem, even_share
from numerics.targets.interpreter import Interpreter


class Rounded:
    """IEEE-754 double arithmetic with the default results of exceptions."""

    def constant(self, value: Fraction) -> float:
        """Round a rational to the nearest double."""
        return float(value)

    def binary(self, kind: Kind, a: float, b: float) -> float:
        """Apply + - * or /, rounded to nearest even."""
        if kind is Kind.ADD:
            return a + b
        if kind is Kind.SUB:
            return a - b
        if kind is Kind.MUL:
            return a * b
        if b == 0.0:
            return math.nan if a == 0.0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1.0, b)
        return a / b

    def unary(self, kind: Kind, a: float) -> float:
        """Apply the correctly rounded square root, or the negation."""
        if kind is Kind.NEG:
            return -a
        return math.nan if a < 0.0 else math.sqrt(a)

    def positive(self, a: float) -> bool:
        """Decide ``a > 0``; false for NaN."""
        return a > 0.0

    def greater(self, a: float, b: float) -> bool:
        """Decide ``a > b``; a NaN is greater than nothing, and everything replaces it."""
        return a > b or (math.isnan(b) and not math.isnan(a))

    def at_least(self, a: float, b: float) -> bool:
        """Decide ``a >= b``; false for NaN."""
        return a >= b


def device() -> str:
    """Return the device that runs, in words."""
    return "CPU (interpreter)"


share = even_share


def prepare(problem: Problem) -> Advance:
    """Return the driver that interprets the kernel of a problem."""
    kernel, batches = problem.kernel, problem.batches
    values = dict(zip(kernel.parameters, problem.parameters, strict=True))
    interpreter = Interpreter(kernel, Rounded(), values, batches.m)

    def record(watch: F64, lane: int, state: list[float], batch: list[int] | None, t: int) -> None:
        known = interpreter.known(state, batch)
        known = {name: -math.inf if value is None else value for name, value in known.items()}
        for place, item in enumerate(kernel.watchers):
            if batch is None and kernel.drawn(item.root):
                continue
            value = interpreter.evaluate(item.root, 0.0, known)
            if item.watch is Watch.MAXIMUM:
                if value > watch[place, lane]:
                    watch[place, lane] = value
            elif watch[place, lane] < 0.0 and value >= problem.thresholds[place]:
                watch[place, lane] = float(t)

    def advance(state: F64, watch: F64, replicas: range, steps: range, final: bool) -> None:
        drawn = batches.drawn(replicas, steps)
        for lane in range(len(replicas)):
            c = [float(value) for value in state[:, lane]]
            for t in steps:
                batch = [int(k) for k in drawn[t - steps.start, :, lane]]
                c = interpreter.settle(c, t)
                record(watch, lane, c, batch, t)
                c = interpreter.step(c, batch, t)
            if final:
                c = interpreter.settle(c, steps.stop)
                record(watch, lane, c, None, steps.stop)
            state[:, lane] = c

    return advance
