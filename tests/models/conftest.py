"""Before any test loads torch: let its threads sleep while they wait, as the product does."""

import models  # noqa: F401
