import type { en } from "../en";
import type { Same } from "../same";
import { common } from "./common";
import { start } from "./start";

/** Simplified Chinese. */
export const zh: Same<typeof en> = { common, start };
