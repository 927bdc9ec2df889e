// From another view to the words of a call: they are shown as soon as the call is.
import { useEffect } from "react";
import { go } from "./route";
import type { Picture } from "./state";

let wanted: { callId: string; utteranceId: string } | null = null;

/** Open a call and show what was said there. */
export function jumpTo(callId: string, utteranceId: string | null): void {
  wanted = utteranceId === null ? null : { callId, utteranceId };
  go({ view: "call", callId });
}

/** The utterance to be shown of this call, told once. */
export function arrived(picture: Picture): string | null {
  if (wanted?.callId !== picture.call.call_id) return null;
  const { utteranceId } = wanted;
  if (!picture.utterances.some((one) => one.utterance_id === utteranceId)) return null;
  wanted = null;
  return utteranceId;
}

/** Show in the call what another view pointed at. */
export function useJump(picture: Picture, show: (utteranceId: string) => void): void {
  useEffect(() => {
    const utteranceId = arrived(picture);
    if (utteranceId !== null) show(utteranceId);
  }, [picture, show]);
}
