"""Tokens and the principals they stand for. Tokens are stored hashed; a request never names its tenant."""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from ingest.messages import TenantId
from server.errors import ForbiddenError, TokenExpiredError, UnauthorisedError

PrincipalRole = Literal["rep", "supervisor", "engineer", "admin"]
Right = Literal["view", "call", "annotate", "train"]

RIGHTS: dict[PrincipalRole, tuple[Right, ...]] = {
    "rep": ("view", "call", "annotate"),
    "supervisor": ("view", "annotate"),
    "engineer": ("view", "annotate", "train"),
    "admin": ("view", "call", "annotate", "train"),
}
SUBPROTOCOL = "needgraph.v1"
BEARER_PREFIX = "bearer."
TOKEN_PREFIX = "ng_"
SHOWN_DIGITS = 12
"""Of a token's hash: enough to tell tokens apart, useless to guess one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who acts: a person in a role within one tenant, until the token expires (None: never)."""

    tenant_id: TenantId
    person: str
    role: PrincipalRole
    expires_at: datetime | None = None

    def require(self, right: Right) -> None:
        """Raise `ForbiddenError` unless the role has this right."""
        if right not in RIGHTS[self.role]:
            raise ForbiddenError(f"role {self.role} may not {right}")


class TokenStore:
    """Hashed tokens in `DATA/tokens.json`; session tokens live in memory only."""

    def __init__(self, path: Path) -> None:
        """Read the file if it is there."""
        self._path = path
        self._stored: dict[str, Principal] = {}
        self._session: dict[str, Principal] = {}
        self._stamp: tuple[int, int] | None = None
        self._renew()

    @property
    def principals(self) -> dict[str, Principal]:
        """Stored tokens by the first digits of their hash."""
        self._renew()
        return {digest[:SHOWN_DIGITS]: principal for digest, principal in self._stored.items()}

    def mint(self, principal: Principal, *, stored: bool = True) -> str:
        """Make a token and return it; this is the only time it can be read."""
        token = TOKEN_PREFIX + secrets.token_urlsafe(32)
        if stored:
            self._renew()
            self._store({**self._stored, _digest(token): principal})
        else:
            self._session[_digest(token)] = principal
        return token

    def revoke(self, name: str) -> bool:
        """Forget the stored token whose hash begins so; False when there is none."""
        self._renew()
        kept = {digest: principal for digest, principal in self._stored.items() if digest[:SHOWN_DIGITS] != name}
        if len(kept) == len(self._stored):
            return False
        self._store(kept)
        return True

    def principal(self, token: str | None) -> Principal:
        """Who a token stands for.

        Raises:
            UnauthorisedError: it stands for nobody.
            TokenExpiredError: it does no longer.
        """
        self._renew()
        digest = _digest(token or "")
        for known, principal in (*self._stored.items(), *self._session.items()):
            if hmac.compare_digest(known, digest):
                return _current(principal)
        raise UnauthorisedError("a valid token is needed: Authorization: Bearer <token>")

    def _renew(self) -> None:
        # Another process may have added or revoked a token.
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            self._stored, self._stamp = {}, None
            return
        stamp = (stat.st_mtime_ns, stat.st_ino)
        if stamp != self._stamp:
            rows = json.loads(self._path.read_text(encoding="utf-8"))
            self._stored = {digest: _read(row) for digest, row in rows.items()}
            self._stamp = stamp

    def _store(self, principals: dict[str, Principal]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        staged = self._path.with_suffix(".tmp")
        with os.fdopen(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump({digest: _row(principal) for digest, principal in principals.items()}, file)
            file.flush()
            os.fsync(file.fileno())
        staged.replace(self._path)
        self._renew()


def bearer(authorization: str | None, subprotocols: Iterable[str] = ()) -> str | None:
    """The token of a request: from the Authorization header, or from a browser's socket subprotocols."""
    if authorization and authorization.lower().startswith("bearer "):
        return authorization[7:].strip()
    for protocol in subprotocols:
        if protocol.startswith(BEARER_PREFIX):
            return protocol.removeprefix(BEARER_PREFIX)
    return None


def check_origin(origin: str | None, host: str | None, allowed: tuple[str, ...]) -> None:
    """Refuse a browser's request from another site; programs send no Origin.

    Raises:
        UnauthorisedError: the origin is neither ours nor allowed by the settings.
    """
    if origin is None or origin in allowed:
        return
    try:
        site = urlsplit(origin).netloc
    except ValueError:
        site = ""
    if not site or site != host:
        raise UnauthorisedError("requests from this origin are not accepted; see NEEDGRAPH_SERVER__ORIGINS")


def _current(principal: Principal) -> Principal:
    if principal.expires_at is not None and principal.expires_at <= datetime.now(UTC):
        expired = principal.expires_at.strftime("%Y-%m-%d %H:%M UTC")
        raise TokenExpiredError(f"this token expired at {expired}; ask for a new one (needgraph tokens add)")
    return principal


def _row(principal: Principal) -> dict[str, Any]:
    """A principal as JSON; one that never expires reads in earlier versions as well."""
    row = asdict(principal)
    expires_at = row.pop("expires_at")
    return row if expires_at is None else {**row, "expires_at": expires_at.isoformat()}


def _read(row: dict[str, Any]) -> Principal:
    expires_at: str | None = row.pop("expires_at", None)
    return Principal(**row, expires_at=None if expires_at is None else datetime.fromisoformat(expires_at))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
