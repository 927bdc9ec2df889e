"""One contract, two engines: whatever holds on the embedded engine holds on a real Neo4j, text by text."""

import ast
import json
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, LiteralString, cast

import pytest

from eval.bench.graph_writing import Held
from graph import queries
from graph.config import EngineConfig
from graph.errors import GraphError, GraphUnavailableError
from graph.events import Journalled
from graph.facts import Change, instant, utterance_key
from graph.journal import Journal
from graph.messages import Item, ItemKind, ItemRemoved, Link, Mention, Need, NeedId, StatusChange, Thing
from graph.projection import Projector, read_needs
from graph.store import Agrees, Endpoint, GraphStore, Rows, Statement
from graph.view import NeedGraph
from ingest.messages import CallId, TenantId
from intent.messages import Span
from tests.graph.graph_reading import DUMP_NODES, END_OF_TIME, dumped
from tests.graph.graph_samples import (
    CALL,
    NOON,
    TENANT,
    assigned,
    changed,
    decided,
    ended,
    judged,
    link,
    named,
    participant,
    reworded,
    signal,
    started,
    utterance,
    verdict,
)
from tests.graph.test_graph_journal import drafts

LATER, ELSEWHERE = CallId("c2"), CallId("c3")
ACCOUNTS = ("Harbour Foods", "Hill Foods")
CALLS = (CALL, LATER, ELSEWHERE)
SAID = utterance(3, "As I said, invoices by cost centre are a must.")
CONFIG = EngineConfig()

REMOVED: LiteralString = """
MATCH (i:Item {tenant: $tenant}) WHERE i.removed_at IS NOT NULL
RETURN i.item_id AS id, i.removed_at AS removed_at ORDER BY id
"""
TITLES: LiteralString = "MATCH (i:Item {tenant: $tenant}) RETURN i.item_id AS id, i.title AS title"

# --- engines ---------------------------------------------------------------------------------------------------------


ENGINES = (pytest.param("embedded", marks=pytest.mark.engine), pytest.param("neo4j", marks=pytest.mark.neo4j))


@pytest.fixture(scope="session", params=ENGINES)
def endpoint(request: pytest.FixtureRequest) -> Endpoint:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def store(endpoint: Endpoint) -> Iterator[GraphStore]:
    with GraphStore(endpoint) as opened:
        opened.migrate()
        yield opened


@pytest.fixture
def tenant() -> TenantId:
    return fresh()


def fresh() -> TenantId:
    return TenantId(f"t-{secrets.token_hex(6)}")


# --- what is projected -----------------------------------------------------------------------------------------------


def imported(kind: str, id: str, section: str | None = None, **given: Any) -> Item:
    item = Item(
        tenant_id=TENANT, kind="ticket", id=id, section=section, title=f"About {id}", text="…", version="a" * 64
    )
    return replace(item, kind=kind, **given)


def gone(kind: ItemKind, id: str, section: str | None = None) -> ItemRemoved:
    return ItemRemoved(tenant_id=TENANT, kind=kind, id=id, section=section, author="Ole", at=NOON)


def answer(kind: str, id: str, score: float, section: str | None = None, may_say: bool | None = None) -> Link:
    return replace(link(id, score), kind=kind, section=section, may_say=may_say)


