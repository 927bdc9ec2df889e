"""Tickets of a tracker or a help desk: JSON Lines, a JSON array or CSV."""

from collections.abc import Iterator
from pathlib import Path

from graph.config import ImportConfig
from graph.imports.items import versioned
from graph.imports.rows import (
    Format,
    Identifier,
    Moment,
    Rejected,
    SourceRow,
    Tags,
    Text,
    Title,
    Word,
    checked,
    records,
)
from graph.imports.trackers import FieldMapping, translated
from graph.messages import Item
from ingest.messages import TenantId


class TicketRow(SourceRow):
    """One ticket as its source writes it."""

    id: Identifier
    title: Title
    body: Text
    status: Word
    created_at: Moment
    tags: Tags = ()
    resolution: Text | None = None
    competitor: Word | None = None


def read_tickets(
    path: Path,
    tenant_id: TenantId,
    form: Format | None = None,
    config: ImportConfig | None = None,
    mapping: FieldMapping | None = None,
) -> Iterator[Item | Rejected]:
    """Read tickets in the order of the file, and what could not be read."""
    for record in records(path, form, config or ImportConfig()):
        row = (
            record
            if isinstance(record, Rejected)
            else checked(str(path), translated(record, "ticket", mapping), TicketRow)
        )
        yield row if isinstance(row, Rejected) else _item(row, tenant_id)


def _item(row: TicketRow, tenant_id: TenantId) -> Item:
    text = f"{row.body}\n\nResolution: {row.resolution}" if row.resolution else row.body
    return versioned(
        Item(
            tenant_id=tenant_id,
            kind="ticket",
            id=row.id,
            section=None,
            title=row.title,
            text=text,
            version="",
            status=row.status or None,
            competitor=row.competitor or None,
            tags=row.tags,
            may_say=row.may_say,
            url=row.url or None,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
    )
