"""Language models over word ids: what they are, how they learn, how they continue a dance."""

import os

# Read when torch is first imported: while one of its threads waits for another it sleeps instead of spinning.
# Spinning made training 2 to 29 times slower wherever other processes were at work on the same cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