def story() -> tuple[Journalled, ...]:
    """Three calls of two accounts: voiced, repeated, linked, corrected, refused, undone, moved, said anew."""
    need, repeat = signal("s1", on=1, span=(3, 12)), signal("s2", on=3, span=(11, 19), strength=3)
    doubt = signal("s3", on=3, span=(0, 4), kind="hesitation", type="risk")
    follow = signal("s1", on=1, span=(0, 4), call_id=LATER)
    apart = signal("s1", on=1, span=(0, 9), call_id=ELSEWHERE)
    told, anew = reworded("r1", utterance(1, "Something else.", ELSEWHERE), "Something", "Some 🧀 thing")
    behind, third = reworded("r2", anew, "else", "other")
    misheard = (told, anew, behind, third, *reworded("r3", third, "Some 🧀 thing", "Something", undoes="r1"))
    documents = [answer("document", "D-1", 0.7, section="pricing"), answer("document", "D-1", 0.6, section="limits")]
    return (
        imported("ticket", "T-1", status="open", url="https://tracker.example/T-1"),
        imported("ticket", "T-2"),
        imported("document", "D-1", "pricing", competitor="Northwind"),
        imported("document", "D-1", "limits"),
        imported("roadmap", "R-1", quarter="2026-Q3", may_say=False),
        imported("roadmap", "R-2", may_say=True),
        started(at=NOON),
        participant(),
        utterance(1, "We need the split by cost centre."),
        named(utterance(1, "We need the split by cost centre."), ("competitor", "Northwind", "the split")),
        need,
        assigned(need, "n1"),
        decided(need, "n1", link("T-1", 0.75), *documents, answer("roadmap", "R-1", 0.5, may_say=False)),
        utterance(2, "Sure.", role="rep"),
        SAID,
        repeat,
        doubt,
        assigned(repeat, "n1"),
        assigned(doubt, "n2"),
        decided(repeat, "n1", link("T-1", 0.9), link("T-2", 0.4)),
        decided(doubt, "n2"),
        named(SAID, ("person", "Ines", "I"), ("competitor", "northwind", "cost"), ("amount", "a must", "a must")),
        changed("w1", "n1", "addressed", on=2),
        changed("w2", "n2", "resolved", of=doubt),
        changed("w3", "n2", None, of=doubt, undoes="w2"),
        judged("l1", need, "n1", "T-1", "wrong"),
        verdict("a1", repeat, "refuse"),
        verdict("a2", repeat, "undo", undoes="a1"),
        judged("l2", need, "n1", "T-1", "undo", undoes="l1"),
        verdict("a3", doubt, "refuse"),
        imported("ticket", "T-2", title="About T-2, anew", status="closed"),
        gone("ticket", "T-2"),
        imported("roadmap", "R-2", may_say=True),
        gone("roadmap", "R-2"),
        gone("document", "D-1", "limits"),
        imported("document", "D-1", "limits"),
        started(LATER, at=NOON - timedelta(days=1)),
        utterance(1, "Cost centre, again.", LATER),
        follow,
        assigned(follow, "n1"),
        named(utterance(1, "Cost centre, again.", LATER), ("account", "Harbour Foods", "Cost centre")),
        utterance(1, "We need a split by cost centre, now.", revision=2),
        named(utterance(1, "We need the split by cost centre."), ("date", "too late", "the split")),
        named(utterance(1, "We need a split by cost centre, now.", revision=2), ("date", "now", "now")),
        verdict("a4", need, "correct", type="integration", strength=3),
        verdict("a5", doubt, "undo", undoes="a3"),
        started(ELSEWHERE, account="Hill Foods", at=NOON + timedelta(hours=1)),
        utterance(1, "Something else.", ELSEWHERE),
        apart,
        assigned(apart, "n5"),
        changed("w4", "n1", "confirmed", on=3),
        assigned(need, "n2"),
        assigned(repeat, "n2"),
        assigned(follow, "n2"),
        assigned(need, "n1"),
        assigned(repeat, "n4"),
        utterance(4, "We do not need that.", speaker="Omar"),
        changed("w5", "n1", "withdrawn", on=4),
        utterance(5, "Nor do I.", speaker="Lea"),
        changed("w6", "n1", "withdrawn", on=5),
        changed("w7", "n1", None, of=need, undoes="w6"),
        *misheard,
        ended(),
        verdict("a6", apart, "refuse"),
    )


def changes_of(messages: Sequence[Journalled]) -> tuple[Change, ...]:
    """The changes that messages make, each recorded a second after the one before."""
    graph = NeedGraph(TENANT)
    return tuple(
        Change(seq=seq, recorded_at=NOON + timedelta(seconds=seq), message=message, delta=graph.apply(message))
        for seq, message in enumerate(messages, 1)
    )


def folded(changes: Sequence[Change]) -> NeedGraph:
    graph = NeedGraph(TENANT)
    for change in changes:
        graph.apply(cast("Journalled", change.message))
    return graph


STORY = changes_of(story())


# --- what is read back -----------------------------------------------------------------------------------------------


def taken(row: dict[str, Any], message: type) -> dict[str, Any]:
    return {field.name: row[field.name] for field in fields(message) if field.name in row}


def as_need(row: dict[str, Any]) -> Need:
    mentions = tuple(as_mention(one) for one in row["mentions"])
    links = tuple(Link(**taken(one, Link)) for one in row["links"])
    changes = tuple(as_change(one) for one in row["changes"])
    voices = tuple(dict.fromkeys(one.speaker for one in mentions))
    state: dict[str, Any] = {
        **taken(row, Need),
        "mentions": mentions,
        "links": links,
        "changes": changes,
        "about": tuple(Thing(**taken(one, Thing)) for one in row["about"]),
        "raised_by": voices,
        "disputed_by": tuple(row["disputed_by"]),
    }
    return Need(**state)


def as_mention(row: dict[str, Any]) -> Mention:
    span, began = Span(start=row["start"], end=row["end"]), datetime.fromisoformat(row["started_at"])
    return Mention(**{**taken(row, Mention), "span": span, "started_at": began})


