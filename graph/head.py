"""What a tenant's graph knows of all its calls without folding any: a line each, and what concerns every account."""

from dataclasses import dataclass, field

from pydantic import TypeAdapter

from graph.messages import CardBudgetChanged, NeedId, Participant
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
class Head:
    """Calls in short, own types and budget, verdicts on links by need, and how much there was of what others count."""

    calls: dict[CallId, CallHead] = field(default_factory=dict)
    label_types: list[LabelTypeChanged] = field(default_factory=list)
    card_budget: CardBudgetChanged | None = None
    verdicts: int = 0
    rosters: int = 0
    judged: dict[NeedId, tuple[JudgedLink, ...]] = field(default_factory=dict)
    homes: dict[str, list[CallId]] = field(default_factory=dict)

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


HEAD = TypeAdapter(Head)
"""Reads and writes a head as JSON."""
