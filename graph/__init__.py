"""The journal (truth), the need graph (projection), candidate search, merging and linking."""
