"""Public intent sets: what the encoder and a LoRA of it are worth beside other people's numbers."""
