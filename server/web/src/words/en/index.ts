import { common } from "./common";
import { corrections } from "./corrections";
import { review } from "./review";
import { terms } from "./terms";

/** English: a namespace for each part of the page. */
export const en = { common, corrections, review, terms };
