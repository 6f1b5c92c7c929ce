"""Claim files: what is read, what every error says, and what the verdicts mean."""

from __future__ import annotations

import pytest

from checks import claimfile, claimline
from checks.checker.accept import check
from checks.claimfile import ClaimFileError, judge_file, read
from checks.suite import ClaimError
from checks.verdict import Status

HEAD = 'schema = 1\n[paper]\nkey = "demo"\n'
DEMO = (
    HEAD
    + """
[[claim]]
id = "L2"
title = "Logistic step stays below one"
where = "Lemma 2"                                  # optional
let = ["x1 = x*(1 + c*(1 - x))"]                  # optional abbreviations, in order
given = ["0 < c <= 1", "0 < x < 1"]               # hypotheses: all must hold
show = ["x1 < 1", "x1 > x"]                       # conclusions: all must hold
integers = []
exists = []
sharpen = { parameter = "c", bound = "upper" }
"""
)


def entry(lines: str, name: str = "A") -> str:
    return f'[[claim]]\nid = "{name}"\n{lines}\n'


@pytest.fixture
def write(tmp_path):
    def put(text: str):
        path = tmp_path / "lemmas.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return put


@pytest.fixture
def judged(write):
    """Judge one claim, given by its fields, with a small budget."""

    def run(lines: str):
        (result,) = judge_file(write(HEAD + entry(lines)), 2.0)
        return result

    return run


# --- reading -------------------------------------------------------------------------------------------------------


def test_the_example_of_the_contract_is_read_as_written(write):
    file = read(write(DEMO))
    (claim,) = file.claims
    assert (file.paper, claim.paper, claim.id, claim.where) == ("demo", "demo", "L2", "Lemma 2")
    assert claim.title == "Logistic step stays below one"
    assert claim.sharpen == ("c", "upper")
    assert claim.formal == {
        "form": "forall",
        "let": ["x1 = x*(1 + c*(1 - x))"],
        "given": ["0 < c <= 1", "0 < x < 1"],
        "show": ["x1 < 1", "x1 > x"],
    }


def test_records_are_frozen(write):
    (claim,) = read(write(DEMO)).claims
    with pytest.raises(AttributeError):
        claim.id = "L3"


def test_only_an_id_and_a_conclusion_are_needed(write):
    (claim,) = read(write(HEAD + entry('show = ["1 < 2"]'))).claims
    assert (claim.title, claim.where, claim.let, claim.given, claim.integers, claim.exists) == ("", "", (), (), (), ())
    assert claim.sharpen is None


def test_claims_keep_the_order_of_the_file(write):
    names = ["Z", "A", "M 1/2"]
    text = HEAD + "".join(entry('show = ["1 < 2"]', name) for name in names)
    assert [claim.id for claim in read(write(text)).claims] == names


def test_a_byte_order_mark_and_other_line_ends_do_no_harm(tmp_path):
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf" + DEMO.replace("\n", "\r\n").encode())
    assert read(path).claims[0].id == "L2"


FINE = [
    "0 < x <= 1 < y",
    "x == 0.2 or not x < 1 and y != 3",
    "x > 0 implies y > 0 implies x*y > 0",
    "(x < 1 or y < 1) and (x > 0)",
    "sqrt(x) + exp(x) + log(x) + abs(x) + min(x, y, 1) + max(x, 2) < pi*E",
    "-x**2 < 2**-1",
    "delta + size*sum_1 < 1",
    "x\n< 1",
]


@pytest.mark.parametrize("line", FINE)
def test_lines_of_the_contract_parse(line):
    assert claimline.parse_line(line, set(), True)[0] in ("compare", "and", "or", "implies", "not")


# --- errors --------------------------------------------------------------------------------------------------------

