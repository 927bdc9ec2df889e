"""The HTTP API of the page, a file for each subject. Every route knows its principal; none names a tenant."""

from fastapi import APIRouter

from server.routes import adapters, annotations, audio, calls, items, labels, live_calls, recordings

ROUTERS: tuple[APIRouter, ...] = (
    calls.router,
    annotations.router,
    items.router,
    labels.router,
    adapters.router,
    live_calls.router,
    audio.router,
    recordings.router,
)