def as_change(row: dict[str, Any]) -> StatusChange:
    span = None if row["start"] is None else Span(start=row["start"], end=row["end"])
    found: dict[str, Any] = {**taken(row, StatusChange), "span": span, "at": datetime.fromisoformat(row["at"])}
    return StatusChange(**found)


def needs_in(
    store: GraphStore, tenant: TenantId, scope: tuple[str, str], at: datetime = END_OF_TIME
) -> tuple[Need, ...]:
    return tuple(as_need(row) for row in read_needs(store, tenant, scope, at))


def assert_same(store: GraphStore, tenant: TenantId, graph: NeedGraph, at: datetime = END_OF_TIME) -> None:
    for call_id in CALLS:
        assert needs_in(store, tenant, ("call", call_id), at) == graph.needs(call_id=call_id)
    for account in ACCOUNTS:
        assert needs_in(store, tenant, ("account", account), at) == graph.needs(account=account)


def project(
    store: GraphStore, tenant: TenantId, changes: Sequence[Change] = STORY, batch_rows: int = CONFIG.batch_rows
) -> int:
    return Projector(store, EngineConfig(batch_rows=batch_rows)).project(tenant, changes)


def follow(
    store: GraphStore, tenant: TenantId, waiting: Sequence[Change] = STORY, batch_rows: int = CONFIG.batch_rows
) -> int:
    """Catch up as the service does, with a journal that ends with what waits."""
    seq = waiting[-1].seq if waiting else len(STORY)
    return Projector(store, EngineConfig(batch_rows=batch_rows)).catch_up(tenant, waiting, seq, Held(STORY))


# --- named things ----------------------------------------------------------------------------------------------------

NAMES_IN_FORCE: LiteralString = """
MATCH (u:Utterance {tenant: $tenant})-[n:NAMES]->(t:Thing) WHERE n.retired_at IS NULL
RETURN u.id AS utterance, t.type AS type, n.start AS start, n.end AS end
"""
WHO_IS_CALLED_SO: LiteralString = """
MATCH (t:Thing {tenant: $tenant})<-[:CALLED]-(who) RETURN t.type AS type, t.name AS name, labels(who) AS labels
"""


def test_the_names_in_force_are_those_of_the_newest_words(store: GraphStore, tenant: TenantId) -> None:
    project(store, tenant)
    graph = folded(STORY)
    views = [view for call_id in CALLS if (view := graph.call(call_id)) is not None]
    expected = {
        (utterance_key(of.call_id, of.utterance_id), one.type, one.span.start, one.span.end)
        for view in views
        for of in view.named
        for one in of.things
    }
    rows = store.read(NAMES_IN_FORCE, {"tenant": tenant})
    assert {tuple(row.values()) for row in rows} == expected
    assert {(row["type"], row["start"]) for row in rows if "u1" in row["utterance"]} == {("date", 32), ("account", 0)}


def test_a_thing_is_one_node_and_knows_who_is_called_so(store: GraphStore, tenant: TenantId) -> None:
    project(store, tenant)
    nodes = [row for row in store.read(DUMP_NODES, {"tenant": tenant}) if row["labels"] == ["Thing"]]
    # "Northwind" and "northwind", of two utterances, are one.
    assert sorted(row["props"]["type"] for row in nodes) == ["account", "amount", "competitor", "date", "person"]
    called = store.read(WHO_IS_CALLED_SO, {"tenant": tenant})
    assert {(row["type"], row["name"], *row["labels"]) for row in called} == {
        ("person", "Ines", "Person"),
        ("account", "Harbour Foods", "Account"),
    }


# --- the schema ------------------------------------------------------------------------------------------------------


def test_migrating_again_is_harmless(store: GraphStore, tenant: TenantId) -> None:
    project(store, tenant)
    before = dumped(store, tenant)
    store.migrate()
    assert dumped(store, tenant) == before


def labels_of_schema() -> list[str]:
    schema = (Path(queries.__file__).parent / "schema.cypher").read_text(encoding="utf-8")
    return re.findall(r"FOR \(n:(\w+)\)", schema)


@pytest.mark.parametrize("label", labels_of_schema())
def test_an_id_is_there_once_within_a_tenant(store: GraphStore, tenant: TenantId, label: str) -> None:
    create = cast("LiteralString", f"CREATE (:{label} {{tenant: $tenant, id: 'x'}})")
    store.write([(create, {"tenant": tenant})])
    store.write([(create, {"tenant": fresh()})])
    with pytest.raises(GraphError, match="refused"):
        store.write([(create, {"tenant": tenant})])


def test_every_label_has_its_constraint() -> None:
    written = {label for text in catalogue().values() for label in re.findall(r"\(\w+:([A-Z]\w*) \{", text)}
    assert written == set(labels_of_schema())


