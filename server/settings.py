"""The only place that touches the environment: `NEEDGRAPH_` variables, nested as `NEEDGRAPH_ASR__ENDPOINT_MS`."""

import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as UnreadableError

from asr.config import AsrConfig
from graph.config import EngineConfig, ImportConfig, JournalConfig
from graph.databases import Databases
from ingest.config import IngestConfig
from intent.config import IntentConfig
from server.errors import SettingsError

PREFIX = "NEEDGRAPH_"
HOME = Path.home() / ".local/share/needgraph"


class ServerConfig(BaseModel):
    """Where the service listens and what it bounds.

    outbox_frames: frames that may wait for one slow screen before it is told to reload.
    resume_s: so long a call whose connection broke, or fell silent, waits for its client; 0 ends it at once. A laptop
    that slept for two minutes finds its call again.
    idle_s: a call socket that sends nothing for this long has lost its client.
    recording_mb, recording_hours: the largest and the longest recording that is taken; a stereo hour of WAV at 48 kHz
    has 690 MB.
    max_frame_bytes: above any frame that ingest accepts, so that its own, clearer error comes first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=8765, ge=0, le=65535)
    origins: tuple[str, ...] = ()
    outbox_frames: int = Field(default=1024, ge=16)
    max_calls: int = Field(default=32, ge=1)
    resume_s: int = Field(default=120, ge=0)
    idle_s: int = Field(default=60, ge=5)
    recording_mb: int = Field(default=1_024, ge=1)
    recording_hours: float = Field(default=6.0, gt=0)
    max_frame_bytes: int = Field(default=4 << 20, ge=1 << 16)


class GraphSettings(BaseModel):
    """The graph room, and an outside Neo4j; the embedded engine is used while `uri` is unset.

    databases: `shared` puts all tenants into one database, `tenant` gives each its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    uri: str | None = None
    user: str = "neo4j"
    password: SecretStr = SecretStr("")
    database: str = "neo4j"
    databases: Databases = "shared"
    engine: EngineConfig = EngineConfig()
    journal: JournalConfig = JournalConfig()
    imports: ImportConfig = ImportConfig()


class Settings(BaseSettings):
    """Every setting of needgraph with its default."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", frozen=True, extra="forbid")

    data: Path = HOME / "data"
    models: Path = HOME / "models"
    server: ServerConfig = ServerConfig()
    ingest: IngestConfig = IngestConfig()
    asr: AsrConfig = AsrConfig()
    intent: IntentConfig = IntentConfig()
    graph: GraphSettings = GraphSettings()


def one_blas_thread() -> None:
    """Keep numpy's matrix products to the thread that asks, unless the user chose otherwise.

    OpenBLAS wakes a thread for every core, which then waits actively: a quarter of a core, taken from the decoders, for
    products of a millisecond (four calls on two cores, 2026-11-25). Only heeded before numpy is loaded.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        SettingsError: a variable has our prefix and no meaning here, or a value does not fit.
    """
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and not _known(name))
    if unknown:
        raise SettingsError(f"unknown setting {', '.join(unknown)}; sections are joined by two underscores")
    try:
        return Settings()
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
        name = PREFIX + "__".join(str(part).upper() for part in problem["loc"])
        raise SettingsError(f"{name}: {problem['msg']}") from error
    except UnreadableError as error:
        raise SettingsError(f"{error}; settings that hold several values are written as JSON") from error


def _known(name: str) -> bool:
    model: type[BaseModel] = Settings
    parts = name.removeprefix(PREFIX).lower().split("__")
    for at, part in enumerate(parts):
        field = model.model_fields.get(part)
        if field is None:
            return False
        annotation: Any = field.annotation
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return at == len(parts) - 1
        model = annotation
    # A section has no value of its own.
    return False
