"""`needgraph serve`: the web page, the sockets and the HTTP API."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.verbs.options import data_option, models_option, tenant_option

if TYPE_CHECKING:
    from server.service import Service
    from server.settings import Settings


@click.command()
@data_option
@models_option
@tenant_option
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port, 0 for any free one.  [default: 8765]")
@click.option("--json", "as_json", is_flag=True, help="Print address and session token as one line of JSON.")
@click.option("--with-parent", is_flag=True, help="End when standard input closes.")
@click.pass_obj
def serve(  # noqa: PLR0913 - a verb has its options
    settings: "Settings",
    data: Path,
    models_dir: Path,
    tenant: str,
    host: str | None,
    port: int | None,
    as_json: bool,
    with_parent: bool,
) -> None:
    """Serve the page, the sockets and the API until it is interrupted."""
    import asyncio

    from graph.tenants import tenant_id
    from server.running import bound, only_service
    from server.weights import require

    whose = tenant_id(tenant)
    server = settings.server.model_copy(
        update={name: value for name, value in (("host", host), ("port", port)) if value is not None}
    )
    settings = settings.model_copy(update={"data": data, "models": models_dir, "server": server})
    require(models_dir, (settings.asr.model, "minilm-l6"))
    with only_service(data), bound(server.host, server.port) as listener:
        if not as_json and sys.stderr.isatty():
            click.echo("loading the models…", err=True)
        service = _composed(settings)
        address = listener.getsockname()
        url = f"http://{address[0]}:{address[1]}"
        _introduce(service, url, whose, as_json)
        asyncio.run(_run(service, listener, with_parent))


def _composed(settings: "Settings") -> "Service":
    from asr.whisper import WhisperDecoder
    from ingest.vad import SileroSession
    from intent.model import IntentModel
    from server.service import Models, Service

    return Service(
        settings,
        Models(
            voice=SileroSession(),
            decoder=WhisperDecoder(settings.models, settings.asr),
            intent=IntentModel(settings.models, settings.intent),
        ),
    )


def _introduce(service: "Service", url: str, tenant: str, as_json: bool) -> None:
    from ingest.messages import TenantId
    from server.auth import Principal
    from server.running import announce

    session = service.tokens.mint(Principal(tenant_id=TenantId(tenant), person="local", role="admin"), stored=False)
    announce(service.settings.data, url, session, tenant)
    if as_json:
        click.echo(json.dumps({"url": url, "token": session, "tenant": tenant}))
        return
    if not service.tokens.principals:
        token = service.tokens.mint(Principal(tenant_id=TenantId(tenant), person="admin", role="admin"))
        click.echo(f"first token of tenant {tenant}, shown only this once:\n  {token}")
        click.echo(f"open {url}/#token={token}")
    else:
        click.echo(f"open {url}/ with your token, or make one: needgraph tokens add --tenant {tenant}")


async def _run(service: "Service", listener: object, with_parent: bool) -> None:
    import asyncio
    import socket
    from typing import cast

    import uvicorn

    from server.app import create_app

    config = uvicorn.Config(
        create_app(service),
        ws="websockets-sansio",
        ws_max_size=service.settings.server.max_frame_bytes,
        # The answer to a ping lies behind audio that is not read while a fast client is slowed down.
        ws_ping_interval=20.0,
        ws_ping_timeout=120.0,
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=10,
    )
    server = uvicorn.Server(config)

    def end_with_parent() -> None:
        sys.stdin.buffer.read()
        server.should_exit = True

    if with_parent:
        # A daemon thread: reading standard input cannot be cancelled, and nothing may wait for it.
        import threading

        threading.Thread(target=end_with_parent, daemon=True).start()
    await server.serve(sockets=[cast("socket.socket", listener)])
    await asyncio.sleep(0)
