"""Tokens and the principals they stand for. Tokens are stored hashed; a request never names its tenant."""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from ingest.messages import TenantId
from server.errors import ForbiddenError, UnauthorisedError

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who acts: a person in a role within one tenant."""

    tenant_id: TenantId
    person: str
    role: PrincipalRole

    def require(self, right: Right) -> None:
        """Raise `ForbiddenError` unless the role has this right."""
        if right not in RIGHTS[self.role]:
            raise ForbiddenError(f"role {self.role} may not {right}")


class TokenStore:
    """Hashed tokens in `DATA/tokens.json`; session tokens live in memory only."""

    def __init__(self, path: Path) -> None:
        """Read the file if it is there."""
        self._path = path
        self._principals: dict[str, Principal] = {}
        if path.is_file():
            rows = json.loads(path.read_text(encoding="utf-8"))
            self._principals = {digest: Principal(**row) for digest, row in rows.items()}

    @property
    def empty(self) -> bool:
        """Whether no token was ever made here."""
        return not self._principals

    def mint(self, principal: Principal, *, stored: bool = True) -> str:
        """Make a token and return it; this is the only time it can be read."""
        token = TOKEN_PREFIX + secrets.token_urlsafe(32)
        if stored:
            self._store({**self._principals, _digest(token): principal})
        self._principals[_digest(token)] = principal
        return token

    def principal(self, token: str | None) -> Principal:
        """Who a token stands for.

        Raises:
            UnauthorisedError: it stands for nobody.
        """
        digest = _digest(token or "")
        for known, principal in self._principals.items():
            if hmac.compare_digest(known, digest):
                return principal
        raise UnauthorisedError("a valid token is needed: Authorization: Bearer <token>")

    def _store(self, principals: dict[str, Principal]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        staged = self._path.with_suffix(".tmp")
        with os.fdopen(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump({digest: asdict(principal) for digest, principal in principals.items()}, file)
            file.flush()
            os.fsync(file.fileno())
        staged.replace(self._path)


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
    if urlsplit(origin).netloc != (host or ""):
        raise UnauthorisedError("requests from this origin are not accepted; see NEEDGRAPH_SERVER__ORIGINS")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
