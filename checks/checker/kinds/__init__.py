"""One module a certificate kind; each has ``verify(goal, certificate) -> None`` and raises Rejected."""