# --- the catalogue ---------------------------------------------------------------------------------------------------


WITHOUT_NODES = {"CREATE_DATABASE"}
"""Texts that name no node, so there is none to anchor; tests/graph/test_graph_databases.py runs them."""


def catalogue() -> dict[str, LiteralString]:
    """Every named text of queries.py that names a node."""
    tree = ast.parse(Path(queries.__file__).read_text(encoding="utf-8"))
    names = [
        node.target.id
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id.isupper()
    ]
    return {name: getattr(queries, name) for name in names if name not in WITHOUT_NODES}


class Twice(GraphStore):
    """Runs every statement twice where it stands, and remembers which ran."""

    seen: set[str]

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(endpoint)
        self.seen = set()

    def read(self, text: LiteralString, parameters: dict[str, Any]) -> Rows:
        self.seen.add(text)
        rows, again = super().read(text, parameters), super().read(text, parameters)
        assert sorted(map(repr, rows)) == sorted(map(repr, again))
        return rows

    def write(self, statements: Sequence[Statement], agrees: Agrees | None = None) -> bool:
        self.seen |= {text for text, _ in statements}
        return super().write([statement for statement in statements for _ in range(2)], agrees)


class Redelivered(GraphStore):
    """Commits every transaction twice, as the driver does when the answer to the first commit was lost."""

    def write(self, statements: Sequence[Statement], agrees: Agrees | None = None) -> bool:
        return super().write(statements, agrees) and super().write(statements, agrees)


def test_every_text_runs_twice_with_the_same_result(endpoint: Endpoint, store: GraphStore, tenant: TenantId) -> None:
    project(store, tenant)
    doubled = fresh()
    with Twice(endpoint) as twice:
        assert project(twice, doubled) == len(STORY)
        assert dumped(twice, doubled) == dumped(store, tenant)
        assert_same(twice, doubled, folded(STORY))
        Projector(twice, CONFIG).drop(doubled)
        assert dumped(twice, doubled) == []
        assert follow(twice, doubled) == len(STORY)
        assert dumped(twice, doubled) == dumped(store, tenant)
        missing = {name for name, text in catalogue().items() if text not in twice.seen}
    assert not missing, f"no contract test runs {sorted(missing)}"


def test_a_commit_whose_answer_was_lost_may_come_again(endpoint: Endpoint, store: GraphStore, tenant: TenantId) -> None:
    project(store, tenant)
    with Redelivered(endpoint) as redelivered:
        again = fresh()
        project(redelivered, again, batch_rows=3)
        assert dumped(store, again) == dumped(store, tenant)
        followed = fresh()
        for change in STORY:
            follow(redelivered, followed, [change], batch_rows=3)
        assert dumped(store, followed) == dumped(store, tenant)


CLAUSE = re.compile(
    r"\b(OPTIONAL MATCH|MATCH|MERGE|CREATE)\b(.*?)"
    r"(?=\b(?:OPTIONAL MATCH|MATCH|MERGE|CREATE|WHERE|WITH|SET|RETURN|DETACH|DELETE|UNWIND)\b|\Z)",
    re.DOTALL,
)
NODE = re.compile(r"\(\s*(\w*)\s*((?::\w+)?)\s*(\{[^}]*\})?\s*\)")


def paths(clause: str) -> list[str]:
    """The comma-separated patterns of a clause; commas within brackets separate nothing."""
    depth, found = 0, [""]
    for letter in clause:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return found


@pytest.mark.parametrize("name", catalogue())
def test_every_pattern_is_anchored_on_the_tenant(name: str) -> None:
    bound: set[str] = set()
    clauses = CLAUSE.findall(catalogue()[name])
    assert clauses
    for keyword, clause in clauses:
        for path in paths(clause):
            nodes = NODE.findall(path)
            anchored = [var in bound or "tenant: $tenant" in props for var, _, props in nodes]
            # Edges stay within a tenant, so one anchored node is enough to find others; whatever is made needs its own.
            enough = any(anchored) if "MATCH" in keyword else all(anchored)
            assert nodes
            assert enough, f"{name}: {path.strip()} has no $tenant"
            bound |= {var for var, _, _ in nodes if var}


def test_texts_left_out_name_no_node() -> None:
    assert not [name for name in WITHOUT_NODES if NODE.search(getattr(queries, name))]


@pytest.mark.parametrize(
    "broken", ["MATCH (c:Call {id: $id}) RETURN c", "MERGE (a:A {tenant: $tenant}), (b:B {id: 1})"]
)
def test_the_anchor_test_sees_a_missing_tenant(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "READ_POSITION", broken)
    with pytest.raises(AssertionError, match="has no"):
        test_every_pattern_is_anchored_on_the_tenant("READ_POSITION")


