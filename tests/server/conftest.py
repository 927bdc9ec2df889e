import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from eval.service import Address
from ingest.messages import TenantId
from ingest.vad import SileroSession
from intent.config import IntentConfig
from intent.model import IntentModel
from server import wire
from server.app import create_app
from server.auth import Principal, PrincipalRole
from server.running import bound
from server.service import Models, Service
from server.settings import GraphSettings, ServerConfig, Settings
from tests.fakes import ScriptedDecoder
from tests.server.server_calls import SCRIPT, WAIT_S
from tests.server.server_child import NO_GRAPH, Child

Compose = Callable[[ServerConfig], "Scripted"]


class Scripted:
    """A service in a thread of this process: all parts are real but the decoder, which hears the script."""

    def __init__(self, service: Service, url: str, loop: asyncio.AbstractEventLoop, server: uvicorn.Server) -> None:
        self.service = service
        self.url = url
        self.loop = loop
        self._server = server

    def leave(self) -> None:
        """Begin to stop."""
        self._server.should_exit = True

    def token(self, role: PrincipalRole = "admin", tenant: str = "acme", person: str = "Kim") -> str:
        principal = Principal(tenant_id=TenantId(tenant), person=person, role=role)
        return self.service.tokens.mint(principal, stored=False)

    def burst(self, call_id: str, count: int) -> None:
        """Publish events of a call of `acme`, all at once: more than an outbox holds."""
        events: list[wire.CallEvent] = [
            wire.HealthEvent(call_id=call_id, part="audio", ok=number % 2 == 0, message=str(number))
            for number in range(count)
        ]
        self.loop.call_soon_threadsafe(self.service.publish, TenantId("acme"), events)


@pytest.fixture(scope="session")
def models(models_dir: Path) -> Models:
    return Models(
        voice=SileroSession(), decoder=ScriptedDecoder(SCRIPT), intent=IntentModel(models_dir, IntentConfig())
    )


@contextmanager
def running(settings: Settings, models: Models) -> Iterator[Scripted]:
    service = Service(settings, models)
    config = uvicorn.Config(
        create_app(service),
        ws="websockets-sansio",
        ws_max_size=settings.server.max_frame_bytes,
        # As `needgraph serve` has it.
        ws_ping_interval=20.0,
        ws_ping_timeout=120.0,
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=10,
    )
    server = uvicorn.Server(config)
    with bound("127.0.0.1", 0) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        loops: list[asyncio.AbstractEventLoop] = []

        async def serve() -> None:
            loops.append(asyncio.get_running_loop())
            await server.serve(sockets=[listener])

        thread = threading.Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        try:
            # The socket listens already: the answer comes once the service does.
            httpx.get(f"{url}/health", timeout=WAIT_S)
            yield Scripted(service, url, loops[0], server)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def compose(models: Models, models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    with ExitStack() as stack:
        all_made: list[Scripted] = []

        def made(config: ServerConfig) -> Scripted:
            settings = Settings(
                data=tmp_path_factory.mktemp("data"),
                models=models_dir,
                server=config,
                graph=GraphSettings(uri=NO_GRAPH["NEEDGRAPH_GRAPH__URI"]),
            )
            all_made.append(stack.enter_context(running(settings, models)))
            return all_made[-1]

        yield made
        # All at once, not one after the other.
        for one in all_made:
            one.leave()


@pytest.fixture(scope="session")
def scripted(compose: Compose) -> Scripted:
    return compose(ServerConfig(max_calls=64, resume_s=1))


@pytest.fixture(scope="session")
def tight(compose: Compose) -> Scripted:
    """Small bounds, to run into."""
    return compose(ServerConfig(max_calls=2, idle_s=5, resume_s=1, outbox_frames=16))


@pytest.fixture
async def api(scripted: Scripted) -> AsyncIterator[httpx.AsyncClient]:
    """The API of the scripted service for an admin of `acme`."""
    headers = {"Authorization": f"Bearer {scripted.token()}"}
    async with httpx.AsyncClient(base_url=scripted.url, headers=headers, timeout=WAIT_S) as client:
        yield client


@pytest.fixture(scope="session")
def child(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    """The service as a user runs it; it survives what the tests do to it."""
    with Child(tmp_path_factory.mktemp("child") / "data", models_dir) as found:
        yield found


@pytest.fixture(scope="session")
def service(child: Child) -> Address:
    """Where the child listens."""
    return Address(child.url, child.token)
