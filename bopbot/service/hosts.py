"""Host names and addresses."""

from __future__ import annotations

from ipaddress import ip_address


def is_address(host: str) -> bool:
    """Return whether a host is an IPv4 or IPv6 address, without brackets."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
