"""Composition: sockets, API, page, users, settings, the console command."""
