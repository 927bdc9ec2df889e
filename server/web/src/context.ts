import { createContext, useContext } from "react";
import type { Api } from "./api";
import type { LabelSet, Me } from "./types";

export interface Toast {
  id: number;
  text: string;
  tone: "done" | "error";
  undo?: () => void;
}

/** What every part of the page may use. */
export interface Shared {
  api: Api;
  me: Me | null;
  labels: LabelSet | null;
  takeLabels(labels: LabelSet): void;
  /** Show a message; the answer takes it away again. */
  say(text: string, undo?: () => void): () => void;
  fail(error: unknown): void;
}

export const SharedContext = createContext<Shared | null>(null);

export function useShared(): Shared {
  const shared = useContext(SharedContext);
  if (!shared) throw new Error("SharedContext is missing");
  return shared;
}

/** What a type is called, from the label set, else from its name. */
export function titleOf(labels: LabelSet | null, type: string): string {
  const known = labels?.types.find((one) => one.type === type)?.title;
  return known ?? type.charAt(0).toUpperCase() + type.slice(1).replaceAll("_", " ");
}

export const STRENGTHS = {
  need: ["nice to have", "important", "must have"],
  hesitation: ["mild", "clear", "blocking"],
} as const;