# --- journal to graph ------------------------------------------------------------------------------------------------


def test_a_journal_projected_is_its_need_graph(store: GraphStore, tenant: TenantId, journal: Journal) -> None:
    for message in story():
        journal.append(drafts(message))
    graph, changes = NeedGraph(TENANT), list[Change]()
    for event in journal.read():
        delta = graph.apply(event.message) if event.message else None
        changes.append(Change(seq=event.seq, recorded_at=event.recorded_at, message=event.message, delta=delta))
    assert project(store, tenant, changes) == journal.last_seq() == Projector(store, CONFIG).position(tenant)
    assert graph.needs(account=ACCOUNTS[0]) != ()
    assert_same(store, tenant, graph)


def test_the_size_of_batches_does_not_matter(store: GraphStore) -> None:
    by_the_piece = fresh()
    for change in STORY:
        project(store, by_the_piece, [change])
    expected = dumped(store, by_the_piece)
    assert_same(store, by_the_piece, folded(STORY))
    for batch_rows in (1, 3, 1000):
        whole = fresh()
        project(store, whole, batch_rows=batch_rows)
        assert dumped(store, whole) == expected


@pytest.mark.parametrize("batch_rows", [1, 1000])
def test_a_removed_item_keeps_its_node_until_it_comes_back(
    store: GraphStore, tenant: TenantId, batch_rows: int
) -> None:
    project(store, tenant, batch_rows=batch_rows)
    rows = store.read(REMOVED, {"tenant": tenant})
    times = {seq: NOON + timedelta(seconds=seq) for seq, one in enumerate(story(), 1) if isinstance(one, ItemRemoved)}
    first, second = sorted(times.values())[:2]
    assert [(row["id"], row["removed_at"]) for row in rows] == [("R-2", instant(second)), ("T-2", instant(first))]
    assert_same(store, tenant, folded(STORY))


@pytest.mark.parametrize("title", ["'}) DETACH DELETE (n) //", 'title:foo AND (bar*) ~"x" ]', "$tenant `x` \\u0027"])
def test_a_title_is_projected_as_it_is_written(store: GraphStore, tenant: TenantId, title: str) -> None:
    project(store, tenant, changes_of((imported("ticket", title, title=title), imported("ticket", "T-1"))))
    rows = store.read(TITLES, {"tenant": tenant})
    assert sorted((row["id"], row["title"]) for row in rows) == sorted([(title, title), ("T-1", "About T-1")])


def test_a_rebuild_gives_the_same_graph(store: GraphStore, tenant: TenantId) -> None:
    projector = Projector(store, EngineConfig(batch_rows=7))
    projector.project(tenant, STORY)
    before = dumped(store, tenant)
    projector.drop(tenant)
    assert dumped(store, tenant) == []
    assert projector.position(tenant) == 0
    assert projector.project(tenant, STORY) == len(STORY)
    assert dumped(store, tenant) == before


@pytest.mark.parametrize("prefix", [13, 22, len(STORY)])
def test_what_is_projected_already_is_passed_over(store: GraphStore, tenant: TenantId, prefix: int) -> None:
    whole = fresh()
    project(store, whole)
    assert project(store, tenant, STORY[:prefix]) == prefix
    assert project(store, tenant, STORY[:prefix]) == prefix
    assert project(store, tenant) == len(STORY)
    assert project(store, tenant, STORY[:prefix]) == len(STORY)
    assert dumped(store, tenant) == dumped(store, whole)


def test_following_is_projecting(store: GraphStore) -> None:
    whole = fresh()
    project(store, whole)
    for batch_rows in (1, 3, 1000):
        followed = fresh()
        for first, end in ((0, 13), (13, 14), (14, 30), (30, len(STORY))):
            assert follow(store, followed, STORY[first:end], batch_rows) == end
            assert Projector(store, CONFIG).position(followed) == end
        assert dumped(store, followed) == dumped(store, whole)


@pytest.mark.parametrize("behind", [0, 12, 13, 20, len(STORY)])
def test_whoever_finds_the_graph_elsewhere_writes_what_is_missing(
    store: GraphStore, tenant: TenantId, behind: int
) -> None:
    whole = fresh()
    project(store, whole)
    project(store, tenant, STORY[:behind])
    assert follow(store, tenant, STORY[13:]) == len(STORY)
    assert dumped(store, tenant) == dumped(store, whole)
    assert follow(store, tenant, []) == len(STORY)
    assert dumped(store, tenant) == dumped(store, whole)


