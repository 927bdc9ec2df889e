import { account } from "./account";
import { call } from "./call";
import { calls } from "./calls";
import { cards } from "./cards";
import { common } from "./common";
import { corrections } from "./corrections";
import { frame } from "./frame";
import { health } from "./health";
import { models } from "./models";
import { recap } from "./recap";
import { replay } from "./replay";
import { review } from "./review";
import { start } from "./start";
import { summary } from "./summary";
import { terms } from "./terms";
import { text } from "./text";
import { types } from "./types";

/** English: a namespace for each part of the page. */
export const en = {
  account, call, calls, cards, common, corrections, frame, health, models, recap, replay, review, start, summary, terms, text, types,
};
