"""What the files of a job are called; who writes them and who answers with them agree here."""

from __future__ import annotations

UPLOAD = "upload"
"""The video as it came."""
ABOUT, POSES, SEEN, MODEL, KEYPOINTS = "dancer.json", "poses.npz", "seen.npz", "model", "keypoints.json"
"""What was found out about the upload; its dancer's poses, for words and as seen; what was learned; for the page."""
TAKES = "takes"
"""The folder of the takes, each in one of its number."""
DANCE, POSES_JSON, PLAYER, FILM, GIF = "dance.json", "poses.json", "player.html", "dance.mp4", "dance.gif"
"""Of a take: its words and report, and the dance itself, beside another `POSES`."""