def test_a_graph_of_another_journal_is_made_again(store: GraphStore, tenant: TenantId) -> None:
    exact = fresh()
    project(store, exact, STORY[:22])
    project(store, tenant)
    assert follow(store, tenant, STORY[20:22]) == 22
    assert dumped(store, tenant) == dumped(store, exact)


def test_what_one_append_passed_through_leaves_no_trace(store: GraphStore, tenant: TenantId) -> None:
    steps = changes_of((*story()[:11], assigned(signal("s1", on=1, span=(3, 12)), "n1")))
    project(store, tenant, steps)
    at = steps[-1].recorded_at + timedelta(seconds=1)
    later = changes_of((*(change.message for change in steps), *story()[12:13]))[-1]  # type: ignore[arg-type]
    project(store, tenant, [replace(later, recorded_at=at)])
    once = fresh()
    project(store, once, [*steps[:-1], replace(steps[-1], recorded_at=at), replace(later, recorded_at=at)])
    for number, tenant_id in enumerate((tenant, once)):
        states = [node for node in dumped(store, tenant_id) if '"labels": ["NeedState"]' in node]
        assert len(states) == 2 - number


def test_what_was_known_at_a_time(store: GraphStore, tenant: TenantId) -> None:
    project(store, tenant)
    for known in range(1, len(STORY), 2):
        assert_same(store, tenant, folded(STORY[:known]), at=STORY[known - 1].recorded_at)
    assert_same(store, tenant, NeedGraph(TENANT), at=NOON)


def test_one_append_is_known_at_once(store: GraphStore, tenant: TenantId) -> None:
    at_once = [replace(change, recorded_at=NOON) for change in STORY]
    project(store, tenant, at_once)
    assert_same(store, tenant, folded(STORY), at=NOON)
    assert_same(store, tenant, NeedGraph(TENANT), at=NOON - timedelta(microseconds=1))


def test_events_that_cannot_be_read_move_the_position(store: GraphStore, tenant: TenantId) -> None:
    sealed = Change(seq=len(STORY) + 1, recorded_at=NOON + timedelta(days=1), message=None, delta=None)
    assert project(store, tenant, [*STORY, sealed]) == sealed.seq
    assert Projector(store, CONFIG).position(tenant) == sealed.seq
    assert project(store, tenant, []) == sealed.seq
    assert project(store, fresh(), []) == 0


@pytest.mark.engine
@pytest.mark.neo4j
def test_both_engines_hold_the_same(embedded: Endpoint, neo4j: Endpoint, tenant: TenantId) -> None:
    with GraphStore(embedded) as one, GraphStore(neo4j) as other:
        for store in (one, other):
            project(store, tenant)
        assert dumped(one, tenant) == dumped(other, tenant) != []


# --- tenants apart ---------------------------------------------------------------------------------------------------


def spoken_by(word: str) -> tuple[Change, ...]:
    """The story, the word in every text that is not an id."""

    def marked(message: Journalled) -> Journalled:
        texts = {"title": word, "url": word, "competitor": word, "speaker": word, "type": word, "evidence": word}
        if hasattr(message, "words"):
            texts["text"] = word * 20
        if hasattr(message, "links"):
            texts["links"] = tuple(replace(one, title=word, evidence=word) for one in message.links)  # type: ignore[union-attr]
        names = {field.name for field in fields(message)}
        return replace(message, **{name: text for name, text in texts.items() if name in names})  # type: ignore[arg-type]

    return changes_of([marked(message) for message in story()])


class Heard(GraphStore):
    """Keeps every row that was read."""

    rows: Rows
    texts: set[str]

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(endpoint)
        self.rows, self.texts = [], set()

    def read(self, text: LiteralString, parameters: dict[str, Any]) -> Rows:
        rows = super().read(text, parameters)
        self.rows += rows
        self.texts.add(text)
        return rows


