import type { en } from "../en";
import type { Same } from "../same";
import { account } from "./account";
import { cards } from "./cards";
import { common } from "./common";
import { needs } from "./needs";
import { recap } from "./recap";
import { replay } from "./replay";
import { summary } from "./summary";

/** Simplified Chinese. */
export const zh: Same<typeof en> = { common, needs, cards, recap, summary, replay, account };
