"""The benchmarks of `needgraph eval`: what they listen to, what they measure, how they print it."""
