"""Accounts as lists, and everything known of one over all its calls. Read while the tenant is locked, judged after."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from asr.messages import Utterance
from graph.head import CallHead, Head
from graph.messages import Need
from graph.roles import Proposed, Said, proposed
from graph.view import NeedGraph
from ingest.messages import CallId, Role
from server import bodies, present_needs, wire
from server.call_pages import on_call, searched, summaries

PEOPLE_IN_A_LINE = 8
"""Names beside an account in a list: as many as a line holds."""

Named = tuple[str, Role]


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
    fitting: list[tuple[datetime, str]] = []
    for account, call_ids in head.homes.items():
        heads = [head.calls[one] for one in call_ids]
        times = [one.started.started_at for one in heads if one.started is not None]
        unnamed = account == call_ids[0]
        if times and not unnamed and (not wanted or any(wanted in searched(one) for one in heads)):
            fitting.append((max(times), account))
    newest_first = sorted(fitting, reverse=True)
    return bodies.AccountList(accounts=tuple(_line(head, name, last_at) for last_at, name in newest_first[:limit]))


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
        needs=tuple(present_needs.need(need) for need in one.needs),
        people=tuple(people),
    )


def _line(head: Head, account: str, last_at: datetime) -> bodies.AccountLine:
    heads = [one for call_id in head.homes[account] if (one := head.calls[call_id]).started is not None]
    newest_first = sorted(heads, key=lambda one: one.started.started_at if one.started else last_at, reverse=True)
    people = dict.fromkeys(person for one in newest_first for person in _named(one))
    # Customers first: who is asked for is rarely one of us.
    shown = sorted(people, key=lambda one: one[1] != "customer")[:PEOPLE_IN_A_LINE]
    return bodies.AccountLine(
        account=account,
        calls=len(heads),
        needs=head.needs.get(account, 0),
        last_at=last_at,
        people=tuple(bodies.Person(speaker=speaker, role=role) for speaker, role in shown),
    )


def _named(head: CallHead) -> Iterable[Named]:
    return dict.fromkeys((one.speaker, one.role) for one in on_call(head) if one.speaker)


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
