"""Readers of outside sources, one file per source form."""
