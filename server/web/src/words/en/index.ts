import { common } from "./common";
import { start } from "./start";

/** English: a namespace for each part of the page. */
export const en = { common, start };
