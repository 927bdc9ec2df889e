"""Past calls put into a running service's journal, with needs, links and doubts that no model had to find."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from asr.messages import Utterance
from graph.events import Journalled
from graph.messages import ItemKind, Link
from ingest.messages import CallEnded, CallId, CallStarted, Channel, ChannelId, Role, TenantId
from server.tenant import Tenant
from tests.graph.graph_samples import NOON, assigned, decided, signal
from tests.graph.graph_samples import utterance as sample
from tests.server.conftest import Scripted

T = TypeVar("T")
JONAS, INES = "Jonas", "Ines"
SECRET_TITLE = "Trade secret <b>&</b> of Mallory & Sons"
SAID: tuple[tuple[Role, str], ...] = (
    ("rep", "Good morning. What should be better than it is now?"),
    ("customer", "We must have the split by cost centre, or we stop <script>alert(1)</script> here."),
    ("rep", "I'll send you the contract by Friday."),
    ("customer", "Your offer is above our budget."),
    ("customer", "Could you send us your SOC 2 report?"),
    ("customer", "It would be nice to have photos."),
)


def started(tenant: str, call_id: str, account: str, at: datetime = NOON, customer: str = INES) -> CallStarted:
    channels = (
        Channel(channel=ChannelId("a"), role="rep", speaker=JONAS),
        Channel(channel=ChannelId("b"), role="customer", speaker=customer),
    )
    return CallStarted(
        tenant_id=TenantId(tenant),
        call_id=CallId(call_id),
        account=account,
        language="en",
        channels=channels,
        started_at=at,
    )


def spoken(of: CallStarted, number: int, role: Role, text: str) -> Utterance:
    channel = next(one for one in of.channels if one.role == role)
    said = sample(number, text, call_id=of.call_id, role=role, speaker=channel.speaker, person_id=None)
    return replace(said, tenant_id=of.tenant_id, words=(), start_ms=number * 5_000, end_ms=number * 5_000 + 4_000)


def linked(kind: ItemKind, id: str, title: str, may_say: bool | None) -> Link:
    return Link(
        kind=kind,
        id=id,
        section=None,
        title=title,
        score=0.9,
        evidence=f"evidence of {id}",
        may_say=may_say,
        source_version="0" * 64,
        updated_at="2026-01-15",
    )


LINKS = (
    linked("ticket", "T-1", "Ticket of Mallory & Sons", None),
    linked("document", "D-1", SECRET_TITLE, None),
    linked("document", "D-2", "Cost centres, explained", True),
    linked("roadmap", "R-1", "Hidden roadmap", False),
    linked("roadmap", "R-2", "Split invoices in spring", None),
)


def past_messages(of: CallStarted) -> list[Journalled]:
    """What was said, a strong need with links, a weak one, a doubt about the price, and the end."""
    utterances = [spoken(of, number, role, text) for number, (role, text) in enumerate(SAID, 1)]
    text = SAID[1][1]
    strong = signal(f"{of.call_id}-s1", on=2, span=(0, len(text)), strength=3, call_id=of.call_id)
    doubt = signal(f"{of.call_id}-s2", on=4, span=(0, 30), kind="hesitation", type="price", call_id=of.call_id)
    weak = signal(f"{of.call_id}-s3", on=6, span=(0, 32), strength=1, call_id=of.call_id)
    signals = [replace(one, tenant_id=of.tenant_id) for one in (strong, doubt, weak)]
    made: list[Any] = [
        assigned(strong, f"{of.call_id}-n1"),
        assigned(doubt, f"{of.call_id}-n2"),
        assigned(weak, f"{of.call_id}-n3"),
        decided(strong, f"{of.call_id}-n1", *LINKS),
    ]
    end = CallEnded(tenant_id=of.tenant_id, call_id=of.call_id, reason="ended", end_ms=60_000, ended_at=of.started_at)
    return [*utterances, *signals, *(replace(one, tenant_id=of.tenant_id) for one in made), end]


def on_loop(scripted: Scripted, work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine where the service runs."""
    return asyncio.run_coroutine_threadsafe(work, scripted.loop).result(30)


def tenant_of(scripted: Scripted, tenant: str) -> Tenant:
    return on_loop(scripted, scripted.service.tenant(TenantId(tenant)))


async def keep(scripted: Scripted, calls: Sequence[CallStarted]) -> None:
    """Put calls into the journal of their tenant."""
    for one in calls:
        tenant = await asyncio.to_thread(tenant_of, scripted, one.tenant_id)
        work = scripted.service.show_changes(
            tenant, lambda tenant=tenant, one=one: tenant.keep_call(one, past_messages(one), "test")
        )
        await asyncio.to_thread(on_loop, scripted, work)
