"""Errors of the room: a stable `code` for the wire, whether a retry can help, and the command's exit code."""

from typing import ClassVar


class GraphError(Exception):
    """Base of everything this room raises on purpose."""

    code: ClassVar[str] = "graph"
    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1


class JournalError(GraphError):
    """The journal cannot be used as it is."""

    code = "journal"


class JournalBusyError(JournalError):
    """Another process held the journal for longer than the time we wait."""

    code = "journal_busy"
    retryable = True


class JournalFullError(JournalError):
    """No room on the disk, or the tenant's quota is used up; nothing of the append was kept."""

    code = "journal_full"
    retryable = True


class JournalVersionError(JournalError):
    """The file or an event in it was written by a newer needgraph, or is no journal of this tenant."""

    code = "journal_version"


class KeyStoreError(GraphError):
    """The key store cannot be read or written; nothing personal is stored without it."""

    code = "key_store"


class KeyStoreBusyError(KeyStoreError):
    """Another process held the key store for longer than the time we wait, or the disk is full."""

    code = "key_store_busy"
    retryable = True


class InvalidTenantError(GraphError):
    """The tenant's name cannot be one."""

    code = "invalid_tenant"
    exit_code = 2


class UnknownTenantError(GraphError):
    """Nothing was ever stored for this tenant."""

    code = "unknown_tenant"
    exit_code = 2


class WrongTenantError(GraphError):
    """A message of one tenant was given to another tenant's store."""

    code = "wrong_tenant"


class UnreadableSourceError(GraphError):
    """The file or folder to import is not there, too large, or of no form this verb reads."""

    code = "unreadable_source"
    exit_code = 2


class SearchIndexError(GraphError):
    """The tenant's search index cannot be used; `needgraph rebuild` makes it again from the journal."""

    code = "index"


class EngineError(GraphError):
    """The embedded engine did not start, or another process runs it."""

    code = "engine"
    retryable = True
    exit_code = 3


class GraphUnavailableError(GraphError):
    """The graph does not answer, refuses our credentials, or is busy. The journal goes on; the graph catches up."""

    code = "graph_unavailable"
    retryable = True
    exit_code = 3


class OneDatabaseError(GraphError):
    """The server keeps one database only, and every tenant is to have its own."""

    code = "one_database"
    exit_code = 2
