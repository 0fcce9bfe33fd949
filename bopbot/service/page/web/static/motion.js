// What is said aloud, and how much may move.
export const stillMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export function announce(text) {
  document.getElementById("announcer").textContent = text;
}
