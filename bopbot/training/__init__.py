"""From clips to a trained or adapted dance model."""
