"""Bounds what a request may send before anything reads it; files are bounded by the routes that take them."""

from collections.abc import Collection

from fastapi import HTTPException
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 65_536
"""As of a text frame of the call socket (`ingest/config.py`). The longest body is a consent's wording: 4,000 characters
are 48 kB when each is written as two escapes."""
TOO_LARGE = f"the request's body may have {MOST_BYTES} bytes"


class BodyLimit:
    """Refuses larger bodies with 413, announced or not; the framework's own limit answers in another form than ours."""

    def __init__(self, app: ASGIApp, files: Collection[str]) -> None:
        """Guard an application; `files` are the paths that take files and bound them themselves."""
        self._app = app
        self._files = frozenset(files)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in self._files:
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > MOST_BYTES:
            refusal = JSONResponse({"error": {"code": "too_large", "message": TOO_LARGE}}, status_code=413)
            await refusal(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MOST_BYTES:
                raise HTTPException(413, TOO_LARGE)
            return message

        await self._app(scope, counted, send)
