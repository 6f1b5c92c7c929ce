import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from checks.report import plot_svg, render_page, write_page
from checks.report.svg import embed
from checks.verdict import Evidence, Ledger, Status, Verdict

NAMESPACES = {
    "http://www.w3.org/1998/Math/MathML",
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/1999/xlink",
}
HOSTILE = '<script>alert("x")</script>&amp;<img src=x onerror=alert(1)>'


def parsed(ledger: Ledger) -> ElementTree.Element:
    """Parse the page as XML: every element closed and nested, every attribute quoted, < and & escaped."""
    text = render_page(ledger).strip()
    assert text.startswith("<!DOCTYPE html>")
    return ElementTree.fromstring(text.removeprefix("<!DOCTYPE html>"))


def hostile(verdict: Verdict) -> Verdict:
    evidence = Evidence(
        part=HOSTILE,
        status=Status.REFUTED,
        method=HOSTILE,
        statement=HOSTILE,
        formal={HOSTILE: HOSTILE},
        certificate={"kind": HOSTILE},
        detail=(HOSTILE, f"${HOSTILE}$", f"$\\text{{{HOSTILE}}}$", "$a<b$"),
        counterexample={HOSTILE: HOSTILE},
        figure='<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>',
        data={
            HOSTILE: HOSTILE,
            "table": {"columns": [HOSTILE], "rows": [[HOSTILE]]},
            "plot": {"kind": HOSTILE},
        },
    )
    return replace(
        verdict,
        paper=HOSTILE,
        id=HOSTILE,
        title=HOSTILE,
        where=HOSTILE,
        kind=HOSTILE,
        scope=HOSTILE,
        method=HOSTILE,
        claim_text=HOSTILE,
        evidence=(evidence,),
        depends_on=(HOSTILE,),
        counterexample={"x": HOSTILE},
        repair=HOSTILE,
        reason=HOSTILE,
        sharp={"status": "exact", "value": HOSTILE},
        derivation=(HOSTILE,),
    )


def test_page_is_well_formed(ledger: Ledger) -> None:
    root = parsed(ledger)
    assert [child.tag for child in root] == ["head", "body"]


def test_ids_are_unique_and_inner_links_lead_somewhere(ledger: Ledger) -> None:
    root = parsed(ledger)
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    targets = {e.get("href") for e in root.iter() if e.get("href")}
    assert targets
    assert {t for t in targets if t is not None} <= {f"#{i}" for i in ids}
    markers = re.findall(r"url\(#([^)]*)\)", render_page(ledger))
    assert markers
    assert set(markers) <= set(ids)


def test_page_loads_nothing(ledger: Ledger) -> None:
    text = render_page(ledger)
    urls = set(re.findall(r"[a-z]+://[^\s\"'<>)]+", text))
    assert urls <= NAMESPACES
    root = parsed(ledger)
    assert not {"link", "img", "iframe", "object", "embed", "base", "audio", "video"} & {e.tag for e in root.iter()}
    assert not any("src" in e.attrib for e in root.iter())
    assert "@import" not in text


def test_every_claim_has_a_row_and_a_section(ledger: Ledger) -> None:
    root = parsed(ledger)
    rows = root.findall(".//table[@class='ledger']/tbody/tr")
    articles = {a.get("id"): a for a in root.iter("article")}
    assert [row.get("data-claim") for row in rows] == [f"claim-{v.key}" for v in ledger.verdicts]
    for row, verdict in zip(rows, ledger.verdicts, strict=True):
        article = articles[row.get("data-claim")]
        text = "".join(article.itertext())
        assert verdict.claim_text in text
        assert row.get("data-status") == article.get("data-status") == verdict.status.value


def test_status_is_said_in_words_everywhere(ledger: Ledger) -> None:
    for badge in parsed(ledger).iter("span"):
        if "badge" in (badge.get("class") or "").split():
            assert re.search(r"[a-z]{4,}", "".join(badge.itertext()))


def test_mathematics_is_mathml(ledger: Ledger) -> None:
    text = render_page(ledger)
    assert text.count("<math") > 15
    assert 'class="tex"' not in text


def test_a_formula_that_cannot_be_converted_is_shown_as_code(ledger: Ledger) -> None:
    odd = replace(ledger.verdicts[7], reason=r"no bound on $\mystery{x}<1$")
    codes = ["".join(c.itertext()) for c in parsed(Ledger({}, (odd,))).iter("code")]
    assert codes == [r"\mystery{x}<1"]


def test_hostile_text_is_shown_and_never_obeyed(ledger: Ledger) -> None:
    root = parsed(Ledger({HOSTILE: HOSTILE}, (hostile(ledger.verdicts[0]),)))
    assert len(list(root.iter("script"))) == 1
    assert not list(root.iter("img"))
    assert not any(name.lower().startswith("on") for e in root.iter() for name in e.attrib)
    assert HOSTILE in "".join(root.itertext())


