"""The HTTP API of the page, a file for each subject. Every route knows its principal; none names a tenant."""

from fastapi import APIRouter

from server.routes import adapters, annotations, calls, cards, items, labels

ROUTERS: tuple[APIRouter, ...] = (
    calls.router,
    annotations.router,
    cards.router,
    items.router,
    labels.router,
    adapters.router,
)
