"""From annotations to a gated, reversible adapter release."""
