"""From an opening to a new dance: generate, compose, check, score and report."""
