// Start: play at once, unless the viewer prefers reduced motion.

listenToControls();
listenToPointers();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  colours = readColours();
  redraw();
});
if (!matchMedia("(prefers-reduced-motion: reduce)").matches) togglePlay();
new ResizeObserver(fitCanvas).observe(canvas);
