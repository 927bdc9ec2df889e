"""Verbs that compose the live rooms, one file each."""
