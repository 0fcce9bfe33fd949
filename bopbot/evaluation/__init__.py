"""The measuring of words, language models and dances, and what is told of it."""
