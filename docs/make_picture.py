"""Make the animated picture of the README from the demo's video: ``make demo``, then this."""

from pathlib import Path

from PIL import Image

from pose_vocab.video import read_frames

VIDEO = Path("out/demo.mp4")
PICTURE = Path(__file__).parent / "salsa.webp"
FPS, WIDTH_PX, SECONDS = 15.0, 700, 8.0


def main() -> None:
    pictures = [Image.fromarray(frame) for frame in read_frames(VIDEO, FPS, stop_s=SECONDS)]
    height_px = round(pictures[0].height * WIDTH_PX / pictures[0].width)
    small = [picture.resize((WIDTH_PX, height_px), Image.Resampling.LANCZOS) for picture in pictures]
    small[0].save(PICTURE, save_all=True, append_images=small[1:], duration=round(1000 / FPS), loop=0, quality=60)


if __name__ == "__main__":
    main()
