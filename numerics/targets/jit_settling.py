"""Settling in the source of the CPU JIT: lazy scales go into the coordinates, and kept sums start afresh."""

from __future__ import annotations

from numerics.ir import Domain
from numerics.targets.emit import indent
from numerics.targets.jit_sums import RANGES, Sums, loop

_PLACES = (Domain.DATA, Domain.OUTSIDE)


class Settling(Sums):
    """Writes what the kept scales and sums of a kernel need besides a step."""

    def _table_names(self) -> list[str]:
        lazy = self.kernel.lazy
        if lazy is None:
            return []
        return [*(f"s{j}" for j in range(len(lazy.scales))), *(f"q{i}" for i in range(len(lazy.sums)))]

    def _load(self) -> list[str]:
        return loop("l", "lanes", [f"{self.at(name)} = c[n + {i}, l]" for i, name in enumerate(self._table_names())])

    def _leave(self) -> list[str]:
        return loop("l", "lanes", [f"c[n + {i}, l] = {self.at(name)}" for i, name in enumerate(self._table_names())])

    def _settling(self) -> list[str]:
        """Write ``resum`` for the lanes from ``low`` to ``high``, and ``spill`` for bad lanes."""
        lazy = self.kernel.lazy
        if lazy is None:
            return []
        sums = self._run_values([kept.reduction.root for kept in lazy.sums])
        sums += loop("l", "low, high", [f"{self.at(f's{j}')} = 1.0" for j in range(len(lazy.scales))])
        for i, kept in enumerate(lazy.sums):
            sums += self._sweep(kept.reduction.domain, [(kept.reduction, self.at(f"q{i}"))], "low, high")
        types = "TABLE, numba.float64[::1], numba.float64[::1], numba.int64, numba.int64, numba.int64, numba.int64"
        decorate = f"@numba.njit([numba.void({types})], **INNER)"
        lines = [
            *(decorate, "def resum(c, w, parameters, n, m, low, high):", *indent(sums, 1), ""),
        ]
        masks = ", numba.uint64[:, ::1]" if self.masked else ""
        types = f"TABLE, numba.float64[::1], numba.int64, numba.int64, numba.int64{masks}"
        head = "def spill(c, w, n, m, lanes" + ", masks" * self.masked + "):"
        return [*lines, f"@numba.njit([numba.void({types})], **INNER)", head, *indent(self._spill(), 1), ""]

    def _fold(self) -> list[str]:
        """Write the product of all coordinates with their scales."""
        lazy = self.kernel.lazy
        assert lazy is not None
        lines = []
        for domain in self._places():
            where = lazy.of(Domain.DATA if domain is Domain.ALL else domain)
            scale = self._by_class(domain, "x", [self.at(f"s{j}") for j in where])
            body = ["x = c[k, l]", f"c[k, l] = x * {scale}"]
            lines += loop("k", ", ".join(RANGES[domain]), loop("l", "lanes", body))
        return lines

    def _places(self) -> tuple[Domain, ...]:
        """Return the places whose coordinates have different scales."""
        assert self.kernel.lazy is not None
        return (Domain.ALL,) if len({self.kernel.lazy.of(domain) for domain in _PLACES}) == 1 else _PLACES

    def _spilt(self) -> str:
        return "c, w, n, m, lanes" + ", masks[now : now + span]" * self.masked

    def _spill(self) -> list[str]:
        """Write the step outside the batch of lanes whose next scale leaves its range; their scales are negated.

        A batch that is a list is moved too, and overwritten afterwards from the copy of its coordinates.
        """
        lazy = self.kernel.lazy
        assert lazy is not None
        body = [f"o{j} = -{self.at(f's{j}')}; f{j} = {self.at(f'f{j}')}" for j in range(len(lazy.scales))]
        for domain in _PLACES if self.masked else self._places():
            where = lazy.of(Domain.DATA if domain is Domain.ALL else domain)
            scale, factor = (self._by_class(domain, "x", [f"{letter}{j}" for j in where]) for letter in "of")
            move = ["x = c[k, l]", f"c[k, l] = x * {scale} * {factor}"]
            if self.masked and domain is Domain.DATA:
                move = ["if masks[k >> 6, l] >> np.uint64(k & 63) & ONE == 0:", *indent(move, 1)]
            body += loop("k", ", ".join(RANGES[domain]), move)
        return loop("l", "lanes", [f"if {self.at('s0')} < 0.0:", *indent(body, 1)])

    def _due(self) -> list[str]:
        lazy = self.kernel.lazy
        if lazy is None:
            return []
        test = "t == 0" + (f" or {self._settles('t')}" if lazy.every else "")
        fold = [] if not lazy.every else ["if t > 0:  # at first all scales are 1", *indent(self._fold(), 1)]
        return [f"if {test}:", *indent([*fold, "resum(c, w, parameters, n, m, 0, lanes)"], 1)]

    def _settles(self, t: str) -> str:
        assert self.kernel.lazy is not None
        return f"{t} % {self.kernel.lazy.every} == 0"

    def _bad_lanes(self) -> list[str]:
        return ["if bad > 0:", f"    spill({self._spilt()})"] if self.kernel.lazy is not None else []

    def _resum(self) -> list[str]:
        """Write the fresh start of lanes whose scales left their range."""
        if self.kernel.lazy is None:
            return []
        body = [f"if {self.at('s0')} < 0.0:", "    resum(c, w, parameters, n, m, l, l + 1)"]
        return ["if bad > 0:", *indent(loop("l", "lanes", body), 1)]
