"""The semidefinite program behind a model, in floating point: it only proposes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from checks.engine.budget import Budget, NotFound
from checks.engine.squares.model import Exponents, Model

# weight of the traces against the margin: keeps the matrices bounded where hypotheses could cancel each other
TRACE_WEIGHT = 0.02
# pivots of equations that depend on others; how far dependent equations may disagree
DEPENDENT = 1e-9
NOISE = 1e-7
# by how much traces may exceed those already found
TRACE_ROOM = 20.0


@dataclass(frozen=True)
class Proposal:
    """Numeric unknowns of a model, and by how much the matrices' eigenvalues exceed zero (relative to the target).

    ``exposing`` holds a matrix for every block: where the margin is zero, all solutions of the model vanish on its
    range (it is a mean of evaluations at zeros of the target).
    """

    values: np.ndarray
    margin: float
    exposing: np.ndarray


class Program:
    """A model's equations as a sparse matrix, ready for several objectives.

    The target is divided by ``scale``, its largest coefficient, so that tolerances are relative.
    """

    def __init__(self, model: Model, budget: Budget) -> None:
        from scipy.sparse import csc_matrix

        columns = model.columns
        rows: dict[Exponents, int] = {}
        for p in (model.target, *columns):
            for m in p:
                rows.setdefault(m, len(rows))
        self.model, self.budget = model, budget
        self.scale = max((float(abs(v)) for v in model.target.values()), default=1.0)
        data = [(rows[m], c, float(v)) for c, p in enumerate(columns) for m, v in p.items()]
        i, j, v = zip(*data, strict=True) if data else ((), (), ())
        self.equations = csc_matrix((v, (i, j)), shape=(len(rows), len(columns)))
        self.right = np.zeros(len(rows))
        for m, value in model.target.items():
            self.right[rows[m]] = float(value) / self.scale
        self.owners = model.owners
        if any(len(b) > 1 for block in model.blocks for b in block.basis):
            self._keep_independent_rows()

    def _keep_independent_rows(self) -> None:
        """Drop equations that follow from others: on a face there are many, and the solver needs full rank.

        Raises
        ------
        NotFound
            When the equations contradict each other.
        """
        from scipy.linalg import qr

        rows = np.column_stack([self.equations.toarray(), self.right])
        triangle, order = qr(rows[:, :-1].T, mode="r", pivoting=True)
        diagonal = abs(np.diag(triangle))
        rank = int((diagonal > DEPENDENT * max(1.0, diagonal.max(initial=0.0))).sum())
        kept = np.sort(order[:rank])
        weights = np.linalg.lstsq(rows[kept, :-1].T, rows[:, :-1].T, rcond=None)[0]
        if abs(weights.T @ rows[kept, -1] - rows[:, -1]).max(initial=0.0) > NOISE:
            raise NotFound("the equations on the face have no solution")
        self.equations, self.right = self.equations[kept], self.right[kept]

    def traces(self, blocks: Sequence[int] | None = None) -> np.ndarray:
        """Return the row whose product with the unknowns is the sum of the traces of the given blocks (all)."""
        chosen = set(range(len(self.model.blocks)) if blocks is None else blocks)
        return np.array([float(k in chosen and i == j) for k, i, j in self.owners])

    def centre(self) -> Proposal:
        """Return matrices whose smallest eigenvalue is as large as possible, with some regard for small traces.

        Where that eigenvalue comes out negative, the traces are only bounded: the sign of the margin is then right.
        """
        row = self.traces()
        found = self._solve(TRACE_WEIGHT / max(1.0, row.sum()) * row, margin=True)
        if found.margin > 0:
            return found
        return self._solve(np.zeros(len(row)), margin=True, cap=(row, self.bound(found)))

    def bound(self, proposal: Proposal) -> float:
        """Return a generous bound of the traces, from a proposal."""
        return TRACE_ROOM * (1 + abs(float(self.traces() @ proposal.values)) / self.scale)

    def smallest(self, weights: np.ndarray) -> Proposal:
        """Return matrices of least weighted trace: few terms of low rank."""
        return self._solve(weights, margin=False)

    def interior(self, near: Proposal) -> Proposal:
        """Return matrices of largest rank, with traces not much larger than those of a proposal."""
        return self._solve(np.zeros(len(self.owners)), margin=False, cap=(self.traces(), self.bound(near)))

    def strictest(self, blocks: Sequence[int]) -> Proposal:
        """Return matrices in which the traces of the given blocks add to as much as possible, one at the most."""
        row = self.traces(blocks)
        weights = TRACE_WEIGHT / max(1.0, self.traces().sum()) * self.traces() - row
        return self._solve(weights, margin=False, cap=(row, 1.0))

    def normalised(self, blocks: Sequence[int]) -> Proposal:
        """Return matrices of least trace in which the traces of the given blocks add to one."""
        return self._solve(0.1 * self.traces(), margin=False, fixed=self.traces(blocks))

    def _solve(
        self,
        weights: np.ndarray,
        margin: bool,
        cap: tuple[np.ndarray, float] | None = None,
        fixed: np.ndarray | None = None,
    ) -> Proposal:
        import clarabel  # type: ignore[import-untyped]
        from scipy.sparse import csc_matrix, hstack, vstack

        left = self.budget.left()
        if left <= 0:
            raise NotFound("the time is over")
        n = len(self.owners)
        parts, right = [self.equations], [self.right]
        if fixed is not None:
            parts.append(csc_matrix(fixed))
            right.append(np.ones(1))
        cones: list[object] = [clarabel.ZeroConeT(sum(map(len, right)))]
        if cap is not None:
            parts.append(csc_matrix(cap[0]))
            right.append(np.array([cap[1]]))
            cones.append(clarabel.NonnegativeConeT(1))
        at = [c for c, owner in enumerate(self.owners) if owner[0] != -1]
        factor = [1.0 if self.owners[c][1] == self.owners[c][2] else np.sqrt(2.0) for c in at]
        parts.append(csc_matrix(([-f for f in factor], (range(len(at)), at)), shape=(len(at), n)))
        right.append(np.zeros(len(at)))
        cones += self._cones()
        rows, cost = csc_matrix(vstack(parts)), weights
        if margin:
            # one more unknown, at most one: what every matrix exceeds a multiple of the identity by
            column = np.zeros((rows.shape[0], 1))
            column[rows.shape[0] - len(at) :, 0] = [float(f == 1.0) for f in factor]
            rows = csc_matrix(vstack([hstack([rows, csc_matrix(column)]), csc_matrix(([1.0], ([0], [n])))]))
            right.append(np.ones(1))
            cones.append(clarabel.NonnegativeConeT(1))
            cost = np.append(weights, -1.0)
        size = len(cost)
        settings = clarabel.DefaultSettings()
        settings.verbose = False
        settings.time_limit = left
        settings.max_threads = 1
        settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-10
        settings.max_iter = 100
        solver = clarabel.DefaultSolver(csc_matrix((size, size)), cost, rows, np.concatenate(right), cones, settings)
        found = solver.solve()
        if str(found.status) not in ("Solved", "AlmostSolved", "InsufficientProgress", "MaxIterations"):
            raise NotFound(f"the semidefinite program is not solvable ({found.status})")
        x = np.array(found.x)
        error = abs(self.equations @ x[:n] - self.right).max(initial=0.0)
        if not np.isfinite(x).all() or error > 1e-4:
            raise NotFound("the semidefinite program is not solvable (no point satisfies the equations)")
        end = len(found.z) - 1 if margin else len(found.z)
        dual = np.zeros(n)
        dual[at] = np.array(found.z[end - len(at) : end]) / factor
        return Proposal(x[:n] * self.scale, float(x[n]) if margin else 0.0, dual)

    def _cones(self) -> list[object]:
        import clarabel

        cones: list[object] = []
        run = 0
        for side in [*(len(block.basis) for block in self.model.blocks), 0]:
            if side == 1:
                run += 1
                continue
            if run:
                cones.append(clarabel.NonnegativeConeT(run))
                run = 0
            if side:
                cones.append(clarabel.PSDTriangleConeT(side))
        return cones
