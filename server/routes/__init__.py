"""The HTTP API of the page, a file for each subject. Every route knows its principal; none names a tenant."""

from fastapi import APIRouter

from server.routes import accounts, adapters, annotations, calls, items, labels, shares, summaries

ROUTERS: tuple[APIRouter, ...] = (
    calls.router,
    summaries.router,
    shares.router,
    accounts.router,
    annotations.router,
    items.router,
    labels.router,
    adapters.router,
)
