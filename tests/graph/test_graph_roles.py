from dataclasses import replace
from datetime import timedelta

import pytest

from graph.messages import Mention, Need, NeedId
from graph.roles import MOST_EVIDENCE, Said, clues, proposed
from intent.messages import Span
from tests.graph.graph_samples import NOON, utterance
from tests.test_messages import mention, need

POSITIVE = [
    ("decides", "Well, I sign off on this kind of thing.", "I sign off on this kind of thing"),
    ("decides", "In the end it\u2019s my call.", "it\u2019s my call"),
    ("decides", "That is my decision and nobody else's.", "That is my decision and nobody else's"),
    ("decides", "I approve the budget for the whole site.", "I approve the budget for the whole site"),
    ("decides", "I have the final say on tools.", "I have the final say on tools"),
    ("decides", "I'm the one who decides, so I want to see it.", "I'm the one who decides"),
    ("decides", "The decision is mine.", "The decision is mine"),
    ("decides", "I decide which vendor we go with.", "I decide which vendor we go with"),
    ("decides", "I also sign the contracts here.", "I also sign the contracts here"),
    ("checks", "I'm from procurement.", "I'm from procurement"),
    ("checks", "I am the data protection officer.", "I am the data protection officer"),
    ("checks", "We need to review your security policies first.", "We need to review your security policies first"),
    ("checks", "Could you send us your SOC 2 report?", "Could you send us your SOC 2 report"),
    ("checks", "Are you ISO 27001 certified?", "Are you ISO 27001 certified"),
    ("checks", "I would need to see the penetration test.", "I would need to see the penetration test"),
    ("checks", "I do the security reviews for new software.", "I do the security reviews for new software"),
    ("uses", "My team works with it every day.", "My team works with it every day"),
    ("uses", "We use the returns screen all day long.", "We use the returns screen all day long"),
    ("uses", "I'd be the main user.", "I'd be the main user"),
    ("champions", "I'll push this internally.", "I'll push this internally"),
    ("champions", "I will recommend it to our board.", "I will recommend it to our board"),
    ("champions", "I'll make the case for it next week.", "I'll make the case for it next week"),
    ("champions", "I have already told my boss that we need this.", "I have already told my boss that we need this"),
    ("champions", "You have my full support.", "You have my full support"),
]
NEGATIVE = [
    "It's not my call.",
    "It isn't really my call, I'm afraid.",
    "I don't sign off on anything.",
    "I never sign off on this.",
    "And I cannot sign this alone. The final decision is up to our finance director.",
    "Our CFO signs off.",
    "He told me I sign off on it.",
    "She said: it's my call.",
    "My boss thinks it's my decision.",
    "If it were my call, we would start.",
    "I wish it was my call.",
    "Is it my call?",
    "I don't think that is my decision.",
    "I used to approve the budget.",
    "I can't decide which tool I like.",
    "I decided to call you.",
    "I have the budget problem again.",
    "Let me make a quick call.",
    "I approve of that idea.",
    "Our security team will review your contract.",
    "Our customers ask for certificates.",
    "We need gift certificates in the shop.",
    "I'm not from procurement.",
    "I'm happy with security.",
    "I am in procurement software sales.",
    "Our customers all use the website every day.",
    "We don't use it every day.",
    "They work with it every day.",
    "We use it.",
    "I won't push this internally.",
    "I'll push the button.",
    "I would push this internally if it were cheaper.",
    "My colleague will push this internally.",
    "I want to push back on the price.",
    "He says I'll recommend it to our board.",
    "这是我的决定。我来签字。",
    "",
]


@pytest.mark.parametrize(("role", "text", "words"), POSITIVE)
def test_words_that_say_a_role(role: str, text: str, words: str) -> None:
    (clue,) = clues(text)
    assert (clue.role, text[clue.span.start : clue.span.end]) == (role, words)


@pytest.mark.parametrize("text", NEGATIVE)
def test_words_that_say_none(text: str) -> None:
    assert clues(text) == ()


def test_a_clause_ends_where_another_begins() -> None:
    text = "Hello 🧀 there. It's my call and I will tell you tomorrow."
    (clue,) = clues(text)
    assert text[clue.span.start : clue.span.end] == "It's my call"


def said(number: int, text: str, speaker: str = "Ines", day: int = 0) -> Said:
    return Said(utterance=utterance(number, text, speaker=speaker), started_at=NOON + timedelta(days=day))


def hesitation(type: str, *places: tuple[str, int], speaker: str = "Ines") -> Need:
    mentions = tuple(
        replace(mention(), utterance_id=f"u{number}", speaker=speaker, text=text, span=Span(start=0, end=len(text)))
        for text, number in places
    )
    return replace(need(), need_id=NeedId("h1"), kind="hesitation", type=type, mentions=mentions)


def test_roles_come_with_their_evidence() -> None:
    found = proposed([said(1, "Good morning."), said(2, "It's my call.", day=1), said(3, "It's my call.")], [])
    ((role,),) = found.values()
    assert role.role == "decides"
    assert [(one.utterance_id, one.text, one.start_ms) for one in role.evidence] == [
        ("u3", "It's my call", 3_000),
        ("u2", "It's my call", 2_000),
    ]


def test_nobody_gets_a_role_without_words() -> None:
    assert proposed([said(1, "Good morning.")], []) == {"Ines": ()}
    assert proposed([], []) == {}


def test_each_person_has_only_what_they_said() -> None:
    found = proposed([said(1, "It's my call."), said(2, "My team uses it every day.", "Omar")], [])
    assert {name: [one.role for one in roles] for name, roles in found.items()} == {
        "Ines": ["decides"],
        "Omar": ["uses"],
    }


def test_who_says_that_someone_else_decides_does_not_decide() -> None:
    elsewhere = hesitation("authority", ("that is up to our director", 9))
    words = [said(1, "I sign off on these things."), said(2, "It's my call.", "Omar")]
    found = proposed(words, [elsewhere])
    assert {name: [one.role for one in roles] for name, roles in found.items()} == {"Ines": [], "Omar": ["decides"]}


@pytest.mark.parametrize(
    ("places", "roles"),
    [
        ([("above our budget", 1)], []),
        ([("above our budget", 1), ("too dear", 1)], []),
        ([("above our budget", 1), ("too dear", 2)], ["fears_price"]),
    ],
)
def test_the_price_is_feared_when_it_is_raised_again(places: list[tuple[str, int]], roles: list[str]) -> None:
    found = proposed([said(1, "Good morning.")], [hesitation("price", *places)])
    assert [one.role for one in found["Ines"]] == roles
    assert proposed([said(1, "Good morning.")], [hesitation("risk", ("too risky", 1), ("unsafe", 2))]) == {"Ines": ()}


def test_evidence_is_bounded_and_the_newest() -> None:
    found = proposed([said(number, "It's my call.") for number in range(30)], [])
    (role,) = found["Ines"]
    assert [one.utterance_id for one in role.evidence] == [f"u{number}" for number in range(30 - MOST_EVIDENCE, 30)]
    assert isinstance(mention(), Mention)