def test_a_tenant_never_sees_another_one(endpoint: Endpoint, store: GraphStore, tenant: TenantId) -> None:
    loud, quiet, nobody = tenant, fresh(), fresh()
    project(store, quiet, spoken_by("sparrow"))
    before = dumped(store, quiet)
    project(store, loud, spoken_by("canary"))
    assert "canary" in str(dumped(store, loud))
    assert dumped(store, quiet) == before
    reading = {name for name, text in catalogue().items() if not re.search(r"\b(MERGE|CREATE|SET|DELETE)\b", text)}
    with Heard(endpoint) as heard:
        for at in (END_OF_TIME, NOON + timedelta(seconds=20)):
            for scope in (*(("call", one) for one in CALLS), *(("account", one) for one in ACCOUNTS)):
                read_needs(heard, quiet, scope, at)
                assert read_needs(heard, nobody, scope, at) == []
        assert Projector(heard, CONFIG).position(nobody) == 0
        assert Projector(heard, CONFIG).position(quiet) == len(STORY)
        heard.read(queries.COUNT_TENANT, {"tenant": quiet})
        for question in ASKED:
            for account in ACCOUNTS:
                heard.read(
                    cast("LiteralString", question),
                    {"tenant": quiet, "account": account, "at": "2999-01-01T00:00:00.000000Z"},
                )
        unheard = {name for name in reading if catalogue()[name] not in heard.texts}
        assert not unheard, f"nobody listened to {sorted(unheard)}"
        assert "sparrow" in str(heard.rows)
        assert "canary" not in str(heard.rows)
    Projector(store, CONFIG).drop(nobody)
    Projector(store, CONFIG).drop(loud)
    assert dumped(store, loud) == []
    assert dumped(store, quiet) == before


HOSTILE = (
    "'; MATCH (n) DETACH DELETE n; //",
    '"}) DETACH DELETE n //',
    "`}) DETACH DELETE (n) RETURN `x`",
    "$tenant ${tenant} {{tenant}} $rows",
    "line\nbreak\r\n\ttab \\ \\u0027 \\' /* */ // --",
    "预算审批 🚀👩‍👩‍👧 نص é é \u200b",
    " * OR 1=1 %_ ~^ ",
)


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_come_back_unchanged(store: GraphStore, tenant: TenantId, words: str) -> None:
    bystander = fresh()
    project(store, bystander, STORY[:12])
    before = dumped(store, bystander)
    call_id, need_id, account = CallId(f"c {words}"), NeedId(f"n {words}"), f"a {words}"
    asked = replace(
        signal(f"s {words}", on=1, span=(0, len(words)), call_id=call_id), type=f"t {words}", adapter_id=f"x {words}"
    )
    spoken = replace(utterance(1, words, call_id), utterance_id=f"u {words}", speaker=words, person_id=f"p {words}")
    asked = replace(asked, utterance_id=spoken.utterance_id)
    found = replace(link(words, 0.5), section=words, title=words, evidence=words, source_version=words)
    messages = (
        imported("ticket", words, words, title=words, status=words, url=words, competitor=words, quarter=words),
        started(call_id, account),
        replace(participant(), call_id=call_id, person_id=spoken.person_id, speaker=words),
        spoken,
        asked,
        assigned(asked, need_id),
        decided(asked, need_id, found),
    )
    changes = changes_of(cast("tuple[Journalled, ...]", messages))
    project(store, tenant, changes)
    (need,) = needs_in(store, tenant, ("call", call_id))
    assert (need,) == folded(changes).needs() == needs_in(store, tenant, ("account", account))
    assert (need.need_id, need.label, need.raised_by, need.links) == (need_id, words, (words,), (found,))
    (item,) = [node for node in map(json.loads, dumped(store, tenant)) if node.get("labels") == ["Item"]]
    assert {item["props"][name] for name in ("item_id", "section", "title", "status", "url", "quarter")} == {words}
    assert dumped(store, bystander) == before
    Projector(store, CONFIG).drop(tenant)
    assert dumped(store, bystander) == before


def test_a_hostile_tenant_name_is_only_a_name(store: GraphStore, tenant: TenantId) -> None:
    project(store, tenant, STORY[:12])
    before = dumped(store, tenant)
    hostile = TenantId("x'}) DETACH DELETE n //")
    Projector(store, CONFIG).drop(hostile)
    assert read_needs(store, hostile, ("call", CALL), END_OF_TIME) == []
    assert dumped(store, tenant) == before


# --- much, broken, away ----------------------------------------------------------------------------------------------


def test_two_thousand_rows_in_one_batch(store: GraphStore, tenant: TenantId) -> None:
    items = [imported("ticket", f"T-{number}", title=f"Ticket {number}") for number in range(2000)]
    changes = changes_of(items)
    projector = Projector(store, EngineConfig(batch_rows=2000))
    assert projector.project(tenant, changes) == 2000
    assert store.read(queries.COUNT_TENANT, {"tenant": tenant}) == [{"nodes": 2000}]
    assert projector.position(tenant) == 2000
    projector.drop(tenant)
    assert dumped(store, tenant) == []


class Failing(GraphStore):
    """Loses the engine at the given write, before anything of it or after its first half."""

    def __init__(self, endpoint: Endpoint, writes: int, fail: Callable[["Failing", Sequence[Statement]], None]) -> None:
        super().__init__(endpoint)
        self.left = writes
        self.fail = fail

    def write(self, statements: Sequence[Statement], agrees: Agrees | None = None) -> bool:
        self.left -= 1
        if self.left < 0:
            self.fail(self, statements)
        return super().write(statements, agrees)


