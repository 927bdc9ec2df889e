// Requests for cards, summaries, shared links, kept audio and accounts. Bodies: `bodies.ts`.
import type { Api } from "./api";
import type { AccountList, CallAudio, CallSummaryPage, CardAnswer, CardBudget, CardFigures, Share, ShareList, ShareRequest } from "./bodies";

export type Outcome = CardAnswer["outcome"];
export type ExportFormat = "markdown" | "html" | "json";
export type PageLanguage = ShareRequest["language"];

const e = encodeURIComponent;

/** The id of the verdict on the link, to undo it; null when the answer was no verdict. */
export const answerCard = (api: Api, callId: string, cardId: string, outcome: Outcome) =>
  api.post<{ annotation_id: string | null }>(`/v1/calls/${e(callId)}/cards/${e(cardId)}`, { outcome });

/** No card for so many minutes; 0 lets them come again. */
export const pauseCards = (api: Api, callId: string, minutes: number) =>
  api.send("POST", `/v1/calls/${e(callId)}/cards/pause`, JSON.stringify({ minutes }));

export const cardBudget = (api: Api) => api.get<CardBudget>("/v1/card-budget");

export const setCardBudget = async (api: Api, budget: CardBudget) =>
  (await (await api.send("PUT", "/v1/card-budget", JSON.stringify(budget))).json()) as CardBudget;

export const cardFigures = (api: Api) => api.get<CardFigures>("/v1/card-figures");

export const callSummary = (api: Api, callId: string) => api.get<CallSummaryPage>(`/v1/calls/${e(callId)}/summary`);

/** The summary as a file, with the name that the service gives it. */
export async function exportSummary(api: Api, callId: string, format: ExportFormat, language: PageLanguage) {
  const response = await api.send("GET", `/v1/calls/${e(callId)}/summary/export?format=${format}&language=${language}`);
  return { name: fileName(response.headers.get("Content-Disposition")), blob: await response.blob() };
}

export const shares = async (api: Api, callId: string) => (await api.get<ShareList>(`/v1/calls/${e(callId)}/shares`)).shares;

export const share = (api: Api, callId: string, wanted: ShareRequest) => api.post<Share>(`/v1/calls/${e(callId)}/shares`, wanted);

export const unshare = (api: Api, shareId: string) => api.send("DELETE", `/v1/shares/${e(shareId)}`);

export const callAudio = (api: Api, callId: string) => api.get<CallAudio>(`/v1/calls/${e(callId)}/audio`);

export const audioSegment = async (api: Api, callId: string, channel: string, number: number) =>
  (await api.send("GET", `/v1/calls/${e(callId)}/audio/${e(channel)}/${number}`)).arrayBuffer();

/** The most accounts that the service lists at once. */
export const MOST_ACCOUNTS = 200;

/** Accounts that match, the last called first; at most MOST_ACCOUNTS. */
export const accounts = async (api: Api, query: string) =>
  (await api.get<AccountList>(`/v1/accounts?limit=${MOST_ACCOUNTS}${query ? `&query=${e(query)}` : ""}`)).accounts;

/** The file name in a Content-Disposition header: the extended form first, then the plain one; null without any. */
export function fileName(header: string | null): string | null {
  const extended = header?.match(/filename\*=UTF-8''([^;]+)/i)?.[1];
  if (extended) {
    try {
      return decodeURIComponent(extended);
    } catch {
      // Fall through to the plain form.
    }
  }
  return header?.match(/filename="((?:[^"\\]|\\.)*)"/i)?.[1]?.replace(/\\(.)/g, "$1") ?? header?.match(/filename=([^;"\s]+)/i)?.[1] ?? null;
}
