import { call } from "./call";
import { calls } from "./calls";
import { common } from "./common";
import { corrections } from "./corrections";
import { frame } from "./frame";
import { health } from "./health";
import { models } from "./models";
import { review } from "./review";
import { start } from "./start";
import { terms } from "./terms";
import { text } from "./text";

/** English: a namespace for each part of the page. */
export const en = {
  call, calls, common, corrections, frame, health, models, review, start, terms, text,
};
