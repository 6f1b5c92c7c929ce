"""Numba against generated C: the JIT's own source translated to C++, compiled by g++, on the same blocks of lanes.

    python benchmarks/kernels/generated_c.py [--repeat 7]

It answers one question: would a C emitter make the CPU JIT faster?  Both programs do the same operations in the same
order, and the final states must have the same bits.  Times are processor times of one thread.
"""

from __future__ import annotations

import argparse
import ast
import ctypes
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

FLAGS = ["-O3", "-march=native", "-ffp-contract=off", "-fno-trapping-math", "-fno-math-errno", "-std=c++17"]
WORKLOADS = {
    "SGD, b=1, n=32": ("sgd", 32, 32, 1, 2048, 1000),
    "SGD, b=1, n=4096": ("sgd", 4096, 4096, 1, 256, 4000),
    "SGD, b=64, n=256": ("sgd", 256, 256, 64, 512, 100),
    "SGD, b=1024, n=4096": ("sgd", 4096, 4096, 1024, 32, 60),
    "full batch, n=256": ("gd", 256, 256, None, 2048, 1000),
}

#: What the driver hands in, or another name for it.
_HANDED = {"lanes", "n", "room", "w", "row", "bits", "repairs", "words", "spare", "places"}
_SAME = {"flat": "c", "cells": "c", "row": "w", "bits": "masks"}
_TABLES = {"c": "lanes", "masks": "lanes", "places": "lanes", "watch": "lanes", "g": "lanes", "rows": "lanes"}


