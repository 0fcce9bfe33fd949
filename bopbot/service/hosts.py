"""What a host is called: by a name, or by its address."""

from __future__ import annotations

from ipaddress import ip_address


def is_address(host: str) -> bool:
    """Whether it is called by an address of IPv4 or IPv6, without brackets."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
