"""``gdproof derive`` and ``gdproof threshold``."""

import json

import pytest
from click.testing import CliRunner

from checks.cli import group
from checks.cli.derive import MODELS, WHAT


def gdproof(*words):
    return CliRunner().invoke(group, list(words))


@pytest.mark.parametrize("model", sorted(MODELS))
@pytest.mark.parametrize("what", WHAT)
def test_every_closed_form_is_printed_or_refused_with_a_hint(model, what):
    done = gdproof("derive", model, what)
    if done.exit_code:
        assert done.exit_code == 2
        assert "Autoencoder(" in done.output
    else:
        assert "=" in done.output


def test_the_two_activations_together_answer_everything():
    answered = {w for w in WHAT for m in MODELS if gdproof("derive", m, w).exit_code == 0}
    assert answered == set(WHAT)


def test_derive_as_json():
    answer = json.loads(gdproof("derive", "autoencoder", "update", "--json").output)
    assert answer["update"]["c'_k (k > m)"] == "(-eta*u + 1)*c[k]"


def test_latex_has_no_python_operators():
    text = gdproof("derive", "autoencoder", "reduced", "--latex").output
    assert r"\eta" in text
    assert "**" not in text


def test_threshold():
    answer = json.loads(gdproof("threshold", "autoencoder", "--json").output)
    assert answer["eta"] == "1/2"
    assert answer["multipliers"]["radial"] == "1 - 4*eta"