class _Translator:
    """Writes functions of the JIT's source as C++: loops over ranges, assignments, arithmetic, choices, tables."""

    def function(self, node: ast.FunctionDef, arguments: str) -> str:
        """Return a function with given arguments."""
        self.known = [set(re.findall(r"\w+(?=[,)])", arguments + ")")) | {"lanes"}]
        return f"void {node.name}({arguments})\n{{\n" + "\n".join(self.block(node.body)) + "\n}\n"

    def block(self, statements: list[ast.stmt]) -> list[str]:
        return [line for statement in statements for line in self.statement(statement)]

    def scope(self, statements: list[ast.stmt], names: set[str]) -> list[str]:
        self.known.append(names)
        lines = self.block(statements)
        self.known.pop()
        return ["{", *lines, "}"]

    def statement(self, node: ast.stmt) -> list[str]:
        match node:
            case ast.For(target=ast.Name(id=name), iter=ast.Call(args=args)):
                bounds = [self.value(item) for item in args]
                low, high, step = (["0", *bounds, "1"] if len(bounds) == 1 else [*bounds, "1"])[:3]
                inner = ["#pragma GCC ivdep"] if name == "l" and low == "0" else []
                head = f"for (i64 {name} = {low}; {name} < {high}; {name} += {step})"
                return [*inner, head, *self.scope(node.body, {name})]
            case ast.If():
                other = ["else", *self.scope(node.orelse, set())] if node.orelse else []
                return [f"if ({self.value(node.test)})", *self.scope(node.body, set()), *other]
            case ast.Break():
                return ["break;"]
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                pairs = zip(names, values, strict=True)
                return [line for a, b in pairs for line in self.statement(ast.Assign([a], b))]
            case ast.Assign(targets=[ast.Name(id="masks")], value=ast.Call(args=[ast.Tuple(elts=[rows, _]), _])):
                return [f"for (i64 i = 0; i < {self.value(rows)} * lanes; ++i)", "masks[i] = 0;"]
            case ast.Assign(targets=[ast.Subscript(slice=ast.Slice(lower=a, upper=b))]):
                return [f"for (i64 i = {self.value(a)} * lanes; i < {self.value(b)} * lanes; ++i)", "masks[i] = 0;"]
            case ast.Assign(targets=[ast.Name(id=name)]) if name in _HANDED:
                return []
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                fresh = not any(name in names for names in self.known)
                self.known[-1].add(name)
                kind = ("i64 " if name in ("held", "bad", "top", "now") else "auto ") if fresh else ""
                return [f"{kind}{name} = {self.value(value)};"]
            case ast.Assign(targets=[target], value=value):
                return [f"{self.value(target)} = {self.value(value)};"]
            case ast.AugAssign(target=target, value=value):
                return [f"{self.value(target)} += {self.value(value)};"]
            case ast.Expr(value=value):
                return [f"{self.value(value)};"]
        raise ValueError(f"the translation to C has no statement for {ast.unparse(node)}")

    def value(self, node: ast.expr) -> str:
        operators: dict[type, str] = {
            ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "/", ast.Mod: "%", ast.BitAnd: "&",
            ast.BitOr: "|", ast.RShift: ">>", ast.LShift: "<<", ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<",
            ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Or: "||", ast.And: "&&",
        }  # fmt: skip
        match node:
            case ast.Constant(value=value):
                return float.hex(value) if isinstance(value, float) else str(int(value))
            case ast.Name(id=name):
                return {"ONE": "1ull"}.get(name, name)
            case ast.BinOp(left=a, op=op, right=b):
                return f"({self.value(a)} {operators[type(op)]} {self.value(b)})"
            case ast.Compare(left=a, ops=[op], comparators=[b]):
                return f"({self.value(a)} {operators[type(op)]} {self.value(b)})"
            case ast.BoolOp(op=op, values=values):
                return "(" + f" {operators[type(op)]} ".join(map(self.value, values)) + ")"
            case ast.UnaryOp(operand=a):
                return f"(-{self.value(a)})"
            case ast.IfExp(test=test, body=a, orelse=b):
                return f"({self.value(test)} ? {self.value(a)} : {self.value(b)})"
            case ast.Subscript(value=ast.Name(id=table), slice=ast.Tuple(elts=[k, lane])):
                return f"{table}[({self.value(k)}) * {_TABLES[table]} + {self.value(lane)}]"
            case ast.Subscript(value=ast.Name(id=table), slice=ast.Slice(lower=low)):
                return f"{table} + {self.value(low)} * lanes"
            case ast.Subscript(value=ast.Name(id=table), slice=place):
                return f"{_SAME.get(table, table)}[{self.value(place)}]"
            case ast.Call(func=ast.Attribute(attr="uint64" | "int64" as kind), args=[a]):
                return f"({'u64' if kind == 'uint64' else 'i64'})({self.value(a)})"
            case ast.Call(func=ast.Name(id="thin"), args=[masks, *_]):
                given = "repairs, words, held, k0, k1, t, replicas, m, b, planes, numerator, blocks, lanes"
                return f"thin({self.value(masks)}, {given})"
            case ast.Call(func=ast.Name(id="spill"), args=args):
                return f"spill({', '.join(self.value(item) for item in args)})"
            case ast.Call(func=ast.Name(id=name), args=args):
                given = [self.value(item) for item in args]
                return f"{name}({', '.join([*given, 'lanes'])})"
            case ast.Attribute(value=ast.Name(id="c"), attr="shape"):
                return "shape"
        text = ast.unparse(node)
        if text == "c.shape[1]":
            return "lanes"
        raise ValueError(f"the translation to C has no expression for {text}")


def translate(source: str) -> str:
    """Return the C++ of a module of the JIT."""
    table, values = "double *__restrict c", "double *__restrict w"
    masks = ", const u64 *masks" if "def spill(c, w, n, m, lanes, masks)" in source else ""
    arguments = {
        "resum": f"{table}, {values}, const double *parameters, i64 n, i64 m, i64 low, i64 high, i64 lanes",
        "spill": f"{table}, {values}, i64 n, i64 m, i64 lanes{masks}",
        "advance": f"{table}, {values}, u64 *__restrict places, u64 *__restrict masks, u64 *__restrict repairs, "
        "u64 *__restrict words, const u64 *replicas, i64 t0, i64 t1, i64 final, i64 n, i64 m, i64 b, "
        "const double *parameters, u64 k0, u64 k1, i64 planes, i64 numerator, i64 blocks, i64 lanes",
    }
    text = (HERE / "lanes.hpp").read_text()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            prefix = 'extern "C" ' if node.name == "advance" else "static "
            text += prefix + _Translator().function(node, arguments[node.name])
    return text