LINES = [
    ("x ^ 2 < 1", 3, ["'^'", "write **"]),
    ("x = 1", 3, ["'='", "write =="]),
    ("x =< 1", 3, ["write <="]),
    ("x ≤ 1", 3, ["'≤'", "write <="]),
    ("x < 1; y < 2", 6, ["';'", "one statement a line"]),
    ("x < 1 && y < 2", 7, ["write and"]),
    ("|x| < 1", 1, ["abs"]),
    ("η < 1", 1, ["'η'", "write eta"]),
    ("2x < 1", 2, ["'x'", "write *"]),
    ("1e-3 < x", 2, ["no exponent", "0.001"]),
    ("x < 1)", 6, ["nothing opens"]),
    ("(x < 1", 7, ["ends where )", "what parses"]),
    ("x < ", 4, ["ends where an expression", "what parses"]),
    ("", 1, ["ends where", "what parses"]),
    ("\\eta < 1", 1, ["LaTeX"]),
    ("x < < 1", 5, ["'<' stands where an expression"]),
    ("0 < sum(i:S, c[i])", 5, ["sum(...)", "not part of claim files"]),
    ("all(i:S, c[i] < 1)", 1, ["all(...)", "not part of claim files"]),
    ("any(i:S, c[i] < 1)", 1, ["any(...)", "not part of claim files"]),
    ("0 < delta(i, j)", 5, ["delta(...)", "not part of claim files"]),
    ("size(S) > 1", 1, ["size(...)", "not part of claim files"]),
    ("diff(x, c[k]) > 1", 1, ["diff(...)", "not part of claim files"]),
    ("taylor(x, t, 2) > 1", 1, ["taylor(...)", "not part of claim files"]),
    ("x + c[i] < 1", 5, ["c[i]", "not part of claim files"]),
    ("arcsin(x) < 1", 1, ["'arcsin'", "sin"]),
    ("x(1 + y) < 1", 1, ["'x' is no function", "x*(...)"]),
    ('__import__("os") < 1', 1, ["'__import__' is no function"]),
    ("pi(2) < 7", 1, ["pi is a constant"]),
    ("exp < 1", 1, ["exp(...)"]),
    ("log(x, 2) < 1", 1, ["log takes one argument, not 2"]),
    ("x + 1", 1, ["a comparison is expected"]),
    ("x < 1 or y + 1", 10, ["a comparison is expected"]),
    ("1 + (x < 1) < 2", 6, ["a comparison stands where a number"]),
    ("sqrt(x < 1) < 2", 6, ["a comparison stands where a number"]),
    ("(" * 400 + "x" + ")" * 400 + " < 1", 1, ["nested too deeply"]),
    ("1" * 5000 + " < x", 1, ["too many digits"]),
]


@pytest.mark.parametrize(("line", "column", "words"), LINES, ids=lambda x: str(x)[:20])
@pytest.mark.parametrize("field", ["given", "show"])
def test_a_line_that_does_not_parse_is_named(write, field, line, column, words):
    first = 'given = ["0 < z"]' if field == "show" else 'show = ["0 < z"]'
    path = write(HEAD + entry(first + f"\n{field} = ['1 < 2', '''{line}''']", "L7"))
    with pytest.raises(ClaimFileError) as caught:
        read(path)
    message = str(caught.value)
    shown = repr(line) if len(line) < 100 else repr(line)[:100] + "..."
    assert message.startswith(f"{path}: claim 'L7': {field} line 2 {shown}: column {column}: ")
    for word in words:
        assert word in message


