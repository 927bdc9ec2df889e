import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from graph.encoder import Encoder, Remembered
from graph.errors import SearchIndexError
from graph.events import Draft
from graph.index import ENCODE_BATCH, ItemIndex, reindex
from graph.journal import Journal
from graph.messages import Item, ItemRemoved
from intent.config import IntentConfig
from intent.model import IntentModel, LinkingEncoder
from tests.graph.graph_samples import NOON, TENANT, started
from tests.graph.graph_search_samples import EXPORT, RIVAL, SPLIT, STOCK, WORLD, BagEncoder, made, query

ASKED = query("invoices by cost centre", "We need invoices by cost centre.")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[ItemIndex]:
    opened = ItemIndex(tmp_path / "index", BagEncoder())
    yield opened
    opened.close()


def ids(index: ItemIndex, text: str) -> set[str]:
    return {one.item.id for found in index.candidates(query(text)).values() for one in found}


def test_items_are_added_changed_and_left_alone(index: ItemIndex) -> None:
    first = index.upsert(WORLD)
    assert (len(first.added), first.changed, first.unchanged) == (4, (), ())
    newer = made("T-1", "Split invoices by project")
    second = index.upsert((newer, STOCK))
    assert (second.added, second.changed, second.unchanged) == ((), (newer,), (STOCK,))
    assert index.count() == {"ticket": 2, "document": 1, "roadmap": 1}
    assert index.get("ticket", "T-1") == newer
    assert index.get("document", "tillwise", "pricing") == RIVAL
    assert index.get("document", "tillwise") is None


def test_comparing_changes_nothing(index: ItemIndex) -> None:
    assert index.compare(WORLD).added == WORLD
    assert index.count() == {"ticket": 0, "document": 0, "roadmap": 0}


def test_what_is_held_is_not_encoded_again(tmp_path: Path) -> None:
    encoder = BagEncoder()
    index = ItemIndex(tmp_path, encoder)
    index.upsert(WORLD)
    count = len(encoder.encoded)
    index.upsert(WORLD)
    assert len(encoder.encoded) == count
    index.close()


def test_of_one_id_given_twice_the_last_counts(index: ItemIndex) -> None:
    index.upsert((SPLIT, made("T-1", "Newer title")))
    found = index.get("ticket", "T-1")
    assert found is not None
    assert found.title == "Newer title"


def test_progress_is_told(index: ItemIndex) -> None:
    told: list[int] = []
    index.upsert([made(f"T-{number}", f"Title {number}") for number in range(ENCODE_BATCH + 8)], told.append)
    assert told == [ENCODE_BATCH, ENCODE_BATCH + 8]


def test_words_and_meaning_find_each_kind(index: ItemIndex) -> None:
    index.upsert(WORLD)
    found = index.candidates(ASKED)
    best = found["ticket"][0]
    assert (best.item, best.words_share) == (SPLIT, 1.0)
    assert best.lead_utterance > 0 > found["ticket"][1].lead_utterance
    assert 0 < best.overlap <= 1
    assert [one.item for one in found["roadmap"]] == [EXPORT]
    assert found["roadmap"][0].lead_setting == 0.0


def test_an_empty_index_and_empty_words_find_nothing_wrong(index: ItemIndex) -> None:
    assert index.candidates(ASKED) == {"ticket": (), "document": (), "roadmap": ()}
    index.upsert(WORLD)
    assert all(one.words_share == 0 for one in index.candidates(query("so it is"))["ticket"])


def test_a_changed_item_is_found_by_its_new_words_only(index: ItemIndex) -> None:
    index.upsert(WORLD)
    index.upsert((made("T-1", "Rounding of cents"),))
    assert index.candidates(query("rounding"))["ticket"][0].words_share == 1
    changed = next(one for one in index.candidates(ASKED)["ticket"] if one.item.id == "T-1")
    assert (changed.words_share, changed.overlap) == (0.0, 0.0)


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "'",
        "a AND b OR NOT c",
        "title:secret",
        "NEAR(a b, 5)",
        "x* ^y",
        "'); DROP TABLE item;--",
        "-",
        "{a}",
        "\0",
        'title:foo AND (bar*) ~"x" ]',
    ],
)
def test_syntax_in_speech_and_titles_is_data(index: ItemIndex, text: str) -> None:
    index.upsert((*WORLD, made(text, f"Title {text}", text)))
    index.candidates(query(text, f"We need {text} now."))
    assert index.get("ticket", text) is not None
    assert index.count()["ticket"] == 3


