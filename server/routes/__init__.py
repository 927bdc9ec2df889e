"""The HTTP API of the page, a file for each subject. Every route knows its principal; none names a tenant."""

from fastapi import APIRouter

from server.routes import (
    accounts,
    adapters,
    annotations,
    audio,
    calls,
    cards,
    items,
    labels,
    live_calls,
    recordings,
    shares,
    summaries,
)

ROUTERS: tuple[APIRouter, ...] = (
    calls.router,
    summaries.router,
    shares.router,
    accounts.router,
    annotations.router,
    cards.router,
    items.router,
    labels.router,
    adapters.router,
    live_calls.router,
    audio.router,
    recordings.router,
)
