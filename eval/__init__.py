"""Drives the rooms with recorded material and measures."""
