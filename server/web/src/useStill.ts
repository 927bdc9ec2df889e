import { createContext, useContext, useLayoutEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { Picture } from "./state";

/**
 * The picture without what changes many times a second: it is a new one only when something else than open words,
 * speech, delays or health changed, so that most of the page is not drawn again for every partial.
 */
export function useStill(picture: Picture): Picture {
  const { call, ended, utterances, signals, needs, order, annotations, named, words, cards, cardsPausedUntil, consents } = picture;
  return useMemo(() => picture, [call, ended, utterances, signals, needs, order, annotations, named, words, cards, cardsPausedUntil, consents]);
}

type Partials = Picture["partials"];

/** Words that are still open: what changes many times a second, told only to the part of the page that draws them. */
class OpenWords {
  private readonly listeners = new Set<() => void>();

  constructor(private partials: Partials) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly now = (): Partials => this.partials;

  say(partials: Partials): void {
    if (partials === this.partials) return;
    this.partials = partials;
    this.listeners.forEach((listener) => listener());
  }
}

export const OpenWordsContext = createContext(new OpenWords({}));

/** For whoever holds the whole picture: what to give to the context, which never changes. */
export function useOpenWords(partials: Partials): OpenWords {
  const [words] = useState(() => new OpenWords(partials));
  useLayoutEffect(() => words.say(partials), [words, partials]);
  return words;
}

export function usePartials(): Partials {
  const words = useContext(OpenWordsContext);
  return useSyncExternalStore(words.subscribe, words.now);
}
