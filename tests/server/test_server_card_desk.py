"""A desk between its deck and a worker that is slow: the journal's order, and a rep who begins to speak meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest

from graph.config import JournalConfig
from graph.errors import JournalFullError
from graph.keys import KeyStore
from graph.messages import CardClosed, CardShown, LinkAnnotation
from graph.tenants import TenantFolder
from ingest.messages import CallStarted, ChannelId, SpeechEnded, SpeechStarted, TenantId
from intent.messages import SignalId
from server import wire
from server.card_desk import CardDesk
from server.errors import ConflictError, NotFoundError
from server.telemetry import Telemetry
from server.tenant import Tenant
from server.understanding import Understanding
from tests.graph.graph_samples import CALL, TENANT, assigned, decided, link, signal, started, utterance

T = TypeVar("T")
REP = ChannelId("a")
SAID = signal("s1", on=1)


@dataclass
class Worker:
    """A `DeskHost` whose worker does what waits when a test says so."""

    telemetry: Telemetry = field(default_factory=Telemetry)
    shown: list[wire.CallEvent] = field(default_factory=list[wire.CallEvent])
    waiting: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    full: bool = False

    @property
    def understanding(self) -> Understanding:
        # A verdict on a link asks no model.
        return cast("Understanding", None)

    def submit(self, work: Callable[[], T]) -> asyncio.Future[T]:
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def run() -> None:
            try:
                if self.full:
                    raise JournalFullError("no room")
                done.set_result(work())
            except Exception as error:
                done.set_exception(error)

        self.waiting.append(run)
        return done

    def publish(self, tenant_id: TenantId, events: list[wire.CallEvent]) -> None:
        self.shown += events

    async def work(self) -> None:
        """Do all that waits, and what follows from it."""
        while self.waiting:
            waiting, self.waiting = self.waiting, []
            for one in waiting:
                one()
            for _ in range(5):
                await asyncio.sleep(0)

    @property
    def cards(self) -> list[tuple[str, str]]:
        return [(one.card.card_id, one.card.state) for one in self.shown if isinstance(one, wire.CardEvent)]


class Table:
    """A desk, its worker and its tenant, with one need that has an answer."""

    def __init__(self, tenant: Tenant, call: CallStarted) -> None:
        self.tenant, self.worker = tenant, Worker()
        self.desk = CardDesk(self.worker, tenant, call)

    async def consider(self) -> None:
        """The need was linked; the worker finds what could come up."""
        task = asyncio.create_task(self.desk.consider([SAID.signal_id]))
        await asyncio.sleep(0)
        waiting, self.worker.waiting = self.worker.waiting, []
        for one in waiting:
            one()
        await task

    def speaks(self, at_ms: int) -> None:
        self.desk.heard(SpeechStarted(tenant_id=TENANT, call_id=CALL, channel=REP, start_ms=at_ms))

    def stops(self, at_ms: int) -> None:
        self.desk.heard(SpeechEnded(tenant_id=TENANT, call_id=CALL, channel=REP, start_ms=0, end_ms=at_ms))

    def journalled(self, *kinds: str) -> list[Any]:
        return [one.message for one in self.tenant.journal.read(kinds=kinds)]


@pytest.fixture
async def table(tmp_path: Path) -> AsyncIterator[Table]:
    folder = TenantFolder(tmp_path, TENANT)
    keys = KeyStore(folder.keys)
    tenant = Tenant(folder, keys, JournalConfig())
    tenant.append(
        [
            started(),
            utterance(1, "We need the split."),
            SAID,
            assigned(SAID, "n1"),
            decided(SAID, "n1", link("T-1", 0.9)),
        ],
        "test",
    )
    yield Table(tenant, started())
    tenant.close()
    keys.close()


async def test_nothing_is_shown_before_the_journal_has_it(table: Table) -> None:
    await table.consider()
    await asyncio.sleep(0)
    assert (table.worker.cards, table.journalled("card_shown")) == ([], [])
    await table.worker.work()
    assert table.worker.cards == [("k1", "shown")]
    (shown,) = table.journalled("card_shown")
    assert isinstance(shown, CardShown)


async def test_a_rep_who_begins_to_speak_while_the_worker_is_busy(table: Table) -> None:
    await table.consider()
    table.speaks(2_500)
    await table.worker.work()
    assert table.journalled("card_shown") == []
    table.desk.tick(4_000)
    await table.worker.work()
    assert table.worker.cards == []
    table.stops(5_000)
    table.desk.tick(6_000)
    await table.worker.work()
    assert [state for _, state in table.worker.cards] == ["shown"]
    assert [one.shown_ms for one in table.journalled("card_shown")] == [6_000]


async def test_an_answer_that_comes_while_the_clock_closes_the_card_counts(table: Table) -> None:
    await table.consider()
    await table.worker.work()
    table.desk.tick(40_000)
    answer = asyncio.create_task(table.desk.answer("k1", "used", "Mara"))
    await asyncio.sleep(0)
    await table.worker.work()
    given = await answer
    assert [(one.outcome, one.by) for one in table.journalled("card_closed")] == [("ignored", None), ("used", "Mara")]
    (verdict,) = table.journalled("link_annotation")
    assert (verdict.annotation_id, verdict.verdict) == (given, "right")
    assert table.worker.cards[-1] == ("k1", "used")


async def test_the_last_answers_verdict_is_the_only_one_that_stands(table: Table) -> None:
    await table.consider()
    await table.worker.work()
    for outcome in ("dismissed", "used", "later"):
        answer = asyncio.create_task(table.desk.answer("k1", outcome, "Mara"))
        await asyncio.sleep(0)
        await table.worker.work()
        given = await answer
        verdicts = [one for one in table.journalled("link_annotation") if isinstance(one, LinkAnnotation)]
        undone = {one.undoes for one in verdicts}
        standing = [one.annotation_id for one in verdicts if one.verdict != "undo" and one.annotation_id not in undone]
        assert standing == ([] if given is None else [given])
    assert [one.outcome for one in table.journalled("card_closed")] == ["dismissed", "used", "later"]


async def test_a_full_journal_costs_the_card_and_nothing_else(table: Table, caplog: pytest.LogCaptureFixture) -> None:
    await table.consider()
    table.worker.full = True
    await table.worker.work()
    assert table.worker.cards == []
    assert "could not be journalled" in caplog.text
    # It is not tried again and again.
    table.desk.tick(2_000)
    assert table.worker.waiting == []


async def test_after_the_end_nothing_is_taken(table: Table) -> None:
    await table.consider()
    await table.worker.work()
    end = asyncio.create_task(table.desk.end())
    await asyncio.sleep(0)
    await table.worker.work()
    await end
    (closed,) = table.journalled("card_closed")
    assert isinstance(closed, CardClosed)
    assert (closed.outcome, closed.by) == ("ignored", None)
    with pytest.raises(ConflictError):
        await table.desk.answer("k1", "used", "Mara")
    with pytest.raises(ConflictError):
        await table.desk.pause(5, "Mara")


async def test_an_unknown_card(table: Table) -> None:
    with pytest.raises(NotFoundError):
        await table.desk.answer("k1", "used", "Mara")
    assert table.journalled("card_closed") == []


async def test_a_signal_of_another_call_brings_nothing(table: Table) -> None:
    task = asyncio.create_task(table.desk.consider([SignalId("nothing")]))
    await asyncio.sleep(0)
    await table.worker.work()
    await task
    assert table.worker.cards == []
