"""The solver's side of `checks.engine.refute.smt`, run as a script in a process of its own: SMT-LIB text in, JSON out.

It imports nothing of the package, so that it starts fast, and its own limits end it where the caller's do not.
"""

import importlib
import json
import math
import resource
import sys
from typing import Any


def main() -> None:
    """Read ``{"text", "seconds", "megabytes"}`` and print ``{"answer", "values"}``.

    A value is a fraction's text, or the coefficients of a polynomial (constant first) and a float near the root meant.
    """
    task = json.load(sys.stdin)
    seconds = math.ceil(float(task["seconds"])) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds + 1, seconds + 2))
    resource.setrlimit(resource.RLIMIT_AS, ((int(task["megabytes"]) + 512) << 20,) * 2)
    z3 = importlib.import_module("z3")  # optional, and without types
    z3.set_param("memory_max_size", int(task["megabytes"]))
    solver = z3.Solver()
    solver.set("timeout", int(1000 * float(task["seconds"])))
    solver.from_string(task["text"])
    answer = str(solver.check())
    values: dict[str, Any] = {}
    if answer == "sat":
        model = solver.model()
        for declared in model.decls():
            value = model[declared]
            if z3.is_algebraic_value(value):
                near = value.approx(40)
                values[declared.name()] = {
                    "polynomial": [str(c) for c in value.poly()],
                    "near": near.numerator_as_long() / near.denominator_as_long(),
                }
            elif z3.is_rational_value(value) or z3.is_int_value(value):
                values[declared.name()] = str(value.as_fraction() if z3.is_rational_value(value) else value.as_long())
    json.dump({"answer": answer, "values": values}, sys.stdout)


if __name__ == "__main__":
    main()
