"""Needs and hesitations: labels, encoder, adapters, spans, label files."""
