// The beginning: who asked for less motion presses play himself.

mindControls();
mindFingers();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  colours = readColours();
  redraw();
});
if (!matchMedia("(prefers-reduced-motion: reduce)").matches) togglePlay();
new ResizeObserver(fitCanvas).observe(canvas);
