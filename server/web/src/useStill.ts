import { createContext, useMemo } from "react";
import type { Picture } from "./state";

/**
 * The picture without what changes many times a second: it is a new one only when something else than open words,
 * speech, delays or health changed, so that most of the page is not drawn again for every partial.
 */
export function useStill(picture: Picture): Picture {
  const { call, ended, utterances, signals, needs, order, annotations, named, words, cards, cardsPausedUntil, consents } = picture;
  return useMemo(() => picture, [call, ended, utterances, signals, needs, order, annotations, named, words, cards, cardsPausedUntil, consents]);
}

/** Words that are still open: the one part of a call that changes many times a second, read only where it is drawn. */
export const PartialsContext = createContext<Picture["partials"]>({});
