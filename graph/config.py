"""Settings of journal, imports, search, linking, merging and engine; arguments, never read from the environment."""

from pydantic import BaseModel, ConfigDict, Field


class JournalConfig(BaseModel):
    """How the journal shares its file.

    busy_timeout_ms: how long an append waits for another process; one append holds the lock for about 10 ms
    (measured on a 2-core machine, 2026-11: one fsync of a WAL commit), so this covers hundreds in a row.
    page_rows: events read at a time, so that a replay never holds a whole journal.
    max_bytes: the tenant's quota; None for what the disk holds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    busy_timeout_ms: int = Field(default=10_000, ge=0)
    page_rows: int = Field(default=512, ge=1)
    max_bytes: int | None = Field(default=None, ge=65_536)


class ImportConfig(BaseModel):
    """Bounds of what an import file may hold, checked before anything is kept.

    max_line_bytes: a ticket with its whole discussion is under 100 kB in public trackers; ten times that.
    max_file_bytes: a JSON array and a document are read at once; JSON Lines and CSV are streamed.
    max_unpacked_bytes: what a .docx or a .zip may hold once unpacked. A long manual with pictures is under 100 MB, and
    Word's own format shrinks text to a tenth; a bomb grows a thousandfold.
    max_archive_files: files in a .docx or a .zip; a Confluence space of 20,000 pages is a big one.
    max_pages: of a PDF; the PDF specification has 756 and 1,000.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_line_bytes: int = Field(default=1_000_000, ge=1_000)
    max_file_bytes: int = Field(default=200_000_000, ge=1_000)
    max_unpacked_bytes: int = Field(default=400_000_000, ge=1_000)
    max_archive_files: int = Field(default=100_000, ge=1)
    max_pages: int = Field(default=3_000, ge=1)


class EngineConfig(BaseModel):
    """The embedded engine and the projection.

    heap_mb: 256 MB held 20,000 nodes at 315 MB resident (measured); imports write their rows in batches.
    start_timeout_s: a start takes 2-5 s on two quiet cores; a loaded machine is given time.
    batch_rows: rows of one UNWIND; 1,000 were measured as a good size on both engines.
    poll_ms: how often the projector looks for events that other processes appended.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    heap_mb: int = Field(default=256, ge=128)
    start_timeout_s: int = Field(default=60, ge=5)
    batch_rows: int = Field(default=1000, ge=1)
    poll_ms: int = Field(default=500, ge=50)
