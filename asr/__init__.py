"""Recognition: streaming policy and scheduler (both pure), decoders behind one Protocol."""
