"""Links that open a call's summary for whoever holds them: made, found by their token, counted, revoked.

A token names its tenant and holds a secret of 256 bits; the journal keeps the secret's hash only. Everything but the
count of openings since the last journalled one is a fold of the journal (`graph/head.py`).
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from graph.head import SharedSummary
from graph.messages import SummaryOpened, SummaryShared, SummaryUnshared
from graph.tenants import TENANT_NAME, tenants
from graph.view import NeedGraph
from ingest.messages import CallId, TenantId
from server import bodies
from server.errors import ConflictError, NotFoundError

SECRET_BYTES = 32
MOST_PER_CALL = 50
"""Links to one call that open it at a time: more are a mistake, and each is compared when any is opened."""
COUNTED_EVERY = timedelta(minutes=1)
"""An opening is journalled at most so often for each link; a link in a busy thread must not fill the journal."""
MOST_TOKEN_CHARS = 200
"""Above the longest one: 63 letters of a tenant in base64 and 43 of the secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a link's token says."""

    tenant_id: TenantId
    secret: str

    def __str__(self) -> str:
        name = base64.urlsafe_b64encode(self.tenant_id.encode()).decode().rstrip("=")
        return f"{name}.{self.secret}"

    @property
    def digest(self) -> str:
        """What the journal keeps of it."""
        return hashlib.sha256(self.secret.encode()).hexdigest()


def new_token(tenant_id: TenantId) -> Token:
    """Draw a secret that nobody can guess."""
    return Token(tenant_id=tenant_id, secret=secrets.token_urlsafe(SECRET_BYTES))


def read_token(text: str, data: Path) -> Token | None:
    """Read a token; None when it is none, or of a tenant that is not there."""
    name, _, secret = text.partition(".")
    if not secret or len(text) > MOST_TOKEN_CHARS or not secret.isascii():
        return None
    try:
        tenant = base64.b64decode(name + "=" * (-len(name) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    # A name in a link must never make a tenant's folder.
    known = TENANT_NAME.fullmatch(tenant) is not None and tenant in tenants(data)
    return Token(tenant_id=TenantId(tenant), secret=secret) if known else None


def made(graph: NeedGraph, call_id: CallId, wanted: bodies.ShareRequest, author: str) -> tuple[Token, SummaryShared]:
    """A link to a call's summary, to be journalled.

    Raises:
        NotFoundError: no such call.
        ConflictError: there are too many already.
    """
    if not graph.knows(call_id):
        raise NotFoundError(f"no call {call_id}")
    now = datetime.now(UTC)
    if len(standing(graph, call_id, now)) >= MOST_PER_CALL:
        raise ConflictError(f"{MOST_PER_CALL} links open this call already; revoke one first")
    token = new_token(graph.tenant_id)
    message = SummaryShared(
        tenant_id=graph.tenant_id,
        call_id=call_id,
        share_id=f"sh-{secrets.token_hex(8)}",
        digest=token.digest,
        language=wanted.language,
        author=author,
        at=now,
        expires_at=now + timedelta(days=wanted.days),
    )
    return token, message


def revoked(graph: NeedGraph, share_id: str, author: str) -> SummaryUnshared:
    """The end of a link, to be journalled.

    Raises:
        NotFoundError: no such link, or it opens nothing any more.
    """
    now = datetime.now(UTC)
    found = graph.shares.get(share_id)
    if found is None or not opens(found, now):
        raise NotFoundError(f"no link {share_id[:64]} that opens anything")
    return SummaryUnshared(
        tenant_id=graph.tenant_id, call_id=found.made.call_id, share_id=share_id, author=author, at=now
    )


def opens(share: SharedSummary, now: datetime) -> bool:
    """Whether a link opens its summary at this time."""
    return not share.revoked and now < share.made.expires_at


def standing(graph: NeedGraph, call_id: CallId, now: datetime) -> list[SharedSummary]:
    """The links that open a call, the newest first."""
    found = [one for one in graph.shares.values() if one.made.call_id == call_id and opens(one, now)]
    return sorted(found, key=lambda one: one.made.at, reverse=True)


def opened_by(graph: NeedGraph, token: Token, now: datetime) -> SharedSummary | None:
    """The link that a token opens; None alike for one that is unknown, revoked or expired."""
    digest = token.digest
    found = None
    # Every one is compared in constant time, so the time of an answer tells nothing of the secrets.
    for one in graph.shares.values():
        if opens(one, now) and hmac.compare_digest(one.made.digest, digest):
            found = one
    return found


class Openings:
    """Counts openings; says which of them are to be journalled."""

    def __init__(self) -> None:
        """Begin with what the journal knows."""
        self._counted: dict[tuple[TenantId, str], tuple[int, datetime]] = {}

    def count(self, share: SharedSummary, now: datetime) -> SummaryOpened | None:
        """Count an opening; a message when it is time to journal the count."""
        made = share.made
        opened = self.of(share)[0] + 1
        self._counted[made.tenant_id, made.share_id] = (opened, now)
        if share.opened is not None and now - share.opened.at < COUNTED_EVERY:
            return None
        return SummaryOpened(
            tenant_id=made.tenant_id, call_id=made.call_id, share_id=made.share_id, opened=opened, at=now
        )

    def of(self, share: SharedSummary) -> tuple[int, datetime | None]:
        """How often a link was opened, and when last."""
        kept = (share.opened.opened, share.opened.at) if share.opened else (0, None)
        counted = self._counted.get((share.made.tenant_id, share.made.share_id))
        return counted if counted is not None and counted[0] >= kept[0] else kept

    def shown(self, share: SharedSummary, path: str | None = None) -> bodies.Share:
        """A link as the page lists it; `path` only when it was just made."""
        opened, at = self.of(share)
        return bodies.Share(
            share_id=share.made.share_id,
            call_id=share.made.call_id,
            author=share.made.author,
            made_at=share.made.at,
            expires_at=share.made.expires_at,
            opened=opened,
            opened_at=at,
            path=path,
        )


class Guesses:
    """Tokens that opened nothing, by the address they came from; too many within a minute are answered no more.

    A secret of 256 bits is not guessed; this keeps those who try from costing anything.
    """

    MOST, WITHIN_S = 20, 60.0
    ADDRESSES = 10_000
    """Addresses remembered, the longest unused go first: a few megabytes."""

    def __init__(self) -> None:
        """Begin without any."""
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def too_many(self, address: str, now_s: float) -> bool:
        """Whether this address has to wait."""
        failed = self._failed.get(address)
        while failed and failed[0] <= now_s - self.WITHIN_S:
            failed.popleft()
        return failed is not None and len(failed) >= self.MOST

    def failed(self, address: str, now_s: float) -> None:
        """A token from this address opened nothing."""
        self._failed.setdefault(address, deque(maxlen=self.MOST)).append(now_s)
        self._failed.move_to_end(address)
        if len(self._failed) > self.ADDRESSES:
            self._failed.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a running service remembers of links beside the journal."""

    openings: Openings = field(default_factory=Openings)
    guesses: Guesses = field(default_factory=Guesses)
