"""Roadmap items: JSON Lines, a JSON array or CSV."""

from collections.abc import Iterator
from pathlib import Path

from graph.config import ImportConfig
from graph.imports.items import versioned
from graph.imports.rows import Format, Identifier, Rejected, SourceRow, Text, Title, Word, checked, records
from graph.imports.trackers import FieldMapping, translated
from graph.messages import Item
from ingest.messages import TenantId


class RoadmapRow(SourceRow):
    """One roadmap item as its source writes it."""

    id: Identifier
    title: Title
    description: Text
    status: Word
    quarter: Word | None = None


def read_roadmap(
    path: Path,
    tenant_id: TenantId,
    form: Format | None = None,
    config: ImportConfig | None = None,
    mapping: FieldMapping | None = None,
) -> Iterator[Item | Rejected]:
    """Read roadmap items in the order of the file, and what could not be read."""
    for record in records(path, form, config or ImportConfig()):
        row = (
            record
            if isinstance(record, Rejected)
            else checked(str(path), translated(record, "roadmap", mapping), RoadmapRow)
        )
        yield row if isinstance(row, Rejected) else _item(row, tenant_id)


def _item(row: RoadmapRow, tenant_id: TenantId) -> Item:
    return versioned(
        Item(
            tenant_id=tenant_id,
            kind="roadmap",
            id=row.id,
            section=None,
            title=row.title,
            text=row.description,
            version="",
            status=row.status or None,
            quarter=row.quarter or None,
            may_say=row.may_say,
            url=row.url or None,
            updated_at=row.updated_at,
        )
    )
