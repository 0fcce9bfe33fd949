"""A dance as one HTML page that plays it in any browser."""

from render.player.page import PLAYER_THEMES, check_player_path, write_player

__all__ = ["PLAYER_THEMES", "check_player_path", "write_player"]
