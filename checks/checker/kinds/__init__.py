"""One module a certificate kind: rules that leave goals (`accept.RULES`), signs, verdicts; all raise Rejected."""
