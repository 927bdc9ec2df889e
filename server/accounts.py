"""Accounts as lists, and everything known of one over all its calls. Read while the tenant is locked, judged after."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from asr.messages import Utterance
from graph.head import CallHead, Head
from graph.messages import Need
from graph.roles import Proposed, Said, proposed
from graph.view import NeedGraph
from ingest.messages import CallId, Role
from server import bodies, present, wire
from server.call_pages import speakers, summaries

PEOPLE_IN_A_LINE = 8
"""Names beside an account in a list: as many as a line holds."""

Named = tuple[str, Role]


@dataclass(slots=True)
class _Account:
    """What the heads of an account's calls say together."""

    last_at: datetime
    heads: list[CallHead] = field(default_factory=list[CallHead])


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRead:
    """What an account's page is made of, read while the tenant was locked; nothing of it changes any more."""

    account: str
    calls: tuple[wire.CallSummary, ...]
    needs: tuple[Need, ...]
    on_calls: tuple[tuple[datetime, tuple[Named, ...]], ...]
    said: tuple[Said, ...]


def found(head: Head, query: str, limit: int) -> bodies.AccountList:
    """Accounts whose name or people hold the query without regard to case, the last called first.

    No account is folded: calls and needs come from the head. A call without an account is none.
    """
    wanted = query.casefold().strip()
    accounts: dict[str, _Account] = {}
    for call_id, one in head.calls.items():
        started = one.started
        if started is None or started.account == call_id:
            continue
        account = accounts.setdefault(started.account, _Account(started.started_at))
        account.last_at = max(account.last_at, started.started_at)
        account.heads.append(one)
    fitting = [
        (name, account) for name, account in accounts.items() if not wanted or _fits(name, account.heads, wanted)
    ]
    fitting.sort(key=lambda one: (one[1].last_at, one[0]), reverse=True)
    lines = tuple(_line(name, account, head.needs.get(name, 0)) for name, account in fitting[:limit])
    return bodies.AccountList(accounts=lines)


def read(graph: NeedGraph, account: str, live: set[CallId]) -> AccountRead | None:
    """Read an account; None when it has no call."""
    call_ids = graph.calls(account)
    if not call_ids:
        return None
    heads = graph.head.calls
    said: list[Said] = []
    for call_id in call_ids:
        record = graph.record(call_id)
        if record is not None and record.started is not None:
            spoken: Iterable[Utterance] = record.utterances.values()
            at = record.started.started_at
            said += [Said(utterance=one, started_at=at) for one in spoken if one.role == "customer" and one.speaker]
    return AccountRead(
        account=account,
        calls=summaries(graph.lines(reversed(call_ids)), live),
        needs=graph.needs(account=account),
        on_calls=tuple(
            (started.started_at, tuple(_named(heads[one]))) for one in call_ids if (started := heads[one].started)
        ),
        said=tuple(said),
    )


def view(one: AccountRead) -> bodies.AccountView:
    """Everything known of an account, with the roles that its customers seem to have (pure)."""
    roles = proposed(one.said, one.needs)
    raised = Counter(speaker for need in one.needs for speaker in need.raised_by)
    met: dict[Named, list[datetime]] = {}
    for at, people in one.on_calls:
        for person in people:
            met.setdefault(person, []).append(at)
    people = [_person(named, times, raised, roles) for named, times in met.items()]
    # Customers first, whoever was met last leading.
    people.sort(key=lambda person: person.last_at, reverse=True)
    people.sort(key=lambda person: person.role != "customer")
    return bodies.AccountView(
        account=one.account,
        calls=one.calls,
        needs=tuple(present.need(need) for need in one.needs),
        people=tuple(people),
    )


def _fits(name: str, heads: Iterable[CallHead], wanted: str) -> bool:
    return wanted in name.casefold() or any(wanted in one.casefold() for head in heads for one in speakers(head))


def _line(name: str, account: _Account, needs: int) -> bodies.AccountLine:
    newest_first = sorted(
        account.heads, key=lambda one: one.started.started_at if one.started else account.last_at, reverse=True
    )
    people = dict.fromkeys(person for head in newest_first for person in _named(head))
    # Customers first: who is asked for is rarely one of us.
    shown = sorted(people, key=lambda one: one[1] != "customer")[:PEOPLE_IN_A_LINE]
    return bodies.AccountLine(
        account=name,
        calls=len(account.heads),
        needs=needs,
        last_at=account.last_at,
        people=tuple(bodies.Person(speaker=speaker, role=role) for speaker, role in shown),
    )


def _named(head: CallHead) -> Iterable[Named]:
    on_it = head.participants.values() or (head.started.channels if head.started else ())
    return dict.fromkeys((one.speaker, one.role) for one in on_it if one.speaker)


def _person(
    named: Named, times: Sequence[datetime], raised: Counter[str], roles: dict[str, tuple[Proposed, ...]]
) -> bodies.AccountPerson:
    speaker, role = named
    customer = role == "customer"
    return bodies.AccountPerson(
        speaker=speaker,
        role=role,
        calls=len(times),
        first_at=min(times),
        last_at=max(times),
        needs=raised[speaker] if customer else 0,
        roles=tuple(_role(one) for one in roles.get(speaker, ())) if customer else (),
    )


def _role(one: Proposed) -> bodies.ProposedRole:
    evidence = tuple(
        bodies.RoleEvidence(
            call_id=words.call_id,
            utterance_id=words.utterance_id,
            text=words.text,
            start=words.span.start,
            end=words.span.end,
            start_ms=words.start_ms,
            started_at=words.started_at,
        )
        for words in one.evidence
    )
    return bodies.ProposedRole(role=one.role, evidence=evidence)
