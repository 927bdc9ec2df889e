import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { useShared } from "../context";
import { answerCard, pauseCards, type Outcome } from "../moments";
import type { Picture } from "../state";
import type { WireCard } from "../wire";

const DONE = { used: "doneRight", dismissed: "doneWrong", later: "doneLater" } as const;

export interface CardActions {
  /** Whether cards can be answered and paused: by the person's role, and while the call runs. */
  may: boolean;
  /** Cards whose answer is on its way. */
  sending: ReadonlySet<string>;
  answer(card: WireCard, outcome: Outcome): void;
  pause(minutes: number): void;
}

/** Answers to cards; what became of one comes back as an event of the call. */
export function useCards(picture: Picture): CardActions {
  const { api, me, say, fail } = useShared();
  const { t } = useTranslation("cards");
  const [sending, setSending] = useState<ReadonlySet<string>>(new Set());
  const callId = picture.call.call_id;

  const answer = useCallback((card: WireCard, outcome: Outcome) => {
    const id = card.card_id;
    if (sending.has(id)) return;
    setSending((before) => new Set(before).add(id));
    const arrived = () => setSending((before) => new Set([...before].filter((one) => one !== id)));
    answerCard(api, callId, id, outcome).then(({ annotation_id }) => {
      arrived();
      const undo = () => void api.undo(annotation_id ?? "").then(() => say(t("takenBack")), fail);
      say(t(DONE[outcome]), ...(annotation_id === null ? [] : [undo]));
    }, (error: unknown) => {
      arrived();
      fail(error);
    });
  }, [api, callId, sending, say, fail, t]);

  const pause = useCallback((minutes: number) => {
    pauseCards(api, callId, minutes).then(() => minutes === 0 && say(t("resumed")), fail);
  }, [api, callId, say, fail, t]);

  // The service takes answers for as long as the call runs.
  const may = picture.ended === null && (me?.can.includes("annotate") ?? true);
  return { may, sending, answer, pause };
}
