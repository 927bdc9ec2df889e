from dataclasses import replace
from pathlib import Path

import pytest

from eval.development.linking import answer, figures, scored
from eval.development.material import DEVELOPMENT, TEST_PART, queries, world, worlds
from graph.candidates import Candidate
from graph.encoder import Remembered
from graph.index import ItemIndex
from graph.linker import FLOOR, WEIGHTS, Linker, evidence, features, name_of, score, told_of
from graph.messages import ItemKind
from graph.needs import JudgedLink
from graph.words import sentences
from intent.config import IntentConfig
from intent.model import IntentModel, LinkingEncoder
from tests.graph.graph_search_samples import EXPORT, RIVAL, SPLIT, STOCK, BagEncoder, candidate, made, query

ASKED = query("invoices by cost centre", "We need invoices by cost centre.", ("What else?",))


def found(*candidates: Candidate) -> dict[ItemKind, tuple[Candidate, ...]]:
    kinds: tuple[ItemKind, ...] = ("roadmap", "document", "ticket")
    return {kind: tuple(one for one in candidates if one.item.kind == kind) for kind in kinds}


def test_nothing_near_is_an_abstention() -> None:
    assert Linker().decide(ASKED, found(candidate(SPLIT, 0.1), candidate(EXPORT, 0.2))) == ()
    assert Linker().decide(ASKED, {}) == ()


def test_a_tenant_without_sources_has_an_abstention_for_every_query(tmp_path: Path) -> None:
    index = ItemIndex(tmp_path, BagEncoder())
    for text in ("invoices by cost centre", "", "拆分发票", 'title:foo AND (bar*) ~"x" ]'):
        asked = query(text)
        assert Linker().decide(asked, index.candidates(asked)) == ()
        assert set(Linker().ranked(asked, index.candidates(asked)).values()) == {()}
    index.close()


def test_what_is_shown_is_above_the_floor_best_first_within_each_kind() -> None:
    near = [candidate(made(f"T-{place}", "Invoices"), place / 10, 1.0, 1.0) for place in range(11)]
    links = Linker().decide(ASKED, found(*near, candidate(EXPORT, 1.0, 1.0, 1.0)))
    assert [link.kind for link in links] == ["ticket"] * 5 + ["roadmap"]
    assert [link.id for link in links[:5]] == ["T-10", "T-9", "T-8", "T-7", "T-6"]
    scores = [link.score for link in links[:5]]
    assert scores == sorted(scores, reverse=True)
    assert all(FLOOR <= link.score < 1 for link in links)


def test_at_most_five_of_a_kind() -> None:
    many = [candidate(made(f"T-{place}", "Invoices"), 1.0, 1.0, 1.0) for place in range(9)]
    assert [link.id for link in Linker().decide(ASKED, found(*many))] == [f"T-{place}" for place in range(5)]


def test_a_link_says_where_it_comes_from() -> None:
    link = Linker(floor=0.0).decide(ASKED, found(candidate(RIVAL, 0.9, 0.5, 1.0)))[0]
    assert (link.kind, link.id, link.section, link.title) == ("document", "tillwise", "pricing", RIVAL.title)
    assert link.source_version == RIVAL.version


@pytest.mark.parametrize(
    ("created", "updated", "told"),
    [("2025-01-02", "2026-03-01", "2026-03-01"), ("2025-01-02", None, "2025-01-02"), (None, None, None)],
)
def test_a_link_tells_when_its_item_was_last_changed(
    created: str | None, updated: str | None, told: str | None
) -> None:
    item = replace(made("T-1", "Ledger"), created_at=created, updated_at=updated)
    assert Linker(floor=0.0).decide(ASKED, found(candidate(item, 0.9)))[0].updated_at == told


@pytest.mark.parametrize("may_say", [True, False, None])
def test_may_say_is_the_items_own(may_say: bool | None) -> None:
    item = made("R-1", "Ledger", kind="roadmap", may_say=may_say)
    assert Linker(floor=0.0).decide(ASKED, found(candidate(item, 0.9)))[0].may_say is may_say


