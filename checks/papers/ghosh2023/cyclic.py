"""Theorem 4: cyclic SGD in two dimensions tends to the sample that the start is nearer to (linear activation)."""

from __future__ import annotations

from checks.claim import Statement, statement, states, tends
from checks.papers.ghosh2023 import objects as o
from checks.papers.ghosh2023.appendix_e import STEP_SIZE, sampled, skipped, y, z
from checks.papers.ghosh2023.runs import step_links

# the factors of y and z where a_0 is sampled (A, B) and where a_1 is (D, C)
FACTORS = [
    f"A = {sampled(y**2, z**2)}",
    f"B = {skipped(y**2)}",
    f"C = {sampled(z**2, y**2)}",
    f"D = {skipped(z**2)}",
]
# what holds at all times, with r for the norm of the start; then the order of the coordinates at even times, and at
# odd times the order that they will have after one more step
AT_ALL_TIMES = ["0 < y < 1", "0 < z < 1", "y**2 + z**2 <= 1 + eta/4", "0 < r < 1", "r**2 <= y**2 + z**2"]
EVEN = ["z <= y", "z**2 <= y**2", *AT_ALL_TIMES]
ODD = [*AT_ALL_TIMES, "z*C <= y*D"]


def norm_grows(square: str) -> list[str]:
    """Return why the norm stays above r in a step, given the square of the sampled coordinate."""
    return [
        f"y_next**2 + z_next**2 >= y**2 + z**2 + 4*eta*{square}*(1 - y**2 - z**2)",
        f"(y**2 + z**2 - r**2)*(1 - 4*eta*{square}) >= 0",
        f"eta*{square}*(1 - r**2) >= 0",
    ]


# z/y falls over an epoch: the even step followed by the factors C and D of the odd one
EPOCH = ["A > 0", "D_next > 0", "B*C_next <= (1 - eta**3*y**2/8)*A*D_next"]
LEMMAS = {
    1: {
        7: norm_grows("y**2"),
        8: [*EPOCH, "(y - z)*A*D_next >= 0", "B*C_next <= A*D_next", "z*(A*D_next - B*C_next) >= 0"],
        9: [
            *EPOCH,
            "2*y**2 >= r**2",
            "eta**3*(2*y**2 - r**2)*A*D_next >= 0",
            "B*C_next <= (1 - eta**3*r**2/16)*A*D_next",
            "B*C_next/(A*D_next) <= 1 - eta**3*r**2/16",
        ],
        10: [
            "2*y**2 >= r**2",
            "1 - y_next**2 <= (1 - y**2)*(1 - 4*eta*y**2) + 2*eta*y**2*z**2",
            "y**3*z <= 1",
            "y**2*z**2 <= z/y",
        ],
    },
    2: {
        9: norm_grows("z**2"),
        11: [
            "C >= 1/2",
            "D > 0",
            "1 - y_next**2 <= 1 - y**2 + 2*eta*y**2*z**2",
            "y**3*z*D <= 1",
            "y**2*z**2 <= 2*z*C/(y*D)",
        ],
    },
}


@states(o.PAPER, "T4")
def cyclic_limit() -> Statement:
    """State the limit in both coordinates, for every start of the theorem."""
    return statement(
        *step_links()[:2],
        tends(
            "w_t -> a_0, in the coordinates y = <w_t, a_0> and z = <w_t, a_1>",
            {"y": "1", "z": "0"},
            state=["y", "z"],
            parameters=STEP_SIZE,
            let=FACTORS,
            start=["0 < z <= y", "r**2 == y**2 + z**2", "0 < r < 1"],
            branches=[{"next": {"y": "y*A", "z": "z*B"}}, {"next": {"y": "y*D", "z": "z*C"}}],
            cyclic=True,
            hint={
                "invariants": [EVEN, ODD],
                "potentials": [
                    {"values": ["z/y", "z*C/(y*D)"], "drops": ["eta**3*r**2/16", "0"], "power": 1},
                    {"values": ["1 - y**2"] * 2, "drops": ["2*eta*r**2", "0"], "power": 1, "add": ["4*eta"]},
                ],
                "bounds": [{"power": 1, "by": ["0", "1"]}, {"power": 1, "by": ["2"]}],
                "lemmas": LEMMAS,
            },
            latex=r"\lim_t \langle w_t, a_0\rangle = 1,\quad \lim_t \langle w_t, a_1\rangle = 0",
            detail=(
                "$r = \\|w_0\\|$; the factors are those of the step with $u = y^2$ at even times, $u = z^2$ at odd "
                "ones, and $N = y^2 + z^2$ (the first two parts).",
                "At even times $z/y$ stands for itself, at odd times for its value after one more step: over an epoch "
                "it falls by $1 - \\eta^3 r^2/16$ or more, and $1 - y^2$ by $1 - 2\\eta r^2$ up to a multiple of it.",
            ),
        ),
        scope="all starts of the theorem, 0 < eta <= 1/4",
        derivation=(
            "$m = n = 2$: $a_0, a_1$ are an orthonormal basis, so that $w_t \\to a_0$ is $y_t \\to 1$, $z_t \\to 0$.",
        ),
    )
