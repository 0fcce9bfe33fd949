"""The service asked from Python."""

from bopbot.service.client.client import Client

__all__ = ["Client"]
