// The button "Copy link", with a fallback for browsers without clipboard access.
import { announce } from "./motion.js";

const SHOWN = 2000;

export function copying(button) {
  const field = button.parentElement.querySelector("input");
  const label = button.textContent;
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select();
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    announce("The link is copied");
    setTimeout(() => (button.textContent = label), SHOWN);
  };
}
