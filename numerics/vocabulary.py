"""The words of the intermediate representation: kinds of operations, places, signs, batch laws, forms of batches."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Kind(StrEnum):
    """What an operation computes; the value is its name in the textual form."""

    CONSTANT = "constant"
    PARAMETER = "parameter"
    COORDINATE = "coordinate"
    REDUCTION = "reduction"
    SCALE = "scale"
    INVERSE = "inverse"
    KEPT = "kept"
    ADD = "+"
    SUB = "-"
    MUL = "*"
    DIV = "/"
    SQRT = "sqrt"
    NEG = "neg"


class Rate(IntEnum):
    """How often an operation has to be evaluated: once a run, once a step and lane, once a coordinate."""

    RUN = 0
    LANE = 1
    COORDINATE = 2


class Base(StrEnum):
    """Place of a coordinate with respect to the data and the batch."""

    BATCH = "batch"
    REST = "rest"
    OUTSIDE = "outside"


class Domain(StrEnum):
    """List of coordinates that a reduction runs over: B, [m], [n] without [m], or [n]."""

    BATCH = "batch"
    DATA = "data"
    OUTSIDE = "outside"
    ALL = "all"


class Sign(StrEnum):
    """Filter on the sign of a coordinate before the step: any, ``c > 0``, or not ``c > 0``."""

    ANY = ""
    POSITIVE = "+"
    NONPOSITIVE = "-"


class Combine(StrEnum):
    """How a reduction combines its entries."""

    SUM = "sum"
    MAX = "max"


class Law(StrEnum):
    """Batch law: full batch, uniform b-subsets, the cyclic order, or an explicit sequence."""

    GD = "gd"
    SGD = "sgd"
    CYCLIC = "cyclic"
    SEQUENCE = "sequence"

    @property
    def shared(self) -> bool:
        """Whether all replicas have the same batch at one step."""
        return self is not Law.SGD


class Form(StrEnum):
    """How the batch is listed: its members in increasing order, or all samples with zeros for the others."""

    LIST = "list"
    MASK = "mask"


class Watch(StrEnum):
    """What is streamed from a reduction along a trajectory."""

    MAXIMUM = "max"
    FIRST = "first"
