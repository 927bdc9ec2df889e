"""Cards of one live call: feeds the pure deck, journals what comes up and what becomes of it, then shows it.

On the event loop. Whatever the deck says goes to the worker at once, so the journal holds it in the deck's order.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from graph.errors import GraphError
from graph.events import Journalled
from graph.messages import CardClosed, CardOutcome, CardShown, CardsPaused, LinkAnnotation, NeedId
from graph.misheard import undone_of
from ingest.messages import CallStarted, SpeechEnded, SpeechStarted, TenantId
from intent.messages import SignalId
from server import wire
from server.card_offers import budget_of, candidate, need_now
from server.cards import Candidate, CardDeck, Down, Out, Up
from server.corrections import Corrections, LinkVerdict, taken_back
from server.errors import ConflictError, NotFoundError
from server.events import events_of
from server.telemetry import Telemetry
from server.tenant import Tenant
from server.understanding import Understanding

log = logging.getLogger(__name__)

T = TypeVar("T")


class DeskHost(Protocol):
    """What a desk needs from the service around it."""

    telemetry: Telemetry

    @property
    def understanding(self) -> Understanding:
        """What verdicts go through."""
        ...

    def submit(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Run work on the worker, in the order of these calls."""
        ...

    def publish(self, tenant_id: TenantId, events: list[wire.CallEvent]) -> None:
        """Show events."""
        ...