def test_evidence_is_the_sentence_of_the_item_that_was_meant() -> None:
    item = made("T-1", "Billing", "Written in May. Each cost centre wants its own invoices! Nobody answered.")
    assert evidence(ASKED, item) == "Each cost centre wants its own invoices!"
    assert evidence(ASKED, item) in sentences(item.text)
    assert evidence(ASKED, made("T-1", "Title alone")) == "Title alone"


def test_long_evidence_is_cut() -> None:
    found_text = evidence(ASKED, made("T-1", "Billing", "cost centre " * 100))
    assert len(found_text) <= 240
    assert found_text.endswith("…")


def test_a_rivals_page_counts_for_more_when_it_is_named() -> None:
    page = candidate(RIVAL, 0.5, 0.2, 0.5)
    named = query("they are cheaper", "They are cheaper.", ("You looked at Tillwise?",))
    plain = candidate(made("own", "Own page", kind="document", section="pricing"), 0.5, 0.2, 0.5)
    assert score(named, page) > score(named, plain) > score(ASKED, page)
    assert (features(named, page)["rival_named"], features(ASKED, page)["rival_not_named"]) == (1.0, 1.0)
    shown = Linker(floor=score(named, page)).decide(named, found(page))
    assert [link.id for link in shown] == ["tillwise"]
    assert Linker(floor=score(named, page)).decide(ASKED, found(page)) == ()


def test_ranked_keeps_twenty_before_abstention() -> None:
    many = [candidate(made(f"T-{place:02}", "x"), 0.0) for place in range(30)]
    ranked = Linker().ranked(ASKED, found(*many, candidate(RIVAL, 0.1)))
    assert [name for name, _ in ranked["ticket"]] == [f"T-{place:02}" for place in range(20)]
    assert ranked["document"][0][0] == "tillwise#pricing"
    assert ranked["roadmap"] == ()


def test_verdicts_count_for_like_words_only() -> None:
    judged = [
        JudgedLink(item=("ticket", "T-1", None), right=False, texts=("invoices by cost centre",)),
        JudgedLink(item=("ticket", "T-2", None), right=True, texts=("stock levels", "invoices by each cost centre")),
    ]
    told = told_of("invoices by cost centre", judged, BagEncoder())
    assert told["ticket", "T-1", None] == pytest.approx(-1)
    assert 0 < told["ticket", "T-2", None] <= 1
    assert told_of("the phone rings", judged, BagEncoder()) == {}
    near, far = candidate(SPLIT, 0.9, 1.0, 1.0), candidate(STOCK, 0.4, 0.3, 0.3)
    assert [one.id for one in Linker().decide(ASKED, found(near, far))] == ["T-1"]
    assert [one.id for one in Linker().decide(ASKED, found(near, far), told)] == ["T-2"]
    assert score(ASKED, near, told=0.5) > score(ASKED, near) > score(ASKED, near, told=-0.5)


def test_names_of_items() -> None:
    assert (name_of(STOCK), name_of(RIVAL)) == ("T-2", "tillwise#pricing")


@pytest.mark.model
def test_unseen_vendors_are_linked(models_dir: Path) -> None:
    encoder = Remembered(LinkingEncoder(IntentModel(models_dir, IntentConfig())), size=20_000)
    for folder in worlds(TEST_PART):
        (answered,) = answer([folder], encoder).values()
        found = figures(answered, scored(answered, WEIGHTS), FLOOR)
        assert found["hit_at_5"] >= 0.9, folder.name
        assert found["wrong_per_10"] <= 1.5, folder.name
        assert found["silent"] >= 0.8, folder.name
        assert found["auc"] >= 0.7, folder.name


def test_every_query_names_items_of_its_vendor() -> None:
    for folder in (*worlds(DEVELOPMENT), *worlds(TEST_PART)):
        held = {f"{one.kind}:{name_of(one)}" for one in world(folder)}
        asked = queries(folder)
        assert len(asked) >= 90
        for one in asked:
            assert one.relevant <= held, folder.name
            assert not one.relevant & set(one.near)
            assert one.query.text in one.query.utterance
        assert sum(not one.relevant for one in asked) >= len(asked) / 5
