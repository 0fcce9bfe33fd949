"""What tests of pictures and pages may ask for."""

from browsers import browser

__all__ = ["browser"]