@pytest.mark.parametrize(
    ("title", "asked"),
    [
        ("支持按成本中心拆分发票", "我们需要拆分发票"),
        (
            "\u062a\u0642\u0633\u064a\u0645 \u0627\u0644\u0641\u0648\u0627\u062a\u064a\u0631",
            "\u0627\u0644\u0641\u0648\u0627\u062a\u064a\u0631",
        ),
        (
            "\u200f\u05e4\u05d9\u05e6\u05d5\u05dc \u05d7\u05e9\u05d1\u05d5\u05e0\u05d9\u05d5\u05ea\u200f",
            "\u05d7\u05e9\u05d1\u05d5\u05e0\u05d9\u05d5\u05ea",
        ),
    ],
    ids=["chinese", "arabic", "hebrew"],
)
def test_a_title_in_another_script_is_found_by_its_words(index: ItemIndex, title: str, asked: str) -> None:
    other = made("T-8", "库存数量不准确")
    index.upsert((*WORLD, other, made("T-9", title)))
    found = index.candidates(query(asked))["ticket"]
    assert {one.item.id for one in found if one.words_share} == {"T-9"}
    best = max(found, key=lambda one: one.overlap)
    assert (best.item.title, best.words_share) == (title, 1.0)


def test_operators_in_speech_do_not_narrow_the_search(index: ItemIndex) -> None:
    index.upsert(WORLD)
    assert index.candidates(query("invoices NOT centre"))["ticket"][0].item == SPLIT


def test_clear_forgets_everything(index: ItemIndex) -> None:
    index.upsert(WORLD)
    index.clear()
    assert ids(index, "invoices") == set()
    assert len(index.upsert(WORLD).added) == 4


def test_reindex_makes_it_again_from_the_journal(index: ItemIndex, journal: Journal) -> None:
    newer = made("T-1", "Split invoices by project")
    index.upsert((made("gone", "Not in the journal"),))
    journal.append([Draft(message=one, actor="test", at=NOON) for one in (started(), SPLIT, STOCK, newer)])
    assert reindex(index, journal.read()) == 2
    assert index.get("ticket", "T-1") == newer
    assert index.get("ticket", "gone") is None


def test_what_is_removed_is_found_no_more_and_counts_no_more(index: ItemIndex) -> None:
    index.upsert(WORLD[:2])
    lonely = index.candidates(ASKED)
    index.upsert(WORLD)
    assert index.remove([("document", RIVAL.id, RIVAL.section), ("roadmap", EXPORT.id, None)]) == 2
    assert index.candidates(ASKED) == lonely
    assert index.count() == {"ticket": 2, "document": 0, "roadmap": 0}
    before = index.version
    assert index.remove([("document", RIVAL.id, RIVAL.section), ("ticket", "no such", None)]) == 0
    assert index.version == before
    assert index.upsert((RIVAL,)).added == (RIVAL,)


def test_what_is_held_of_a_document_is_its_sections(index: ItemIndex) -> None:
    index.upsert((*WORLD, made("tillwise", "Tillwise · Support", "Chat.", "document", "support")))
    assert index.held("document", "tillwise") == (
        ("document", "tillwise", "pricing"),
        ("document", "tillwise", "support"),
    )
    assert index.held("ticket") == (("ticket", "T-1", None), ("ticket", "T-2", None))
    assert index.held("roadmap", "tillwise") == ()


