"""Language models over word ids: what they are, how they learn, how they continue a dance."""

import os

# Read when torch loads its threads: while one thread waits for another it sleeps instead of spinning.
# With more threads at work than cores, spinning made training 2 to 9 times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
