import { common } from "./common";

/** English: a namespace for each part of the page. */
export const en = { common };
