import { account } from "./account";
import { cards } from "./cards";
import { common } from "./common";
import { needs } from "./needs";
import { recap } from "./recap";
import { replay } from "./replay";
import { summary } from "./summary";

/** English: a namespace for each part of the page. */
export const en = { common, needs, cards, recap, summary, replay, account };