def test_reindex_replays_removals_in_their_order(index: ItemIndex, journal: Journal) -> None:
    gone = ItemRemoved(tenant_id=TENANT, kind="ticket", id="T-1", section=None, author="Ole", at=NOON)
    journal.append([Draft(message=one, actor="test", at=NOON) for one in (SPLIT, STOCK, gone)])
    assert reindex(index, journal.read()) == 1
    assert index.get("ticket", "T-1") is None
    journal.append([Draft(message=SPLIT, actor="test", at=NOON)])
    assert reindex(index, journal.read()) == 2


def test_a_long_item_has_several_passages(index: ItemIndex) -> None:
    text = " ".join(f"Sentence {number} speaks of something else." for number in range(60)) + " The lorry is red."
    index.upsert((made("T-9", "Long", text),))
    assert index.candidates(query("a red lorry"))["ticket"][0].cosine_utterance >= 0


def test_no_score_depends_on_another_tenant(tmp_path: Path) -> None:
    encoder = BagEncoder()
    ours = ItemIndex(tmp_path / "a" / "index", encoder)
    ours.upsert(WORLD)
    before = ours.candidates(ASKED)
    theirs = ItemIndex(tmp_path / "b" / "index", encoder)
    theirs.upsert([made(f"X-{number}", "Split invoices by cost centre", "cost centre " * 20) for number in range(300)])
    assert ours.candidates(ASKED) == before
    assert theirs.candidates(ASKED)["ticket"][0].item.id.startswith("X-")
    assert ours.count()["ticket"] == 2
    for index in (ours, theirs):
        index.close()


def test_another_process_import_is_seen(tmp_path: Path, index: ItemIndex) -> None:
    index.upsert(WORLD)
    assert ids(index, "forklift") == {one.id for one in WORLD}
    child = multiprocessing.get_context("spawn").Process(target=_import_one, args=(tmp_path / "index",))
    child.start()
    child.join(60)
    assert child.exitcode == 0
    found = index.candidates(query("forklift"))["ticket"][0]
    assert (found.item.id, found.words_share) == ("T-3", 1.0)


def _import_one(folder: Path) -> None:
    index = ItemIndex(folder, BagEncoder())
    index.upsert((made("T-3", "Forklift pairing"),))
    index.close()


def test_a_broken_file_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "items.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(SearchIndexError, match="needgraph rebuild"):
        ItemIndex(tmp_path, BagEncoder())


def test_remembered_encodes_each_text_once_and_forgets_the_oldest() -> None:
    inner = BagEncoder()
    encoder = Remembered(inner, size=2)
    assert encoder.embed([]).shape == (0, 384)
    first = encoder.embed(["a red lorry", "a blue van", "a red lorry"])
    assert inner.encoded == ["a red lorry", "a blue van"]
    assert np.array_equal(first[0], first[2])
    encoder.embed(["a green bus"])
    encoder.embed(["a red lorry", "a blue van"])
    assert inner.encoded[2:] == ["a green bus", "a blue van"]


def held_by(encoder: Encoder) -> None:
    vectors = encoder.embed(["a red lorry", "", "a red lorry", "invoices by cost centre"])
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert vectors[0] @ vectors[2] > 0.999
    assert vectors[0] @ vectors[3] < 0.5
    assert encoder.embed([]).shape == (0, 384)


def test_the_fake_encoder_keeps_the_contract() -> None:
    held_by(BagEncoder())


@pytest.mark.model
def test_the_real_encoder_keeps_the_contract(models_dir: Path) -> None:
    held_by(LinkingEncoder(IntentModel(models_dir, IntentConfig())))


@pytest.mark.model
def test_meaning_finds_what_shares_no_word(models_dir: Path, tmp_path: Path) -> None:
    index = ItemIndex(tmp_path, LinkingEncoder(IntentModel(models_dir, IntentConfig())))
    items: tuple[Item, ...] = (made("T-1", "Lorry tracking"), made("T-2", "Holiday calendar"), made("T-3", "Printer"))
    index.upsert(items)
    found = index.candidates(query("where is my truck right now"))["ticket"]
    best = max(found, key=lambda one: one.cosine_utterance)
    assert (best.item.id, best.overlap) == ("T-1", 0.0)
    index.close()
