// Announcements for screen readers, and the user's preference for reduced motion.
export const stillMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export function announce(text) {
  document.getElementById("announcer").textContent = text;
}
