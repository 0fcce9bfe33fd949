"""From clips to rows of word ids and back."""
