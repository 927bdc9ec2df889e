import i18next from "i18next";
import { createContext, useContext } from "react";
import type { Api } from "./api";
import type { LabelSet, Me } from "./types";
import { types } from "./words/en/types";

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

type ShippedType = keyof typeof types.title;
const SHIPPED = Object.keys(types.title) as ShippedType[];
const isShipped = (type: string): type is ShippedType => type in types.title;

/** What a type is called: a shipped one in the page's language unless the tenant renamed it, else as the label set says. */
export function titleOf(labels: LabelSet | null, type: string): string {
  const known = labels?.types.find((one) => one.type === type)?.title;
  if (isShipped(type) && (known === undefined || known === types.title[type])) return i18next.t(`types:title.${type}`);
  return known ?? type.charAt(0).toUpperCase() + type.slice(1).replaceAll("_", " ");
}

/** When a type applies, in the page's language where it is the shipped wording. */
export function hintOf({ type, hint }: Pick<LabelSet["types"][number], "type" | "hint">): string {
  return isShipped(type) && hint === types.hint[type] ? i18next.t(`types:hint.${type}`) : hint;
}

/** A signal as the review queue tells it, "Integration ●●○ words", its type in the page's language. */
export function signalTold(told: string): string {
  const type = SHIPPED.find((one) => told.startsWith(`${types.title[one]} ●`));
  return type ? i18next.t(`types:title.${type}`) + told.slice(types.title[type].length) : told;
}
