"""Assemble the pose model that comes along, from the networks in MediaPipe's wheel of version 0.10.21.

    pip download --no-deps --dest out mediapipe==0.10.21
    python docs/make_pose_bundle.py out/mediapipe-*.whl

Later wheels hold no networks. MediaPipe 0.10.21 has to be installed: its writers add the metadata.
"""

import sys
import zipfile
from pathlib import Path

from mediapipe.tasks.python.metadata.metadata_writers.metadata_writer import MetadataWriter
from mediapipe.tasks.python.metadata.metadata_writers.model_asset_bundle_utils import create_model_asset_bundle

from pose_vocab.extraction.bundle import SHIPPED

PARTS = {
    "pose_detector.tflite": ("mediapipe/modules/pose_detection/pose_detection.tflite", 127.5, 127.5),
    "pose_landmarks_detector.tflite": ("mediapipe/modules/pose_landmark/pose_landmark_full.tflite", 0.0, 255.0),
}
"""Name in the bundle -> (file in the wheel, mean and standard deviation of its input pixels)."""


def with_input_normalization(network: bytes, mean: float, deviation: float) -> bytes:
    """Return the network with the mean and standard deviation of its input pixels as metadata."""
    writer = MetadataWriter.create(bytearray(network))
    writer.add_image_input([mean], [deviation])
    return bytes(writer.populate()[0])


if __name__ == "__main__":
    with zipfile.ZipFile(Path(sys.argv[1])) as wheel:
        networks = {name: with_input_normalization(wheel.read(file), *how) for name, (file, *how) in PARTS.items()}
    create_model_asset_bundle(networks, str(SHIPPED))
    print(f"{SHIPPED}: {SHIPPED.stat().st_size} bytes")