BROKEN: LiteralString = "MATCH (p:Position {tenant: $tenant}) RETURN 1 / (p.seq - p.seq)"


def away(_: Failing, __: Sequence[Statement]) -> None:
    raise GraphUnavailableError("the graph does not answer")


def halfway(store: Failing, statements: Sequence[Statement]) -> None:
    GraphStore.write(store, [*statements, (BROKEN, statements[0][1])])


@pytest.mark.parametrize("fail", [away, halfway])
@pytest.mark.parametrize("writes", [1, 9])
def test_the_position_is_never_ahead_of_what_is_written(
    endpoint: Endpoint, store: GraphStore, tenant: TenantId, writes: int, fail: Callable[..., None]
) -> None:
    with Failing(endpoint, writes, fail) as failing, pytest.raises(GraphError):
        project(failing, tenant, batch_rows=1)
    position = Projector(store, CONFIG).position(tenant)
    assert position >= writes
    assert_same(store, tenant, folded(STORY[:position]))
    exact = fresh()
    project(store, exact, STORY[:position])
    assert dumped(store, tenant) == dumped(store, exact)
    assert project(store, tenant) == len(STORY)
    assert_same(store, tenant, folded(STORY))


@pytest.mark.parametrize("writes", [1, 2, 5])
def test_a_drop_cut_short_is_ended_before_anything_is_written(
    endpoint: Endpoint, store: GraphStore, tenant: TenantId, writes: int
) -> None:
    project(store, tenant)
    before = dumped(store, tenant)
    with Failing(endpoint, writes, away) as failing, pytest.raises(GraphError):
        Projector(failing, EngineConfig(batch_rows=6)).drop(tenant)
    assert Projector(store, CONFIG).position(tenant) == 0
    assert follow(store, tenant) == len(STORY)
    assert dumped(store, tenant) == before


def test_several_writers_at_once(store: GraphStore) -> None:
    tenants = [fresh() for _ in range(4)]
    with ThreadPoolExecutor(len(tenants)) as pool:
        ends = list(pool.map(partial(project, store, batch_rows=5), tenants))
    assert ends == [len(STORY)] * len(tenants)
    first, *others = (dumped(store, tenant) for tenant in tenants)
    assert all(other == first for other in others)


def test_a_refused_query_is_an_error_of_ours(store: GraphStore, tenant: TenantId) -> None:
    with pytest.raises(GraphError, match="refused"):
        store.read("MATCH (n {tenant: $tenant} RETURN n", {"tenant": tenant})


def test_nobody_there() -> None:
    uri = "bolt://127.0.0.1:1"
    with (
        GraphStore(Endpoint(uri=uri, user="neo4j", password="x", database="neo4j")) as store,
        pytest.raises(GraphUnavailableError, match="does not answer"),
    ):
        store.check()


def test_no_address_at_all() -> None:
    with pytest.raises(GraphUnavailableError, match="NEEDGRAPH_GRAPH__URI"):
        GraphStore(Endpoint(uri="nowhere", user="neo4j", password="x", database="neo4j"))


@pytest.mark.engine
def test_a_wrong_password_is_refused(embedded: Endpoint) -> None:
    with (
        GraphStore(replace(embedded, password="wrong")) as store,
        pytest.raises(GraphUnavailableError, match="NEEDGRAPH_GRAPH__PASSWORD"),
    ):
        store.check()


# --- the saved questions ---------------------------------------------------------------------------------------------

QUESTIONS = (Path(queries.__file__).parent / "questions.cypher").read_text(encoding="utf-8")
ASKED = [one.strip() for one in QUESTIONS.split(";") if one.strip()]


def test_the_saved_questions_are_twelve_and_each_is_of_one_tenant() -> None:
    assert len(ASKED) == 12
    for number, one in enumerate(ASKED, 1):
        assert f"// {number}. " in one
        first = one[one.index("MATCH") :].partition("\n")[0]
        assert "tenant: $tenant" in first


@pytest.mark.parametrize("number", range(12))
def test_a_saved_question_has_an_answer(store: GraphStore, tenant: TenantId, number: int) -> None:
    project(store, tenant)
    parameters = {"tenant": tenant, "account": "Harbour Foods", "at": "2999-01-01T00:00:00.000000Z"}
    rows = store.read(cast("LiteralString", ASKED[number]), parameters)
    # Of the story: nobody's name is known to have said anything twice, and every need is answered or open.
    assert rows or number in (0, 1, 2, 7)
    assert store.read(cast("LiteralString", ASKED[number]), {**parameters, "tenant": f"{tenant}-other"}) == []
