from pathlib import Path

import pytest

from eval.development.material import TEST_PART
from eval.development.merging import accounts, figures, merged, read_pairs
from graph import merger
from graph.encoder import Encoder, Remembered
from graph.merger import THRESHOLD, KnownNeed, Merger, contradicts, likeness, meant, voiced, words_agree
from graph.messages import NeedId
from intent.config import IntentConfig
from intent.messages import Kind
from intent.model import IntentModel, LinkingEncoder
from tests.graph.graph_search_samples import BagEncoder, query

FAKE = BagEncoder()


def voicing(text: str, type: str = "capability", context: tuple[str, ...] = (), kind: Kind = "need") -> merger.Voiced:
    asked = query(text, context=context, type=type)
    return merger.Voiced(
        **{**{name: getattr(voiced(asked, FAKE), name) for name in merger.Voiced.__slots__}, "kind": kind}
    )


def need(name: str, *voicings: merger.Voiced) -> KnownNeed:
    return KnownNeed(need_id=NeedId(name), voiced=voicings)


SPLIT = voicing("invoices split by cost centre")
STOCK = voicing("stock counts in the warehouse")


def test_the_same_words_again_are_one_need() -> None:
    choice = Merger().decide(voicing("the invoices split by cost centre"), [need("n2", STOCK), need("n1", SPLIT)])
    assert choice.need_id == "n1"
    assert choice.score is not None
    assert THRESHOLD <= choice.score <= 1


def test_when_unsure_a_new_need() -> None:
    choice = Merger().decide(voicing("invoices in two currencies"), [need("n1", SPLIT), need("n2", STOCK)])
    assert (choice.need_id, choice.score) == (None, None)
    assert Merger().decide(SPLIT, []).need_id is None


def test_a_need_is_no_hesitation() -> None:
    doubt = voicing("invoices split by cost centre", kind="hesitation")
    assert Merger().decide(doubt, [need("n1", SPLIT)]).need_id is None


def test_any_voicing_of_a_need_may_match() -> None:
    assert Merger().decide(SPLIT, [need("n1", STOCK, SPLIT)]).need_id == "n1"


def test_a_repeat_that_is_shorter_agrees() -> None:
    assert words_agree(voicing("the split by cost centre"), SPLIT) == pytest.approx(1.0)
    assert words_agree(voicing("so it is"), SPLIT) == 0.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("answers within four hours", "answers within one hour"),
        ("live by the first of May", "live by the first of June"),
        ("orders come from SAP", "orders go to SAP"),
        ("the offer of Vetaria", "the offer of ClinicHive"),
        ("check-in within a minute", "check-out within a minute"),
        ("ten percent off", "thirty percent off"),
    ],
)
def test_other_amounts_names_and_directions_are_other_wants(one: str, other: str) -> None:
    assert contradicts(one, other)
    assert likeness(voicing(one), voicing(other)) == 0.0
    assert Merger().decide(voicing(one), [need("n1", voicing(other))]).need_id is None


def test_an_amount_on_one_side_only_is_no_contradiction() -> None:
    assert not contradicts("an alarm when the press stops", "an alarm when the press stops for ten minutes")
    assert not contradicts("live by the 1 of May", "it must run in May")


@pytest.mark.parametrize("text", ["that one is a must", "yes, absolutely", "Yes, that's the problem", "we need that"])
def test_a_short_agreeing_answer_means_the_question(text: str) -> None:
    assert meant(query(text, context=("Welcome.", "And online booking?"))) == "And online booking?"
    assert meant(query(text)) == text


def test_an_answer_with_words_of_its_own_means_itself() -> None:
    assert meant(query("booking by owners", context=("What else?",))) == "booking by owners"


def test_two_short_answers_are_told_apart_by_their_questions() -> None:
    booking = voicing("that one is a must", context=("And online booking by owners?",))
    fax = voicing("that one is a must", context=("And a line for fax?",))
    again = voicing("online booking by owners")
    assert Merger().decide(fax, [need("n1", booking)]).need_id is None
    assert likeness(again, booking) > likeness(again, fax)


@pytest.fixture(scope="module")
def encoder(models_dir: Path) -> Encoder:
    return Remembered(LinkingEncoder(IntentModel(models_dir, IntentConfig())), size=20_000)


@pytest.mark.model
def test_accounts_not_learnt_from_are_merged_better_than_not_at_all(encoder: Encoder) -> None:
    known = accounts(TEST_PART / "calls.jsonl", encoder)
    apart = figures(known, lambda _: Merger(threshold=1.1))
    found = figures(known, lambda _: Merger())
    assert found["b_cubed_f1"] >= apart["b_cubed_f1"] + 0.08
    assert found["precision"] >= 0.4
    assert found["recall"] >= 0.45
    pairs = read_pairs(TEST_PART / "apart.jsonl", encoder)
    assert merged(pairs, Merger()) <= len(pairs) / 2


@pytest.mark.model
def test_real_meaning_merges_repeats_and_keeps_look_alikes_apart(encoder: Encoder) -> None:
    def real(text: str, type: str) -> merger.Voiced:
        return voiced(query(text, type=type), encoder)

    known = [
        need("sso", real("people sign in with their company account", "compliance")),
        need("bill", real("a monthly bill for every branch", "commercial")),
    ]
    merge = Merger().decide
    assert merge(real("as I said, signing in with the company account", "compliance"), known).need_id == "sso"
    assert merge(real("a yearly report for every branch", "commercial"), known).need_id is None
    assert merge(real("the diary opens in under a second", "performance"), known).need_id is None
