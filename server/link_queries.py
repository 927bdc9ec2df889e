"""The input of `needgraph link`: signals that stand in a file, checked (pure)."""

from pydantic import BaseModel, ConfigDict, model_validator

from graph.candidates import Query
from ingest.messages import Role
from intent.messages import Kind
from server.json_rows import checked_rows


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ContextLine(_Part):
    """A turn before the words."""

    role: Role
    text: str


class GivenSignal(_Part):
    """A signal on the words; offsets in code points, half-open."""

    kind: Kind
    type: str
    start: int
    end: int


class LinkQuery(_Part):
    """One signal to be linked."""

    qid: str
    context: tuple[ContextLine, ...] = ()
    text: str
    signal: GivenSignal

    @model_validator(mode="after")
    def _inside(self) -> "LinkQuery":
        if not 0 <= self.signal.start < self.signal.end <= len(self.text):
            raise ValueError(f"span [{self.signal.start}, {self.signal.end}) does not lie in the text")
        return self

    @property
    def query(self) -> Query:
        """As the linker asks."""
        return Query(
            text=self.text[self.signal.start : self.signal.end],
            utterance=self.text,
            context=tuple(one.text for one in self.context),
            kind=self.signal.kind,
            type=self.signal.type,
        )


def read_queries(text: str, file: str) -> list[LinkQuery]:
    """Read a file of link queries.

    Raises:
        BadRequestError: naming file, line and field of the first line that is none.
    """
    return [query for _, _, query in checked_rows(text, file, LinkQuery)]