LETS = [
    (["x1 x"], "let line 1 'x1 x': column 5: no ="),
    (["x1 == x"], "column 4: == compares"),
    (["x + 1 = x"], "column 1: 'x + 1' is no name"),
    (["1 = x"], "'1' is no name"),
    ([" = x"], "'' is no name"),
    (["pi = 3"], "column 1: 'pi' is a word of the grammar"),
    (["sin = 3"], "'sin' is a word of the grammar"),
    (["and = 3"], "'and' is a word of the grammar"),
    (["y = x", "y = 2*x"], "let line 2 'y = 2*x': column 1: 'y' is abbreviated twice"),
    (["x = x + 1"], "'x' is used in its own definition"),
    (["y = z + 1", "z = 2"], "'z' is used in an earlier line"),
    (["y = x ^ 2"], "column 7: '^' is not expected here; write **"),
    (["y = sum(i:S, x)"], "column 5: sum(...)"),
    (["y = 1 + (x < 1)"], "column 10: a comparison stands where a number"),
    (["  y = "], "column 6: nothing after ="),
]


@pytest.mark.parametrize(("let", "words"), LETS, ids=lambda x: str(x)[:30])
def test_an_abbreviation_that_is_none_is_named(write, let, words):
    path = write(HEAD + entry(f'let = {let}\nshow = ["x < 1"]'))
    with pytest.raises(ClaimFileError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: claim 'A': let line ")
    assert words in str(caught.value)


SHOW = 'show = ["x < c"]'
FIELDS = [
    ('title = "no id"', "claim 1: 'id' is missing"),
    ("id = 3", "claim 1: 'id' is 3; write a text"),
    ('id = " "', "claim 1: 'id' is ' '"),
    ('id = "A"', "claim 'A': 'show' is missing"),
    ('id = "A"\nshow = []', "claim 'A': 'show' is []; write what is claimed"),
    ('id = "A"\nshow = "x < 1"', "claim 'A': 'show' is 'x < 1'; write a list of texts"),
    (f'id = "A"\n{SHOW}\ngiven = [1]', "claim 'A': 'given' is [1]; write a list of texts"),
    (f'id = "A"\n{SHOW}\ntitle = 1', "claim 'A': 'title' is 1; write a text"),
    (f'id = "A"\n{SHOW}\nwhere = []', "claim 'A': 'where' is []"),
    (f'id = "A"\n{SHOW}\ngivn = []', "claim 'A': unknown field 'givn'; nearest: given"),
    (f'id = "A"\n{SHOW}\nintegers = ["n"]', "claim 'A': integers: 'n' occurs in no line; names that do: c, x"),
    (f'id = "A"\n{SHOW}\nexists = ["C"]', "claim 'A': exists: 'C' occurs in no line"),
    (f'id = "A"\nlet = ["y = x"]\n{SHOW}\nintegers = ["y"]', "integers: 'y' is an abbreviation"),
    (f'id = "A"\n{SHOW}\nsharpen = "c"', "'sharpen' is 'c'; write sharpen = {"),
    (f'id = "A"\n{SHOW}\nsharpen = {{ bound = "upper" }}', "sharpen.parameter is missing"),
    (f'id = "A"\n{SHOW}\nsharpen = {{ parameter = "d", bound = "upper" }}', "sharpen.parameter: 'd' occurs in no line"),
    (f'id = "A"\n{SHOW}\nsharpen = {{ parameter = "c" }}', "sharpen.bound is missing"),
    (f'id = "A"\n{SHOW}\nsharpen = {{ parameter = "c", bound = "above" }}', "sharpen.bound is 'above'; write"),
    (f'id = "A"\n{SHOW}\nsharpen = {{ parametr = "c", bound = "upper" }}', "sharpen: unknown field 'parametr'"),
    (f'id = "A"\n{SHOW}\nexists = ["c"]\nsharpen = {{ parameter = "c", bound = "upper" }}', "'c' is in 'exists'"),
]


@pytest.mark.parametrize(("lines", "words"), FIELDS, ids=lambda x: str(x)[:30])
def test_a_field_that_is_wrong_is_named(write, lines, words):
    path = write(HEAD + "[[claim]]\n" + lines + "\n")
    with pytest.raises(ClaimFileError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: claim ")
    assert words in str(caught.value)


WHOLE = [
    ("", "'schema' is missing; write schema = 1"),
    ("schema = 2\n", "'schema' is 2"),
    ("schema = true\n", "'schema' is True"),
    ("schema = 1\n", "'paper' is missing; write [paper]"),
    ('schema = 1\npaper = "demo"\n', "'paper' is 'demo'; write [paper]"),
    ("schema = 1\n[paper]\n", "[paper]: 'key' is missing"),
    ("schema = 1\n[paper]\nkey = 1\n", "[paper]: 'key' is 1"),
    ('schema = 1\n[paper]\nkee = "demo"\n', "[paper]: unknown field 'kee'; nearest: key"),
    (HEAD, "'claim' is missing; start each claim with a line [[claim]]"),
    (HEAD + '[claim]\nid = "A"\n', "start each claim with a line [[claim]]"),
    ("schema = 1\nclaims = []\n", "unknown field 'claims'; nearest: claim"),
    (HEAD + entry('show = ["1 < 2"]') * 2, "claim 2: 'id' is 'A', as in an earlier claim"),
    ("schema = \n", "this is not TOML: "),
    (HEAD + "[[claim]]\ngiven = [0 < x]\n", "line 5"),
    ("a = " + "[" * 5000, "nested too deeply"),
]


@pytest.mark.parametrize(("text", "words"), WHOLE, ids=lambda x: str(x)[:30])
def test_a_file_that_is_wrong_is_named(write, text, words):
    path = write(text)
    with pytest.raises(ClaimFileError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert words in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "latin.toml").write_bytes(b"schema = 1 # caf\xe9\n")
    for name, words in (("missing.toml", "cannot be read"), ("latin.toml", "not UTF-8"), (".", "cannot be read")):
        with pytest.raises(ClaimError, match=words) as caught:
            read(tmp_path / name)
        assert str(tmp_path / name) in str(caught.value)


# --- meaning -------------------------------------------------------------------------------------------------------

MEANING = [
    # decimals are exact, in every place
    ('show = ["0.1 + 0.2 == 0.3"]', Status.PROVED),
    ('show = ["0.2 == 1/5"]', Status.PROVED),
    ('show = ["1.10 - 0.10 != 1"]', Status.REFUTED),
    ('given = ["x == 0.1"]\nshow = ["10*x == 1"]', Status.PROVED),
    # abbreviations are used in order, as a whole
    ('let = ["a = x + 1", "b = a*a"]\nshow = ["b == x**2 + 2*x + 1"]', Status.PROVED),
    ('let = ["a = x + 1"]\nshow = ["2*a == 2*x + 2"]', Status.PROVED),
    ('let = ["small = x < 1"]\ngiven = ["small"]\nshow = ["x < 2"]', Status.PROVED),
    # every line of both lists counts
    ('given = ["x > 1", "y > 1"]\nshow = ["x > 0", "x*y > 1"]', Status.PROVED),
    ('given = ["x > 1"]\nshow = ["x > 0", "x > 2"]', Status.REFUTED),
    # words
    ('show = ["x > 1 implies x > 0"]', Status.PROVED),
    ('show = ["x > 0 implies x > 1"]', Status.REFUTED),
    ('show = ["x > 0 and x < 1"]', Status.REFUTED),
    ('show = ["x > 0 or x < 1/2 and x < 0"]', Status.REFUTED),
    ('show = ["not x < 1"]', Status.REFUTED),
    ('given = ["x < 0 or x > 2"]\nshow = ["x > 2"]', Status.REFUTED),
    ('given = ["not x <= 2"]\nshow = ["x > 3"]', Status.REFUTED),
    # what is undefined is false in a conclusion, and admits no point as a hypothesis
    ('show = ["x/x == 1"]', Status.REFUTED),
    ('given = ["x != 0"]\nshow = ["x/x == 1"]', Status.PROVED),
    ('given = ["1/x > 0"]\nshow = ["x != 0"]', None),
    ('show = ["sqrt(x) >= 0"]', Status.REFUTED),
    ('show = ["log(x) < x"]', Status.REFUTED),
    ('show = ["1/x == 1/x"]', Status.REFUTED),
    ('show = ["x == 0 or x/x == 1"]', None),
    # names range over the reals, unless they are integers
    ('given = ["n > 0"]\nshow = ["n >= 1"]', Status.REFUTED),
    ('given = ["n > 0"]\nshow = ["n > 1"]\nintegers = ["n"]', Status.REFUTED),
]


@pytest.mark.parametrize(("lines", "status"), MEANING, ids=lambda x: str(x)[:50])
def test_the_meaning_of_a_claim(judged, lines, status):
    result = judged(lines)
    if status is None:  # true, whether or not a method proves it
        assert result.status is not Status.REFUTED
    else:
        assert result.status is status
    assert (result.reason is not None) == (result.status is Status.UNDECIDED)
    if result.status is not Status.UNDECIDED:
        assert check(result.evidence.formal, result.evidence.certificate) == result.status


def test_an_integer_name_takes_integer_values_only(judged):
    half = 'given = ["n > 0"]\nshow = ["n >= 1"]\n'
    assert judged(half).evidence.counterexample is not None
    assert judged(half + 'integers = ["n"]').status is not Status.REFUTED


def test_a_counterexample_names_every_variable_and_no_abbreviation(judged):
    result = judged('let = ["y = x + z"]\ngiven = ["x >= 0"]\nshow = ["y >= 0"]')
    assert set(result.evidence.counterexample) == {"x", "z"}
    assert judged('show = ["1 < 0"]').as_json()["counterexample"] == {}


def test_contradictory_hypotheses_prove_the_claim_and_say_so(judged):
    result = judged('given = ["x < 0", "x > 0"]\nshow = ["1 < 0"]')
    assert result.status is Status.PROVED
    assert result.vacuous
    assert result.reason.startswith("vacuous")


def test_existential_names_are_outermost(judged):
    true = judged('exists = ["c"]\ngiven = ["c > 0", "x > 0"]\nshow = ["c*x <= x"]')
    assert true.status is Status.PROVED
    assert true.evidence.formal["exists"] == ["c"]
    assert judged('exists = ["c"]\ngiven = ["x > 0"]\nshow = ["c > x"]').status is not Status.PROVED


def test_sine_and_cosine_are_part_of_claim_files(write):
    text = HEAD + entry('show = ["sin(x) <= 1"]') + entry('let = ["t = cos(x)"]\nshow = ["t > 0"]', "B")
    first, second = judge_file(write(text), 5.0)
    assert first.status is Status.PROVED
    assert second.status is Status.REFUTED


def test_an_engine_that_fails_leaves_the_claim_undecided(write, monkeypatch):
    def fail(*arguments):
        raise KeyError("x")

    monkeypatch.setattr("checks.engine.quantified.decide_claim", fail)
    monkeypatch.setattr("checks.engine.sharpen.search.sharpen", fail)
    (result,) = claimfile.judge_file(write(DEMO), 1.0)
    assert result.status is Status.UNDECIDED
    assert "KeyError" in result.reason
    assert result.sharp is None


def test_a_sharp_value_is_sought_also_when_the_claim_is_refuted(write, monkeypatch):
    asked = []

    def sharpen(formal, exists, parameter, bound, seconds):
        asked.append((formal["given"], exists, parameter, bound))
        return {"status": "exact", "value": "1"}

    monkeypatch.setattr("checks.engine.sharpen.search.sharpen", sharpen)
    (result,) = judge_file(write(DEMO.replace("0 < c <= 1", "0 < c <= 3")), 2.0)
    assert result.status is Status.REFUTED
    assert result.as_json()["sharp"] == {"status": "exact", "value": "1"}
    assert asked == [(["0 < c <= 3", "0 < x < 1"], [], "c", "upper")]
