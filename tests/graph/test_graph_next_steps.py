from dataclasses import replace

import pytest

from graph.next_steps import steps, steps_of
from ingest.messages import Role
from tests.graph.graph_samples import named, utterance

FOUND: list[tuple[Role, str, str, str, str | None]] = [
    ("rep", "I'll send you the contract.", "promised", "I'll send you the contract", None),
    ("rep", "Sure, I\u2019ll send it by Friday.", "promised", "I\u2019ll send it by Friday", "by Friday"),
    (
        "rep",
        "We will get back to you by Friday, and then we talk.",
        "promised",
        "We will get back to you by Friday",
        "by Friday",
    ),
    ("rep", "Let me check with our engineers.", "promised", "Let me check with our engineers", None),
    ("rep", "By tomorrow I'll send you the slides.", "promised", "By tomorrow I'll send you the slides", "By tomorrow"),
    ("rep", "I will check that for you. Are you there?", "promised", "I will check that for you", None),
    ("rep", "I will ask my team about that one.", "promised", "I will ask my team about that one", None),
    (
        "rep",
        "Let me show you that properly next week.",
        "promised",
        "Let me show you that properly next week",
        "next week",
    ),
    (
        "rep",
        "I'm going to set up a trial for you within two days.",
        "promised",
        "I'm going to set up a trial for you within two days",
        "within two days",
    ),
    ("rep", "As I said, I'll send you the link.", "promised", "I'll send you the link", None),
    (
        "rep",
        "I'll let you know by the end of the month.",
        "promised",
        "I'll let you know by the end of the month",
        "by the end of the month",
    ),
    ("rep", "I'll send you the offer tomorrow, okay?", "promised", "I'll send you the offer tomorrow", "tomorrow"),
    ("customer", "I'll check with our IT on Monday.", "promised", "I'll check with our IT on Monday", "on Monday"),
    ("customer", "Could you send me the price list?", "asked", "Could you send me the price list", None),
    (
        "customer",
        "Can you share the recording after the call?",
        "asked",
        "Can you share the recording after the call",
        "after the call",
    ),
    (
        "customer",
        "Please let us know by the 3rd of May.",
        "asked",
        "Please let us know by the 3rd of May",
        "by the 3rd of May",
    ),
    (
        "customer",
        "Can we test it with our own returns for two weeks?",
        "asked",
        "Can we test it with our own returns for two weeks",
        None,
    ),
    ("customer", "could you send us the contract", "asked", "could you send us the contract", None),
    ("customer", "Can we have a trial account?", "asked", "Can we have a trial account", None),
    ("customer", "Send me the PDF please.", "asked", "Send me the PDF please", None),
]
NOTHING: list[tuple[Role, str]] = [
    ("rep", "I'll be honest with you."),
    ("customer", "We will see."),
    ("customer", "Well, I'll think about it."),
    ("rep", "I won't send you anything."),
    ("rep", "I will not get back to you on that."),
    ("rep", "I can show you that screen. Here it is, on the left."),
    ("rep", "I will tell you how."),
    ("rep", "If you sign today I'll send you a cake."),
    ("rep", "He said I'll send you the contract."),
    ("rep", "They will send you the contract."),
    ("rep", "I sent you the contract."),
    ("rep", "I'll get back to work."),
    ("rep", "I'll let you go now."),
    ("rep", "I'll share my screen."),
    ("rep", "Could you send me the list of your users?"),
    ("customer", "We will send the parcels to the warehouse every Monday."),
    ("customer", "Can we talk about money?"),
    ("customer", "How does it send the mails?"),
    ("customer", "Could you share your screen?"),
    ("customer", "Can you hear me?"),
    ("customer", "I'll check in at the hotel."),
    ("customer", "Can you send mails with it? "),
    ("customer", "Can you send an invoice to two addresses?"),
    ("customer", "Could you send us the report every Monday?"),
    ("customer", "Can you send them a text message?"),
    ("rep", "When will I see you?"),
    ("rep", "我明天发给您合同。"),
    ("customer", ""),
]


@pytest.mark.parametrize(("role", "text", "kind", "words", "due"), FOUND)
def test_a_step_is_found(role: Role, text: str, kind: str, words: str, due: str | None) -> None:
    (step,) = steps(text, role)
    assert (step.kind, text[step.span.start : step.span.end], step.due) == (kind, words, due)


@pytest.mark.parametrize(("role", "text"), NOTHING)
def test_no_step_is_found(role: Role, text: str) -> None:
    assert steps(text, role) == ()


def test_several_steps_lie_beside_each_other() -> None:
    text = "🧀 Good. I'll send you the slides today and I'll ask my team about the rest. Fine?"
    found = [(text[one.span.start : one.span.end], one.due) for one in steps(text, "rep")]
    assert found == [("I'll send you the slides today", "today"), ("I'll ask my team about the rest", None)]


OFFER = "Shall I write a short summary for her?"


@pytest.mark.parametrize(
    ("answers", "taken"),
    [
        ([("customer", "Yes, please do.")], True),
        ([("rep", "It is no work."), ("customer", "That would be great.")], True),
        ([("customer", "No, thank you.")], False),
        ([("customer", "Sure, but not now, no need.")], False),
        ([("customer", "How long is it?"), ("customer", "Yes.")], False),
        ([("rep", "Well."), ("rep", "Well."), ("customer", "Yes.")], False),
        ([], False),
    ],
)
def test_an_offer_counts_once_it_is_taken_up(answers: list[tuple[Role, str]], taken: bool) -> None:
    turns = [utterance(number, text, role=role) for number, (role, text) in enumerate([("rep", OFFER), *answers])]
    found = [(one.kind, one.utterance.text[one.span.start : one.span.end]) for one in steps_of(turns)]
    assert found == ([("promised", OFFER.rstrip("?"))] if taken else [])


def test_a_named_date_is_the_due_where_no_rule_tells() -> None:
    spoken = utterance(1, "I'll send you the contract before the spring sale in March.", role="rep")
    assert [one.due for one in steps_of([spoken])] == [None]
    date = named(spoken, ("date", "spring sale in march", "the spring sale in March"))
    assert [one.due for one in steps_of([spoken], [date])] == ["the spring sale in March"]
    # What another revision named is of other words.
    assert [one.due for one in steps_of([replace(spoken, revision=2)], [date])] == [None]
    other = named(spoken, ("competitor", "sale", "sale"))
    assert [one.due for one in steps_of([spoken], [other])] == [None]


def test_long_words_are_read_quickly() -> None:
    text = "I'll send you the contract " * 400
    assert len(text) > 10_000
    assert steps(text, "customer")
