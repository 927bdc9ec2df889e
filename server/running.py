"""The one service of a data directory: its lock, its port, and the file by which other verbs find it."""

import json
import os
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from server.errors import StartupError

SERVICE_FILE = "service.json"


@contextmanager
def only_service(data: Path) -> Generator[None]:
    """Hold the service lock of a data directory.

    Raises:
        StartupError: another service holds it.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(data / "service.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise StartupError(f"a service already runs on {data}; stop it, or give this one another --data") from error
    try:
        yield
    finally:
        (data / SERVICE_FILE).unlink(missing_ok=True)
        lock.release()


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one.

    Raises:
        StartupError: the port is taken, or the address is not of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise StartupError(
            f"cannot listen on {host}:{port}: {error.strerror}; give another with --port, 0 for any free one"
        ) from error
    return listener


def announce(data: Path, url: str, token: str, tenant: str) -> None:
    """Tell the verbs of this user where the service is and how they may speak to it."""
    staged = data / f"{SERVICE_FILE}.tmp"
    with os.fdopen(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump({"url": url, "token": token, "tenant": tenant, "pid": os.getpid()}, file)
    staged.replace(data / SERVICE_FILE)
