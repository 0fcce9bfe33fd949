import { begin } from "./page.js";
import { result } from "./result.js";
import { work } from "./work.js";

begin({ work, result });
