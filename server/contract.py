"""The wire's types as documents, generated: `python -m server.contract` writes them, tests hold them fresh.

`server/web/src/wire.schema.json` and `bodies.schema.json` feed the page's TypeScript types; `server/asyncapi.json`
describes both sockets.
"""

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

from ingest.errors import IngestError
from ingest.socket import CLIENT_FRAME, HEADER
from server.auth import BEARER_PREFIX, SUBPROTOCOL
from server.bodies import PageBodies
from server.errors import ServerError
from server.wire import CALL_EVENT, SCREEN_FRAME, Watch

ROOT = Path(__file__).parent
SCHEMA_FILE = ROOT / "web/src/wire.schema.json"
BODIES_FILE = ROOT / "web/src/bodies.schema.json"
ASYNCAPI_FILE = ROOT / "asyncapi.json"

AUDIO = (
    f"Binary frame: {HEADER.size} bytes of header, then samples in the encoding of `start`. Header: channel number as "
    "its index in `start.channels` (u8), three zero bytes, position of the first sample on that channel counted at the "
    "sender's rate (u64, little-endian)."
)
TOKEN = (
    "The token comes with the upgrade request, as `Authorization: Bearer TOKEN`, or from a browser as the subprotocols "
    f"`{SUBPROTOCOL}` and `{BEARER_PREFIX}TOKEN`. Refused before the upgrade: 401 unknown token or foreign origin, "
    "403 missing right, 503 with Retry-After when no other call fits. Whoever will send `resume` asks for "
    "`/v1/calls?resume=1`, which is never refused for want of room; a `start` there is closed with 1013 instead."
)


def screen_schema() -> dict[str, Any]:
    """JSON Schema of everything that a screen is sent."""
    return SCREEN_FRAME.json_schema()


def bodies_schema() -> dict[str, Any]:
    """JSON Schema of the bodies of the HTTP API that the page reads and writes."""
    return TypeAdapter[object](PageBodies).json_schema(mode="serialization")


def asyncapi() -> dict[str, Any]:
    """AsyncAPI 3 of the call socket and the screen socket."""
    schemas: dict[str, Any] = {}
    client = _messages(CLIENT_FRAME, "validation", schemas)
    events = _messages(CALL_EVENT, "serialization", schemas)
    frames = _messages(SCREEN_FRAME, "serialization", schemas)
    schemas["Watch"] = Watch.model_json_schema(ref_template="#/components/schemas/{model}")
    messages = {name: _message(name) for name in (*client, *events, *frames, "Watch")}
    messages["Audio"] = {"summary": AUDIO, "contentType": "application/octet-stream", "payload": {"type": "string"}}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "needgraph sockets",
            "version": version("needgraph"),
            "description": f"{TOKEN}\n\nClose codes of the call socket: {_close_codes()}; 1000 after `end`, 1001 after "
            "too long a silence of the connection.",
        },
        "channels": {
            "calls": _channel("/v1/calls", (*client, "Audio", *events)),
            "screen": _channel("/v1/screen", ("Watch", *frames)),
        },
        "operations": {
            "sendCall": _operation("receive", "calls", (*client, "Audio")),
            "hearEvents": _operation("send", "calls", events),
            "watch": _operation("receive", "screen", ("Watch",)),
            "seeScreen": _operation("send", "screen", frames),
        },
        "components": {"messages": messages, "schemas": dict(sorted(schemas.items()))},
    }


def main() -> None:
    """Write all files."""
    written = ((SCHEMA_FILE, screen_schema()), (BODIES_FILE, bodies_schema()), (ASYNCAPI_FILE, asyncapi()))
    for path, content in written:
        path.write_text(rendered(content), encoding="utf-8")


def rendered(content: Mapping[str, Any]) -> str:
    """A document as it stands in its file."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _messages(
    union: TypeAdapter[Any], mode: Literal["validation", "serialization"], schemas: dict[str, Any]
) -> tuple[str, ...]:
    """Put the schemas of a union's members among the others; return the members' names."""
    found = union.json_schema(mode=mode, ref_template="#/components/schemas/{model}")
    schemas |= found["$defs"]
    return tuple(sorted(ref.rsplit("/", 1)[1] for ref in found["discriminator"]["mapping"].values()))


def _message(name: str) -> dict[str, Any]:
    return {"name": name, "contentType": "application/json", "payload": {"$ref": f"#/components/schemas/{name}"}}


def _channel(address: str, names: tuple[str, ...]) -> dict[str, Any]:
    return {"address": address, "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names}}


def _operation(action: str, channel: str, names: tuple[str, ...]) -> dict[str, Any]:
    messages = [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names]
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "messages": messages}


def _close_codes() -> str:
    codes = {
        error.code: error.close_code
        for base in (IngestError, ServerError)
        for error in base.__subclasses__()
        if error.close_code not in (1011,)
    }
    return ", ".join(f"{code} {name}" for name, code in sorted(codes.items(), key=lambda one: (one[1], one[0])))


if __name__ == "__main__":
    main()
