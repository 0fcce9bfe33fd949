"""A dance as one page that plays it in any browser."""

from render.player.page import check_player_path, write_player

__all__ = ["check_player_path", "write_player"]
