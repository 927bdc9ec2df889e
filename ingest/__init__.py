"""Audio in: wire protocols, sample clock, resampling, voice activity."""