class CardDesk:
    """The deck of one call with the service around it."""

    def __init__(self, service: DeskHost, tenant: Tenant, started: CallStarted) -> None:
        """Begin without cards."""
        self._service = service
        self._tenant = tenant
        self._call_id = started.call_id
        self._reps = {one.channel for one in started.channels if one.role == "rep"}
        self._deck = CardDeck(budget_of(tenant.graph))
        self._now_ms = 0
        self._over = False
        self._jobs: set[asyncio.Task[None]] = set()
        self._judged: dict[str, LinkAnnotation] = {}
        """The verdict that an answer gave, by card; only the worker touches it."""
        self._answers: dict[str, tuple[CardOutcome, str]] = {}
        """What was answered last and by whom, by card; as above."""

    def heard(self, edge: SpeechStarted | SpeechEnded) -> None:
        """A voice began or stopped; only those of the company count."""
        if edge.channel in self._reps:
            speaking = isinstance(edge, SpeechStarted)
            self._deck.speech(edge.channel, speaking, edge.start_ms if speaking else edge.end_ms)

    def tick(self, now_ms: int) -> None:
        """The call's clock moved on; the budget may have been changed meanwhile."""
        self._now_ms = now_ms
        self._heed_budget()
        self._carry(self._deck.tick(now_ms))

    async def consider(self, signal_ids: Sequence[SignalId]) -> None:
        """Signals were linked and are on the screens: perhaps one of them is worth a card."""
        offers = await self._service.submit(partial(self._candidates, signal_ids))
        self._heed_budget()
        for found in offers:
            if not self._over:
                self._carry(self._deck.offer(found, self._now_ms))

    def graph_changed(self, delta: wire.GraphDeltaEvent) -> None:
        """Needs of the tenant changed; those without a card here do not matter."""
        if self._deck.idle:
            return
        for need in delta.needs:
            self._carry(self._deck.need_changed(NeedId(need.need_id), need_now(need)))
        for need_id in delta.removed:
            self._carry(self._deck.need_changed(NeedId(need_id), None))

    async def answer(self, card_id: str, outcome: CardOutcome, author: str) -> str | None:
        """Take a person's answer; the last one to a card counts. Who sends the same again changes nothing.

        Returns:
            The verdict on the link that was journalled with it; None when there was none.

        Raises:
            NotFoundError: no such card came up in this call.
            ConflictError: the call is over.
        """
        self._running()
        card = self._deck.shown(card_id)
        if card is None:
            raise NotFoundError(f"no card {card_id} in this call")
        (closed,) = self._messages(self._deck.answer(card_id, outcome, self._now_ms), author)

        def journal() -> tuple[str | None, list[wire.CallEvent]]:
            events: list[wire.CallEvent] = []
            with self._tenant.lock:
                if not self._stands(card_id, (outcome, author)):
                    verdicts = self._verdicts(card, outcome, author)
                    events = self._append((closed, *verdicts), author)
                    self._answers[card_id] = (outcome, author)
                given = self._judged.get(card_id)
                return None if given is None else given.annotation_id, events

        annotation_id, events = await self._service.submit(journal)
        self._service.publish(self._tenant.tenant_id, events)
        return annotation_id

    async def pause(self, minutes: int, author: str) -> datetime | None:
        """Let no card come up for so many minutes, none at all lets them come again.

        Raises:
            ConflictError: the call is over.
        """
        self._running()
        at = datetime.now(UTC)
        until_at = at + timedelta(minutes=minutes) if minutes else None
        self._deck.pause(self._now_ms + minutes * 60_000 if minutes else None)
        message = CardsPaused(
            tenant_id=self._tenant.tenant_id, call_id=self._call_id, until_at=until_at, author=author, at=at
        )
        events = await self._service.submit(partial(self._append, (message,), author))
        self._service.publish(self._tenant.tenant_id, events)
        return until_at

    async def end(self) -> None:
        """The call is over: what is up goes, and everything is in the journal."""
        self._over = True
        self._carry(self._deck.end())
        await asyncio.gather(*self._jobs)

    def _heed_budget(self) -> None:
        self._deck.budget = budget_of(self._tenant.graph)

    def _running(self) -> None:
        if self._over:
            raise ConflictError(f"call {self._call_id} is over; its cards stay as they are")

    def _candidates(self, signal_ids: Sequence[SignalId]) -> list[Candidate]:
        with self._tenant.lock:
            found = [candidate(self._tenant.graph, self._call_id, one) for one in signal_ids]
        return [one for one in found if one is not None]

    def _carry(self, outs: Sequence[Out]) -> None:
        if not outs:
            return
        messages = self._messages(outs, None)

        def journal() -> list[wire.CallEvent]:
            # The rep may have begun to speak while this waited for its turn.
            kept = messages if self._deck.silent else [one for one in messages if not isinstance(one, CardShown)]
            return self._append(kept, "service")

        job = asyncio.get_running_loop().create_task(self._carried(outs, self._service.submit(journal)))
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    async def _carried(self, outs: Sequence[Out], journalled: asyncio.Future[list[wire.CallEvent]]) -> None:
        try:
            events = await journalled
        except GraphError as error:
            # The journal takes nothing: the call's own words say so on every screen. Such a card is not tried again.
            log.warning("a card could not be journalled", extra={"call_id": self._call_id, "code": error.code})
            return
        self._service.publish(self._tenant.tenant_id, events)
        came_up = {one.card.card_id for one in events if isinstance(one, wire.CardEvent)}
        for out in outs:
            if isinstance(out, Up) and out.card_id not in came_up:
                await self._not_yet(out)

    async def _not_yet(self, card: Up) -> None:
        """Let a card wait for the next silence; whether it still stands is asked anew."""
        self._deck.take_back(card)
        if card.returns is None:
            await self.consider((card.candidate.signal_id,))

    def _append(self, messages: Sequence[Journalled], actor: str) -> list[wire.CallEvent]:
        with self._tenant.lock:
            changes = self._tenant.append(messages, actor)
            self._service.telemetry.carded(messages)
            return events_of(self._tenant.graph, changes)

    def _messages(self, outs: Sequence[Out], by: str | None) -> tuple[Journalled, ...]:
        at = datetime.now(UTC)
        return tuple(self._up(out, at) if isinstance(out, Up) else self._down(out, by, at) for out in outs)

    def _up(self, out: Up, at: datetime) -> CardShown:
        return CardShown(
            tenant_id=self._tenant.tenant_id,
            call_id=self._call_id,
            card_id=out.card_id,
            need_id=out.candidate.need_id,
            signal_id=out.candidate.signal_id,
            link=out.candidate.link,
            confidence=out.candidate.confidence,
            shown_ms=out.shown_ms,
            at=at,
            closes_at=at + timedelta(milliseconds=out.closes_ms - out.shown_ms),
            returned=out.returns is not None,
        )

    def _down(self, out: Down, by: str | None, at: datetime) -> CardClosed:
        return CardClosed(
            tenant_id=self._tenant.tenant_id,
            call_id=self._call_id,
            card_id=out.card_id,
            signal_id=out.signal_id,
            outcome=out.outcome,
            by=by,
            at=at,
        )

    def _verdicts(self, card: Up, outcome: CardOutcome, author: str) -> tuple[LinkAnnotation, ...]:
        """What an answer says of the link, and that an earlier answer's word no longer counts; in the worker."""
        former = self._judged.pop(card.card_id, None)
        given = self._verdict(card, outcome, author)
        if given is not None:
            self._judged[card.card_id] = given
        back = None if former is None else taken_back(former, author)
        return tuple(one for one in (back, given) if one is not None)

    def _stands(self, card_id: str, answer: tuple[CardOutcome, str]) -> bool:
        """Whether this was the last answer, and nobody took its verdict back; in the worker."""
        if self._answers.get(card_id) != answer:
            return False
        given, record = self._judged.get(card_id), self._tenant.graph.record(self._call_id)
        return given is None or record is None or given.annotation_id not in undone_of(record.given)

    def _verdict(self, card: Up, outcome: CardOutcome, author: str) -> LinkAnnotation | None:
        if outcome not in ("used", "dismissed"):
            return None
        graph, link, signal_id = self._tenant.graph, card.candidate.link, card.candidate.signal_id
        verdict = LinkVerdict(
            call_id=self._call_id,
            # Needs may have been joined or parted since it came up.
            need_id=graph.need_of(self._call_id, signal_id) or card.candidate.need_id,
            signal_id=signal_id,
            kind=link.kind,
            id=link.id,
            section=link.section,
            verdict="right" if outcome == "used" else "wrong",
        )
        try:
            return Corrections(self._tenant, self._service.understanding, author).link(verdict)[0]
        except NotFoundError:
            # The need is gone since: there is no link left to speak of.
            return None
