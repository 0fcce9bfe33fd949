"""Measure vocabularies, language models and dances against held-out real dances, and report the results."""
