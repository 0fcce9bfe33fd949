"""Names of the files of a job, shared by the worker, which writes them, and the server, which sends them."""

from __future__ import annotations

UPLOAD = "upload"
"""The uploaded video."""
ABOUT, POSES, SEEN, MODEL, KEYPOINTS = "dancer.json", "poses.npz", "seen.npz", "model", "keypoints.json"
"""Facts about the upload; the dancer's poses, cleaned and as seen; the fine-tuned model; keypoints for the page."""
TAKES = "takes"
"""The folder of the takes, which has a folder for each take, named by its number."""
DANCE, POSES_JSON, PLAYER, FILM, GIF = "dance.json", "poses.json", "player.html", "dance.mp4", "dance.gif"
"""Files of a take: words and report, and the dance in several formats, beside another `POSES`."""
