"""The graph over Bolt: the only importer of the neo4j driver, the same for Neo4j and for the embedded engine."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, LiteralString, Self, TypeVar, cast

from neo4j import Driver, GraphDatabase, ManagedTransaction, NotificationMinimumSeverity, RoutingControl
from neo4j.exceptions import AuthError, ConfigurationError, DriverError, Neo4jError

from graph import queries
from graph.databases import Databases, database_of
from graph.errors import GraphError, GraphUnavailableError, OneDatabaseError

log = logging.getLogger(__name__)

Rows = list[dict[str, Any]]
Statement = tuple[LiteralString, dict[str, Any]]
"""A named text of `queries.py` and its parameters."""

Agrees = Callable[[Rows], bool]
"""Looks at the rows of a transaction's first statement; no takes the transaction back."""

T = TypeVar("T")

CONNECT_S = 5.0
SYSTEM = "system"
"""The database of a Neo4j in which databases are made."""
UNSUPPORTED = "Neo.ClientError.Statement.UnsupportedAdministrationCommand"
MADE_S = 10.0
"""So long a service that runs has time to make a tenant's database; it looks for new tenants twice a second."""
POLL_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where the graph answers and how to get in; `embedded` is the engine we run ourselves."""

    uri: str
    user: str
    password: str
    database: str
    embedded: bool = False


class _DisagreedError(Exception):
    """Takes a transaction back."""


class GraphStore:
    """One driver for the process; every text comes from the catalogue, every call names its tenant and database."""

    def __init__(
        self, endpoint: Endpoint, databases: Databases = "shared", create: Callable[[str], object] | None = None
    ) -> None:
        """Open the driver; nothing is sent yet.

        Args:
            endpoint: where the graph is; its database is the one that all share.
            databases: whether they share it, or each tenant has its own, made when it is first needed.
            create: makes a database of the embedded engine; None when another process owns that engine.

        Raises:
            GraphUnavailableError: the address is no Bolt address.
        """
        auth = (endpoint.user, endpoint.password) if endpoint.password else None
        try:
            self._driver: Driver = GraphDatabase.driver(
                endpoint.uri,
                auth=auth,
                connection_timeout=CONNECT_S,
                max_transaction_retry_time=CONNECT_S,
                notifications_min_severity=None if endpoint.embedded else NotificationMinimumSeverity.OFF,
            )
        except (ConfigurationError, ValueError) as error:
            raise GraphUnavailableError(f"{endpoint.uri} is no graph address; set NEEDGRAPH_GRAPH__URI") from error
        self._endpoint = endpoint
        self._databases: Databases = databases
        self._create = create
        self._own: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Use as a context manager."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the driver."""
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._driver.close()

    def check(self) -> str:
        """The server's agent string, once it answers.

        Raises:
            GraphUnavailableError: it does not.
        """
        return self._guard(lambda: self._driver.get_server_info().agent)

    def migrate(self) -> None:
        """Create constraints and indexes; harmless when they are there.

        A tenant's own database gets them when it is first needed.
        """
        if self._databases == "shared":
            self._migrate(self._endpoint.database)

    def _migrate(self, database: str) -> None:
        text = files("graph").joinpath("schema.cypher").read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if not line.startswith("//")]
        for statement in "\n".join(lines).split(";"):
            if statement.strip():
                # The one text that is not a literal in the source: it ships in the package.
                self._written(database, [(cast("LiteralString", statement.strip()), {})], None)

    def read(self, text: LiteralString, parameters: dict[str, Any]) -> Rows:
        """Run a reading query."""
        return self._read(self._database(parameters), text, parameters)

    def _read(self, database: str, text: LiteralString, parameters: dict[str, Any]) -> Rows:
        def run() -> Rows:
            result = self._driver.execute_query(text, parameters, database_=database, routing_=RoutingControl.READ)
            return [record.data() for record in result.records]

        return self._guard(run)

    def write(self, statements: Sequence[Statement], agrees: Agrees | None = None) -> bool:
        """Run statements in one transaction, retried as a whole by the driver; they must be idempotent.

        Args:
            statements: texts with their parameters, in order.
            agrees: shown the rows of the first statement; when it says no, nothing is written.

        Returns:
            Whether it was written.
        """
        return self._written(self._database(statements[0][1]), statements, agrees)

    def _written(self, database: str, statements: Sequence[Statement], agrees: Agrees | None) -> bool:
        def work(transaction: ManagedTransaction) -> None:
            for number, (text, parameters) in enumerate(statements):
                rows = [record.data() for record in transaction.run(text, parameters)]
                if number == 0 and agrees is not None and not agrees(rows):
                    raise _DisagreedError

        def run() -> bool:
            with self._driver.session(database=database) as session:
                try:
                    session.execute_write(work)
                except _DisagreedError:
                    return False
            return True

        return self._guard(run)

    def _database(self, parameters: dict[str, Any]) -> str:
        """Where a tenant's part lies; its own database is made and migrated before it is first used."""
        if self._databases == "shared":
            return self._endpoint.database
        tenant = parameters["tenant"]
        if tenant not in self._own:
            name = database_of(tenant)
            if self._create is not None:
                self._create(name)
            elif self._endpoint.embedded:
                self._await_database(name, tenant)
            else:
                self._guard(lambda: self._create_on_server(name))
            self._migrate(name)
            self._own[tenant] = name
        return self._own[tenant]

    def _create_on_server(self, name: str) -> None:
        try:
            self._driver.execute_query(queries.CREATE_DATABASE, {"name": name}, database_=SYSTEM)
        except Neo4jError as error:
            if error.code != UNSUPPORTED:
                raise
            raise OneDatabaseError(
                "this Neo4j keeps one database only, as the Community edition does; set NEEDGRAPH_GRAPH__DATABASES="
                "shared, or use a Neo4j that has several"
            ) from error

    def _await_database(self, name: str, tenant: str) -> None:
        until = time.monotonic() + MADE_S
        while True:
            try:
                self._read(name, queries.READ_POSITION, {"tenant": tenant})
                return
            except GraphError as error:
                if time.monotonic() > until:
                    raise GraphUnavailableError(
                        "the service that runs has made no database for this tenant; start it with "
                        "NEEDGRAPH_GRAPH__DATABASES=tenant as well"
                    ) from error
                time.sleep(POLL_S)

    @staticmethod
    def _guard(work: Callable[[], T]) -> T:
        try:
            return work()
        except AuthError as error:
            raise GraphUnavailableError("the graph refused our credentials; check NEEDGRAPH_GRAPH__PASSWORD") from error
        except (DriverError, OSError) as error:
            raise GraphUnavailableError("the graph does not answer") from error
        except Neo4jError as error:
            if error.is_retryable():
                raise GraphUnavailableError(f"the graph is busy ({error.code})") from error
            raise GraphError(f"the graph refused a query ({error.code})") from error
