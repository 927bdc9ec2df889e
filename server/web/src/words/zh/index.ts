import type { en } from "../en";
import type { Same } from "../same";
import { common } from "./common";
import { corrections } from "./corrections";
import { review } from "./review";
import { terms } from "./terms";

/** Simplified Chinese. */
export const zh: Same<typeof en> = { common, corrections, review, terms };
