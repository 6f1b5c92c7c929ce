"""Words of matrices reduced by equalities, each reduction recorded as an expression that the checker expands.

An equality between matrices whose largest word has a constant coefficient is a rule: that word is replaced by the
others.  Rules apply inside words and, by rotation, inside traces; equalities between numbers replace monomials.
Overlaps of two rules give new equalities (a bounded noncommutative Buchberger completion).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from checks.checker import polynomial as poly
from checks.checker.polynomial import ONE, Generator, Monomial, Poly
from checks.checker.word_statement import Statement
from checks.checker.words import UNIT, Algebra, Shape, Value, Word
from checks.engine.budget import Budget
from checks.engine.words.text import poly_text, product_text, word_text

LARGEST_RULES = 160
LONGEST_LEAD = 12
LARGEST_TOP = 4000
Top = dict[Word, Poly]


@dataclass(frozen=True, eq=False)
class Rule:
    """The equality ``text``, of which ``lead`` (or ``monomial``, for numbers) is the largest term."""

    text: str
    value: Value
    lead: Word
    monomial: Monomial
    coefficient: Fraction


@dataclass
class Rewriter:
    """Rules of a statement, with the lemmas that were derived from its hypotheses."""

    stated: Statement
    budget: Budget
    rules: list[Rule] = field(default_factory=list)
    lemmas: list[str] = field(default_factory=list)
    defined: list[str] = field(default_factory=list)
    _pairs: list[tuple[Rule, Rule]] = field(default_factory=list)

    def __post_init__(self) -> None:
        equalities = self.stated.differences()
        self._find_definitions(list(equalities.values()))
        self.first = len(equalities)
        for name, value in sorted(equalities.items(), key=lambda item: self._size(item[1])):
            self._add(name, value)

    @property
    def algebra(self) -> Algebra:
        """The declared names."""
        return self.stated.algebra

    def _size(self, value: Value) -> int:
        return max((len(word) for word in value.top), default=0)

    def _find_definitions(self, values: Sequence[Value]) -> None:
        """List letters X with an equality X == ... in which X occurs once, and no earlier one of the list."""
        for value in values:
            held = [letter for w, p in value.top.items() for letter in _letters(w, p)]
            for word, p in value.top.items():
                if len(word) != 1 or set(p) != {()} or held.count(word[0][0]) != 1:
                    continue
                if word[0][0] not in self.defined and not set(held) & set(self.defined):
                    self.defined.append(word[0][0])
                    break

    def _order(self, word: Word) -> tuple[object, ...]:
        names = [name for name, _ in word]
        return (*(names.count(name) for name in self.defined), len(word), word)

    def _monomial_order(self, monomial: Monomial) -> tuple[object, ...]:
        words = [g[1] for g, e in monomial if isinstance(g, tuple) for _ in range(e)]
        held = [name for word in words for name, _ in word]
        degree = sum(e for g, e in monomial if not isinstance(g, tuple))
        return (*(held.count(name) for name in self.defined), sum(map(len, words)) + degree, repr(monomial))

    def _add(self, text: str, value: Value) -> None:
        """Add an equality as a rule, and its transpose."""
        if value.shape == UNIT:
            monomial = max(value.number, key=self._monomial_order, default=())
            if monomial:
                self.rules.append(Rule(text, value, (), monomial, value.number[monomial]))
            return
        shape = value.shape
        assert shape is not None
        top = {self.algebra.transposed(word): p for word, p in value.top.items()}
        twins = [(text, value)]
        if not any(_same(top, value.top, sign) for sign in (1, -1)):
            twins.append((f"{text}'", Value(shape[::-1], top, ONE)))
        for name, one in twins:
            lead = max(one.top, key=self._order, default=())
            if lead and set(one.top[lead]) == {()} and len(lead) <= LONGEST_LEAD:
                rule = Rule(name, one, lead, (), one.top[lead][()])
                self._pairs += [(rule, other) for other in (*self.rules, rule) if other.lead]
                self.rules.append(rule)

    def reduce(self, value: Value, without: Rule | None = None) -> tuple[Value, list[str]]:
        """Return what no rule reduces further, and the equalities that were added up on the way.

        The difference of the argument and the result is the sum of the texts.
        """
        pieces: list[str] = []
        top, modulo = _cut_off(value.top, self.stated), self.stated.modulo
        while not self.budget.spent() and len(top) <= LARGEST_TOP:
            found = next((hit for rule in self.rules if rule is not without for hit in self._hits(rule, top)), None)
            if found is None:
                break
            text, change = found
            pieces.append(text)
            top = _cut_off(_minus(top, change.top), self.stated) if modulo else _minus(top, change.top)
        return Value(value.shape, top, ONE), pieces

    def _hits(self, rule: Rule, top: Top) -> Iterator[tuple[str, Value]]:
        """Yield what a rule takes away: a multiple of its equality, as text and as a value."""
        for word, p in top.items():
            if rule.monomial:
                for monomial, c in p.items():
                    rest = _quotient(monomial, rule.monomial)
                    if rest is not None:
                        factor = {rest: c / rule.coefficient}
                        yield self._multiple(factor, (rule.text, rule.value), word)
                continue
            at = _position(word, rule.lead)
            if at is not None:
                left, right = word[:at], word[at + len(rule.lead) :]
                factor = poly.multiply(p, poly.constant(1 / rule.coefficient))
                text = product_text(f"({poly_text(factor)})", word_text(left), rule.text, word_text(right))
                yield text, self._product(self._matrix(factor), self._matrix(ONE, left), rule.value,
                                          self._matrix(ONE, right))  # fmt: skip
            for monomial, c in p.items():
                for g, _ in monomial:
                    for text, value, coefficient in self._traced(rule, g) if isinstance(g, tuple) else ():
                        others = tuple((h, e - (h == g)) for h, e in monomial if e - (h == g))
                        yield self._multiple({others: c / coefficient}, (text, value), word)

    def _traced(self, rule: Rule, g: Generator) -> Iterator[tuple[str, Value, Fraction]]:
        """Yield traces of multiples of an equality of which a trace is the largest term, with its coefficient."""
        for word, p in rule.value.top.items():
            if not word or set(p) != {()}:
                continue
            for others in _rotations(g[1], word):
                value = self.algebra.trace(self._product(rule.value, self._matrix(ONE, others)))
                if max(value.number, key=self._monomial_order, default=()) == ((g, 1),):
                    text = f"tr({product_text(rule.text, word_text(others))})"
                    yield text, value, value.number[((g, 1),)]

    def _multiple(self, factor: Poly, number: tuple[str, Value], word: Word) -> tuple[str, Value]:
        text = product_text(f"({poly_text(factor)})", number[0], word_text(word))
        return text, self._product(self._matrix(factor), number[1], self._matrix(ONE, word))

    def _matrix(self, p: Poly, word: Word = ()) -> Value:
        if not word:
            return Value(UNIT, {(): p} if p else {}, ONE)
        letters = self.algebra.letters
        shape: Shape = (self.algebra.rows(word[0]), letters[word[-1][0]][not word[-1][1]])
        return Value(shape, {word: p}, ONE)

    def _product(self, *values: Value) -> Value:
        result = values[0]
        for value in values[1:]:
            result = self.algebra.times(result, value)
        return result

    def complete(self) -> Iterator[Rule]:
        """Derive new rules from overlaps of two, the shortest first, and yield them."""
        while self._pairs and not self.budget.spent() and len(self.rules) < LARGEST_RULES:
            self._pairs.sort(key=lambda pair: -len(pair[0].lead) - len(pair[1].lead))
            first, second = self._pairs.pop()
            for a, b in {(first, second), (second, first)} if first is not second else {(first, second)}:
                for left, right, inside in _overlaps(a.lead, b.lead):
                    # left * b.lead (* right) == a.lead * right: the two rules rewrite the same word
                    yield from self._overlap(a, b, left, right, inside)
        for rule in [rule for rule in self.rules if rule.lead]:
            for word in self._closing(rule.value.shape or UNIT):
                traced = self.algebra.trace(self._product(rule.value, self._matrix(ONE, word)))
                yield from self._learn(f"tr({product_text(rule.text, word_text(word))})", traced)

    def _closing(self, shape: Shape) -> Iterator[Word]:
        """Yield words of at most two letters that make a square matrix of one of a shape."""
        if shape[0] == shape[1]:
            yield ()
        letters = [(name, mark) for name in self.algebra.letters for mark in (False, True)]
        letters = [one for one in letters if not (one[1] and one[0] in self.algebra.symmetric)]
        ends = {one: (self.algebra.rows(one), self.algebra.letters[one[0]][not one[1]]) for one in letters}
        yield from ((one,) for one in letters if ends[one] == shape[::-1])
        for one in letters:
            for other in letters:
                if ends[one][0] == shape[1] and ends[one][1] == ends[other][0] and ends[other][1] == shape[0]:
                    yield one, other

    def _overlap(self, a: Rule, b: Rule, left: Word, right: Word, inside: bool) -> Iterator[Rule]:
        one, one_text = a.value, a.text
        if not inside:
            one, one_text = self._product(a.value, self._matrix(ONE, right)), product_text(a.text, word_text(right))
        other = self._product(self._matrix(ONE, left), b.value, self._matrix(ONE, right if inside else ()))
        other_text = product_text(word_text(left), b.text, word_text(right) if inside else "")
        quotient = a.coefficient / b.coefficient
        gap = Value(one.shape, _minus(one.top, other.top, quotient), ONE)
        yield from self._learn(f"{one_text} - ({quotient})*{other_text}", gap)

    def _learn(self, text: str, value: Value) -> Iterator[Rule]:
        """Add what is left of an equality as a rule, if anything is, and yield it."""
        if self.budget.spent() or len(self.rules) >= LARGEST_RULES:
            return
        rest, pieces = self.reduce(value)
        if not rest.top or rest.shape is None or self.budget.spent():
            return
        self.lemmas.append(" - ".join([text, *(f"({piece})" for piece in pieces)]))
        before = len(self.rules)
        self._add(f"@{self.first + len(self.lemmas)}", rest)
        yield from self.rules[before:]


def _letters(word: Word, p: Poly) -> Iterator[str]:
    yield from (name for name, _ in word)
    yield from (name for g in poly.generators(p) if isinstance(g, tuple) for name, _ in g[1])


def _same(a: Mapping[Word, Poly], b: Mapping[Word, Poly], sign: int) -> bool:
    return set(a) == set(b) and all(not poly.add(a[w], b[w], -sign) for w in a)


def _minus(a: Mapping[Word, Poly], b: Mapping[Word, Poly], scale: Fraction | int = 1) -> Top:
    result = dict(a)
    for word, p in b.items():
        rest = poly.add(result.get(word, {}), p, -scale)
        if rest:
            result[word] = rest
        else:
            result.pop(word, None)
    return result


def _cut_off(top: Mapping[Word, Poly], stated: Statement) -> Top:
    """Leave out the powers that do not count in a statement modulo a power."""
    if stated.modulo is None:
        return dict(top)
    name, order = stated.modulo
    kept = {w: {m: c for m, c in p.items() if dict(m).get(name, 0) < order} for w, p in top.items()}
    return {w: p for w, p in kept.items() if p}


def _position(word: Word, lead: Word) -> int | None:
    """Return where a word holds another one."""
    size = len(lead)
    return next((k for k in range(len(word) - size + 1) if word[k : k + size] == lead), None)


def _rotations(word: Word, part: Word) -> Iterator[Word]:
    """Yield what follows a part in the rotations of a word that begin with it."""
    twice = word + word
    for k in range(len(word) if len(part) <= len(word) else 0):
        if twice[k : k + len(part)] == part:
            yield twice[k + len(part) : k + len(word)]


def _quotient(monomial: Monomial, divisor: Monomial) -> Monomial | None:
    powers = dict(monomial)
    for g, e in divisor:
        powers[g] = powers.get(g, 0) - e
        if powers[g] < 0:
            return None
    return tuple((g, powers[g]) for g, _ in monomial if powers[g])


def _overlaps(a: Word, b: Word) -> Iterator[tuple[Word, Word, bool]]:
    """Yield left and right with ``a + right == left + b`` (overlap), or ``a == left + b + right`` (b inside a)."""
    for k in range(1, min(len(a), len(b))):
        if a[-k:] == b[:k]:
            yield a[:-k], b[k:], False
    if len(b) <= len(a) and a != b:
        for k in range(len(a) - len(b) + 1):
            if a[k : k + len(b)] == b:
                yield a[:k], a[k + len(b) :], True
