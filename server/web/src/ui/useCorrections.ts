import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api";
import { titleOf, useShared } from "../context";
import { itemKey } from "../layout";
import type { Picture } from "../state";
import type { Span } from "../text";
import type { Kind, SignalVerdict } from "../types";
import type { SignalEvent, UtteranceEvent, WireLink, WireNeed } from "../wire";

/** What a person sets on a signal; the span in code points. */
export interface Choice extends Span {
  kind: Kind;
  type: string;
  strength: number;
}

export interface LinkJudged {
  verdict: "right" | "wrong";
  annotationId: string;
}

export interface Corrections {
  may: boolean;
  busy: boolean;
  confirm(signal: SignalEvent): void;
  refuse(signal: SignalEvent): void;
  correct(signal: SignalEvent, choice: Choice): Promise<boolean>;
  add(utterance: UtteranceEvent, choice: Choice): Promise<boolean>;
  /** The words in the span, in code points, were misheard: these were said. */
  reword(utterance: UtteranceEvent, span: Span, said: string): Promise<boolean>;
  undo(annotationId: string): void;
  undoLast(): void;
  judgeLink(needId: string, signalId: string, link: WireLink, verdict: "right" | "wrong"): void;
  linkVerdict(needId: string, link: WireLink): LinkJudged | undefined;
  setStatus(needId: string, status: WireNeed["status"]): void;
  /** Two needs are one want. */
  join(needId: string, otherId: string): void;
  /** A signal is a want of its own. */
  part(needId: string, callId: string, signalId: string): void;
}

export function useCorrections(picture: Picture): Corrections {
  const { api, me, labels, say, fail } = useShared();
  const { t } = useTranslation(["corrections", "terms"]);
  const done = useRef<{ annotationId: string; close: () => void }[]>([]);
  const [busy, setBusy] = useState(false);
  const [links, setLinks] = useState<Record<string, LinkJudged>>({});
  const callId = picture.call.call_id;

  const undo = (annotationId: string) => {
    done.current.find((one) => one.annotationId === annotationId)?.close();
    done.current = done.current.filter((one) => one.annotationId !== annotationId);
    setLinks((all) => Object.fromEntries(Object.entries(all).filter(([, one]) => one.annotationId !== annotationId)));
    api.undo(annotationId).then((back) => say(t("done.undo"), () => undo(back.annotation_id)), fail);
  };

  const remember = (annotationId: string, text: string) => {
    done.current.push({ annotationId, close: say(text, () => undo(annotationId)) });
  };

  /** Send one thing at a time; whether it was taken. */
  const follow = async (ask: () => Promise<{ annotation_id: string }>, text: string): Promise<boolean> => {
    if (busy) return false;
    setBusy(true);
    try {
      remember((await ask()).annotation_id, text);
      return true;
    } catch (error) {
      fail(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const send = (verdict: SignalVerdict, type: string) =>
    follow(() => api.judge(verdict), t(`done.${verdict.verdict}`, { type: titleOf(labels, type) }));

  const about = (signal: SignalEvent, verdict: SignalVerdict["verdict"]): SignalVerdict => ({
    call_id: callId,
    utterance_id: signal.utterance_id,
    revision: signal.revision,
    signal_id: signal.id,
    verdict,
  });

  const judgeLink = (needId: string, signalId: string, link: WireLink, verdict: "right" | "wrong") => {
    const { kind, id, section } = link;
    api.judgeLink({ call_id: callId, need_id: needId, signal_id: signalId, kind, id, section, verdict }).then(({ annotation_id }) => {
      setLinks((all) => ({ ...all, [`${needId} ${itemKey(link)}`]: { verdict, annotationId: annotation_id } }));
      remember(annotation_id, t(`done.${verdict}`));
    }, fail);
  };

  const reworded = (utterance: UtteranceEvent, span: Span, said: string) => {
    const { utterance_id, revision } = utterance;
    const ask = () => api.reword({ call_id: callId, utterance_id, revision, start: span.start, end: span.end, said });
    const told = (error: unknown) => {
      throw error instanceof ApiError && error.status === 409 ? new Error(t("misheard.changed")) : error;
    };
    return follow(() => ask().catch(told), t("done.words"));
  };

  return {
    may: me?.can.includes("annotate") ?? true,
    busy,
    confirm: (signal) => void send(about(signal, "confirm"), signal.signal_type),
    refuse: (signal) => void send(about(signal, "refuse"), signal.signal_type),
    correct: (signal, choice) => send({ ...about(signal, "correct"), ...choice }, choice.type),
    add: ({ utterance_id, revision }, choice) =>
      send({ call_id: callId, utterance_id, revision, signal_id: null, verdict: "add", ...choice }, choice.type),
    reword: reworded,
    undo,
    undoLast: () => {
      const last = done.current.at(-1);
      if (last) undo(last.annotationId);
      else say(t("done.nothing"));
    },
    judgeLink,
    setStatus: (needId, status) => void follow(() => api.setStatus(needId, status), t("done.status", { status: t(`terms:status.${status}`) })),
    join: (needId, otherId) => void follow(() => api.merge({ need_id: needId, other_id: otherId }), t("done.join")),
    part: (needId, ofCall, signalId) => void follow(() => api.merge({ need_id: needId, call_id: ofCall, signal_id: signalId }), t("done.part")),
    linkVerdict: (needId, link) => links[`${needId} ${itemKey(link)}`],
  };
}
