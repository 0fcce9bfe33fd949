"""Language models over word ids: networks, training and sampling."""

import os

# Torch reads this on its first import: a thread that waits for another one sleeps instead of spinning.
# Spinning made training 2 to 29 times slower when other processes used the same cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
