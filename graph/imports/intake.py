"""Taking a source in: what is new or changed goes to the journal first, then into the search index."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from graph.events import Draft
from graph.imports.rows import Rejected
from graph.index import ItemIndex
from graph.journal import Journal
from graph.messages import Item

BATCH_ITEMS = 256
"""Items journalled and indexed at a time: some seconds of encoding on two cores, so progress shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What an import did; `rejected` names what was not taken."""

    added: int
    changed: int
    unchanged: int
    rejected: tuple[Rejected, ...]

    @property
    def taken(self) -> int:
        """How many records of the source are now held."""
        return self.added + self.changed + self.unchanged


def take_in(
    source: Iterable[Item | Rejected],
    journal: Journal,
    index: ItemIndex,
    actor: str,
    progress: Callable[[int], None] | None = None,
) -> Intake:
    """Journal and index a source's items; the same source twice changes nothing.

    Args:
        source: What a reader yields.
        journal: The tenant's journal.
        index: The tenant's search index.
        actor: Who imports.
        progress: Told how many records were read so far.
    """
    totals = {"added": 0, "changed": 0, "unchanged": 0}
    rejected: list[Rejected] = []
    batch: dict[tuple[str, str, str | None], Item] = {}
    read = 0

    def flush() -> None:
        compared = index.compare(tuple(batch.values()))
        now = datetime.now(UTC)
        journal.append([Draft(message=item, actor=actor, at=now) for item in (*compared.added, *compared.changed)])
        index.upsert((*compared.added, *compared.changed))
        for name in totals:
            totals[name] += len(getattr(compared, name))
        batch.clear()
        if progress is not None:
            progress(read)

    for one in source:
        read += 1
        if isinstance(one, Rejected):
            rejected.append(one)
            continue
        batch[one.kind, one.id, one.section] = one
        if len(batch) >= BATCH_ITEMS:
            flush()
    flush()
    return Intake(**totals, rejected=tuple(rejected))
