"""What a tenant's graph knows of all its calls without folding any: a line each, and what concerns every account."""

from dataclasses import dataclass, field

from pydantic import TypeAdapter

from graph.messages import CardBudgetChanged, NeedId, Participant, SummaryOpened, SummaryShared, SummaryUnshared
from graph.needs import JudgedLink
from ingest.messages import CallEnded, CallId, CallStarted, ChannelId
from intent.messages import LabelTypeChanged


@dataclass(slots=True, kw_only=True)
class CallHead:
    """A call in short.

    home: the account it is folded with; "" for a call whose first message was not its start.
    annotated: whether people gave verdicts on its words. needs: how many are voiced in it, once `settled`.
    """

    home: str
    started: CallStarted | None = None
    ended: CallEnded | None = None
    participants: dict[ChannelId, Participant] = field(default_factory=dict)
    annotated: bool = False
    needs: int = 0
    settled: bool = True


@dataclass(slots=True, kw_only=True)
class SharedSummary:
    """A link to a call's summary: how it was made, how often it was opened as far as that was kept, and its end."""

    made: SummaryShared
    opened: SummaryOpened | None = None
    revoked: bool = False


@dataclass(slots=True, kw_only=True)
class Head:
    """Calls in short, own types and budget, verdicts on links by need, and how much there was of what others count.

    needs: how many an account has, as of when its calls were last settled. shares: links to summaries by their id.
    """

    calls: dict[CallId, CallHead] = field(default_factory=dict)
    label_types: list[LabelTypeChanged] = field(default_factory=list)
    card_budget: CardBudgetChanged | None = None
    verdicts: int = 0
    rosters: int = 0
    judged: dict[NeedId, tuple[JudgedLink, ...]] = field(default_factory=dict)
    homes: dict[str, list[CallId]] = field(default_factory=dict)
    needs: dict[str, int] = field(default_factory=dict)
    shares: dict[str, SharedSummary] = field(default_factory=dict)

    def home_of(self, call_id: CallId) -> str | None:
        """Return the account a call is folded with; None for an unknown call."""
        head = self.calls.get(call_id)
        return None if head is None else head.home

    def call(self, call_id: CallId, home: str) -> CallHead:
        """Return a call's line, made when there is none yet."""
        found = self.calls.get(call_id)
        if found is None:
            found = self.calls[call_id] = CallHead(home=home)
            self.homes.setdefault(home, []).append(call_id)
        return found

    def share(self, message: SummaryShared | SummaryUnshared | SummaryOpened) -> None:
        """Take in what happened to a link; one that was never made is passed over."""
        if isinstance(message, SummaryShared):
            self.shares.setdefault(message.share_id, SharedSummary(made=message))
            return
        found = self.shares.get(message.share_id)
        if found is None:
            return
        if isinstance(message, SummaryUnshared):
            found.revoked = True
        else:
            found.opened = message


HEAD = TypeAdapter(Head)
"""Reads and writes a head as JSON."""
