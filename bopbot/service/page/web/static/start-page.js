import { begin } from "./page.js";
import { start } from "./start.js";

begin({ start });