def compiled(source: str, folder: str) -> Callable[..., None]:
    """Compile a module of the JIT as C++ and return its ``advance``."""
    file = Path(folder) / "advance.cpp"
    file.write_text(translate(source))
    library = file.with_suffix(".so")
    subprocess.run(["g++", *FLAGS, "-shared", "-fPIC", str(file), "-o", str(library)], check=True)
    code: Any = ctypes.CDLL(str(library)).advance
    return code


def least(run: Callable[[], np.ndarray], repeat: int) -> tuple[float, np.ndarray]:
    """Return the least processor time of some runs, and their result."""
    times = []
    for _ in range(repeat):
        begin = time.process_time()
        state = run()
        times.append(time.process_time() - begin)
    return min(times), state


def compare(title: str, repeat: int) -> str:
    """Time both programs on one workload and return the line of the table."""
    from numerics import lower
    from numerics.batches import batches_of, law_of
    from numerics.passes import rewrite
    from numerics.random import key_of, numbers
    from numerics.state import enter
    from numerics.targets import Problem, jit_target
    from numerics.thinning import thinning
    from theory.derive import update_map

    algorithm, m, n, b, replicas, steps = WORKLOADS[title]
    law = law_of(algorithm)
    batches = batches_of(law, m, b, 3, 0)
    kernel, _ = rewrite(lower(update_map("linear"), law, (), batches.form), n, batches.b)
    problem = Problem(kernel, batches, n, (0.2,))
    lanes = jit_target.lanes_of(kernel, n)
    begin = time.perf_counter()
    advance = jit_target.prepare(problem)
    middle = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        code = compiled(jit_target.generate(problem), folder)
    end = time.perf_counter()

    start = np.random.default_rng(1).normal(size=(lanes, n)) * 0.5 / np.sqrt(n)
    planes, numerator, blocks = 0, 0, 0
    if 1 < batches.b < m:
        found = thinning(m, batches.b)
        planes, numerator, blocks = found.planes, found.numerator, found.repairs(m, batches.b) // 4 + 1
    parts = [range(first, first + lanes) for first in range(0, replicas, lanes)]
    sizes = (4, 2 * (m // 64 + 1), 4 * blocks + 4, 4)
    scratch = [np.empty(200 * lanes), *(np.empty(size * lanes, np.uint64) for size in sizes)]
    eta = np.array([0.2])

    def numba() -> np.ndarray:
        for part in parts:
            state = enter(kernel, start)
            advance(state, np.empty((0, lanes)), part, range(steps), False)
        return state

    def c() -> np.ndarray:
        for part in parts:
            state, who = enter(kernel, start), numbers(part)
            pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in (state, *scratch, who, eta)]
            first = [ctypes.c_int64(value) for value in (0, steps, 0, n, m, batches.b)]
            second = [ctypes.c_int64(value) for value in (*key_of(3), planes, numerator, blocks, lanes)]
            code(*pointers[:-1], *first, pointers[-1], *second)
        return state

    numba()
    mine, bits = least(numba, repeat)
    other, theirs = least(c, repeat)
    if bits.tobytes() != theirs.tobytes():
        raise SystemExit(f"{title}: the bits differ")
    return f"{title:22} {mine:9.4f} {other:9.4f} {mine / other:10.2f}  {middle - begin:.1f} / {end - middle:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=7, help="runs of which the least time counts (default 7)")
    args = parser.parse_args()
    print(f"{'workload':22} {'Numba s':>9} {'C s':>9} {'Numba / C':>10}  compile s, Numba / C")
    for title in WORKLOADS:
        print(compare(title, args.repeat), flush=True)


if __name__ == "__main__":
    main()