def test_only_the_page_s_own_script_may_run(ledger: Ledger) -> None:
    root = parsed(ledger)
    (script,) = root.iter("script")
    digest = base64.b64encode(hashlib.sha256((script.text or "").encode()).digest()).decode()
    policy = root.find(".//meta[@http-equiv='Content-Security-Policy']")
    assert policy is not None
    assert f"script-src 'sha256-{digest}'" in policy.attrib["content"]
    assert "default-src 'none'" in policy.attrib["content"]


def test_without_scripts_nothing_is_hidden_but_the_controls(ledger: Ledger) -> None:
    hidden = [e.get("id") for e in parsed(ledger).iter() if "hidden" in e.attrib]
    assert hidden == ["controls"]


def test_evidence_tables_figures_and_certificates(ledger: Ledger) -> None:
    root = parsed(ledger)
    cells = ["".join(td.itertext()) for td in root.iter("td")]
    assert {"1/320", "1/4"} <= set(cells)
    figures = [f for f in root.iter("figure") if (f.get("class") or "").startswith("plot")]
    assert len(figures) == 2
    assert any("normal-form" in "".join(d.itertext()) for d in root.iter("details"))


def test_a_long_certificate_is_cut_and_says_so(ledger: Ledger) -> None:
    long = Evidence("p", Status.PROVED, "m", certificate={"terms": ["x" * 50_000]})
    text = render_page(Ledger({}, (replace(ledger.verdicts[0], evidence=(long,)),)))
    assert len(text) < 60_000
    assert "characters in all; the ledger" in text


def test_the_same_ledger_gives_the_same_page(ledger: Ledger, tmp_path: Path) -> None:
    path = write_page(ledger, tmp_path)
    assert path == tmp_path / "index.html"
    assert path.read_text(encoding="utf-8") == render_page(ledger)


def test_papers_are_told_apart(ledger: Ledger) -> None:
    other = replace(ledger.verdicts[0], paper="patel2018", depends_on=("ghosh2023.P15", "L99"))
    root = parsed(Ledger({}, (*ledger.verdicts, other)))
    article = next(a for a in root.iter("article") if a.get("id") == "claim-patel2018.L14")
    assert [a.get("href") for a in article.iter("a")] == ["#claim-ghosh2023.P15"]
    assert "L99 (missing: no verdict in this ledger)" in "".join(article.itertext())


def test_an_empty_ledger_has_a_page() -> None:
    assert "0 claims" in "".join(parsed(Ledger({}, ())).itertext())


@pytest.mark.parametrize(
    "attribute",
    [
        'onload="alert(1)"',
        'oNclick="x"',
        'style="fill:url(http://a/b)"',
        'style="b:u\\72l(x)"',
        'fill="url( //a )"',
        'HREF="http://a"',
        'src="//a"',
    ],
)
def test_figures_lose_what_runs_or_loads(attribute: str) -> None:
    figure = f'<svg xmlns="http://www.w3.org/2000/svg"><path {attribute} d="M0 0"/></svg>'
    path = ElementTree.fromstring(str(embed(figure, "f"))).find("path")
    assert path is not None
    assert path.attrib == {"d": "M0 0"}


def test_figures_keep_their_inner_references_under_new_names() -> None:
    figure = (
        '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x/svg11.dtd">'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><metadata>m</metadata>'
        '<style>*{color:red}</style><defs><path id="a" d="M0 0"/></defs>'
        '<use xlink:href="#a" clip-path="url(#c)"/><use xlink:href="http://x#a"/></svg>'
    )
    root = ElementTree.fromstring(str(embed(figure, "f1")))
    assert [e.tag for e in root.iter()] == ["svg", "defs", "path", "use", "use"]
    first, second = root.findall("use")
    assert first.attrib == {"href": "#f1-a", "clip-path": "url(#f1-c)"}
    assert second.attrib == {}


@pytest.mark.parametrize("text", ["no svg", "<svg/>", "<html/>", '<!DOCTYPE svg [<!ENTITY a "b">]><svg/>'])
def test_what_is_no_figure_is_shown_as_text(text: str) -> None:
    assert "<svg" not in str(embed(text, "f"))
    assert "A figure that is no SVG" in str(embed(text, "f"))


def test_own_plots_pass_unharmed() -> None:
    plot = plot_svg({"series": [{"label": "a", "x": [0, 1], "y": [0, 1]}]})
    before, after = ElementTree.fromstring(plot), ElementTree.fromstring(str(embed(plot, "f")))
    paths = [e.get("d") for e in before.iter("{http://www.w3.org/2000/svg}path")]
    assert paths
    assert [e.get("d") for e in after.iter("path")] == paths
