// The picture of a call: snapshot + events -> picture. Pure; what to ask the service for is part of the state.
import type {
  CallEndedEvent, CallStartedEvent, CallSummary, HealthEvent, PartialEvent, ScreenFrame, SignalEvent, Snapshot,
  UtteranceEvent, WireAnnotation, WireCard, WireConsent, WireNames, WireNeed, WireWordsCorrection, ScreenEvent,
} from "./wire";

export type CallEvent = ScreenEvent["event"];
export type Connection = "connecting" | "live" | "reconnecting";

export interface Picture {
  seq: number;
  call: CallStartedEvent;
  ended: CallEndedEvent | null;
  utterances: UtteranceEvent[];
  partials: Record<string, PartialEvent>;
  signals: Record<string, SignalEvent>;
  needs: Record<string, WireNeed>;
  /** Needs in order of arrival; the rows of the graph. */
  order: string[];
  annotations: WireAnnotation[];
  health: Record<string, HealthEvent>;
  /** What each utterance names. */
  named: Record<string, WireNames>;
  /** Corrections of misheard words, in order. */
  words: WireWordsCorrection[];
  cards: Record<string, WireCard>;
  /** No card comes up until then. */
  cardsPausedUntil: string | null;
  /** What each channel's person agreed to, by channel. */
  consents: Record<string, WireConsent>;
  /** Where speech was heard last on each channel; `speaking` while it goes on. Not stored: a reload begins anew. */
  speech: Record<string, Speech>;
  /** From the end of speech to its final words, in ms, of the last finals that came while the page was open. */
  delaysMs: number[];
}

export interface Speech {
  speaking: boolean;
  /** Of the call, in ms. */
  atMs: number;
}

/** So many finals tell how far words are behind. */
const DELAYS_KEPT = 9;

export interface State {
  connection: Connection;
  calls: CallSummary[] | null;
  /** The call to show; `ask` grows when it has to be asked for (again). */
  wanted: { callId: string; ask: number } | null;
  picture: Picture | null;
  /** A gap was seen: events are dropped until the next snapshot. */
  stale: boolean;
  /** The service's last refusal to show the wanted call. */
  refusal: string | null;
}

export type Action =
  | { do: "connection"; connection: Connection }
  | { do: "frame"; frame: ScreenFrame }
  | { do: "watch"; callId: string };

export const EMPTY: State = {
  connection: "connecting", calls: null, wanted: null, picture: null, stale: false, refusal: null,
};

export function reduce(state: State, action: Action): State {
  switch (action.do) {
    case "connection":
      if (state.connection === action.connection) return state;
      return action.connection === "live"
        ? asked({ ...state, connection: "live" })
        : { ...state, connection: action.connection };
    case "watch":
      return want(state, action.callId);
    case "frame":
      return framed(state, action.frame);
  }
}

function framed(state: State, frame: ScreenFrame): State {
  switch (frame.type) {
    case "calls":
      return listed(state, frame.calls, frame.total);
    case "snapshot":
      if (frame.call.call_id !== state.wanted?.callId) return state;
      return { ...state, picture: pictureOf(frame, state.picture), stale: false, refusal: null };
    case "event":
      return happened(state, frame);
    case "screen_error":
      return { ...state, refusal: frame.message };
  }
}

function asked(state: State): State {
  return state.wanted ? { ...state, wanted: { ...state.wanted, ask: state.wanted.ask + 1 } } : state;
}

function want(state: State, callId: string): State {
  if (state.wanted?.callId === callId && !state.refusal) return state;
  const same = state.picture?.call.call_id === callId;
  const wanted = { callId, ask: (state.wanted?.ask ?? 0) + 1 };
  return { ...state, wanted, picture: same ? state.picture : null, stale: false, refusal: null };
}

/**
 * Watch the newest live call, else the newest; follow a call that starts once the watched one has ended. The list holds
 * live and newest calls only, so a watched call that is not in it stays unless the list was whole. Of one that the
 * address named before there was a list, the service's own answer tells whether it is there.
 */
function listed(state: State, calls: CallSummary[], total: number): State {
  const next = { ...state, calls };
  const live = calls.find((call) => call.live);
  const first = live ?? calls[0];
  if (!state.wanted) return first ? want(next, first.call_id) : next;
  if (state.calls === null) return next;
  const watched = calls.find((call) => call.call_id === state.wanted?.callId);
  if (!watched) return first && total <= calls.length ? want(next, first.call_id) : next;
  const wasLive = state.calls.some((call) => call.call_id === live?.call_id && call.live);
  return live && !watched.live && !wasLive ? want(next, live.call_id) : next;
}

function happened(state: State, { seq, event }: ScreenEvent): State {
  const { picture } = state;
  if (!picture || state.stale || event.call_id !== picture.call.call_id || seq <= picture.seq) return state;
  if (seq > picture.seq + 1) return asked({ ...state, stale: true });
  return { ...state, picture: { ...applied(picture, event), seq } };
}

function keyed<T>(rows: readonly T[], key: (row: T) => string): Record<string, T> {
  return Object.fromEntries(rows.map((row) => [key(row), row]));
}

function pictureOf(snapshot: Snapshot, before: Picture | null): Picture {
  const same = before !== null && before.call.call_id === snapshot.call.call_id;
  const known = same ? before.order : [];
  const needs = keyed(snapshot.needs, (need) => need.need_id);
  const fresh = snapshot.needs.filter((need) => !known.includes(need.need_id)).sort((a, b) => firstSaid(a) - firstSaid(b));
  const final = new Set(snapshot.utterances.map((one) => one.utterance_id));
  return {
    seq: snapshot.seq,
    call: snapshot.call,
    ended: snapshot.ended,
    utterances: [...snapshot.utterances].sort(bySpeech),
    partials: keyed(snapshot.partials.filter((one) => one.text && !final.has(one.utterance_id)), (one) => one.utterance_id),
    signals: keyed(snapshot.signals, (signal) => signal.id),
    needs,
    order: [...known.filter((id) => id in needs), ...fresh.map((need) => need.need_id)],
    annotations: [...snapshot.annotations],
    health: keyed(snapshot.health, healthKey),
    named: keyed(snapshot.named, (one) => one.utterance_id),
    words: [...snapshot.words],
    cards: keyed(snapshot.cards, (card) => card.card_id),
    cardsPausedUntil: snapshot.cards_paused_until,
    consents: keyed(snapshot.consents, (one) => one.channel),
    speech: same ? before.speech : {},
    delaysMs: same ? before.delaysMs : [],
  };
}

function firstSaid(need: WireNeed): number {
  return Math.min(...need.mentions.map((mention) => mention.start_ms));
}

function bySpeech(a: UtteranceEvent, b: UtteranceEvent): number {
  return a.start_ms - b.start_ms || a.turn - b.turn;
}

function without<T>(record: Record<string, T>, id: string): Record<string, T> {
  if (!(id in record)) return record;
  const { [id]: _, ...rest } = record;
  return rest;
}

function replaced<T>(rows: readonly T[], row: T, key: (row: T) => string): T[] {
  return rows.some((one) => key(one) === key(row))
    ? rows.map((one) => (key(one) === key(row) ? row : one))
    : [...rows, row];
}

function applied(picture: Picture, event: CallEvent): Picture {
  switch (event.type) {
    case "call_started":
      return { ...picture, call: event };
    case "call_ended":
      return { ...picture, ended: event, partials: {}, speech: {} };
    case "partial":
      return { ...picture, partials: heard(picture, event) };
    case "utterance": {
      const fresh = !isFinal(picture, event.utterance_id);
      const utterances = fresh ? [...picture.utterances, event] : replaced(picture.utterances, event, (one) => one.utterance_id);
      const delaysMs = fresh ? [...picture.delaysMs, delayOf(picture, event)].slice(-DELAYS_KEPT) : picture.delaysMs;
      return { ...picture, utterances: utterances.sort(bySpeech), delaysMs, signals: standing(picture, event), partials: without(picture.partials, event.utterance_id) };
    }
    case "speech_started":
      return { ...picture, speech: { ...picture.speech, [event.channel]: { speaking: true, atMs: event.start_ms } } };
    case "speech_ended":
      return { ...picture, speech: { ...picture.speech, [event.channel]: { speaking: false, atMs: event.end_ms } } };
    case "signal":
      return { ...picture, signals: { ...picture.signals, [event.id]: event } };
    case "annotation": {
      const { annotation, signal } = event;
      const signals = signal
        ? { ...picture.signals, [signal.id]: signal }
        : without(picture.signals, annotation.signal_id);
      return { ...picture, signals, annotations: replaced(picture.annotations, annotation, (one) => one.annotation_id) };
    }
    case "graph_delta": {
      const needs = { ...picture.needs, ...keyed(event.needs, (need) => need.need_id) };
      for (const id of event.removed) delete needs[id];
      const fresh = event.needs.map((need) => need.need_id).filter((id) => !picture.order.includes(id));
      const named = { ...picture.named, ...keyed(event.named, (one) => one.utterance_id) };
      return { ...picture, needs, named, order: [...picture.order, ...fresh].filter((id) => id in needs) };
    }
    case "words":
      return { ...picture, words: replaced(picture.words, event.correction, (one) => one.annotation_id) };
    case "card":
      return { ...picture, cards: { ...picture.cards, [event.card.card_id]: event.card } };
    case "cards_paused":
      return { ...picture, cardsPausedUntil: event.until };
    case "consent":
      return { ...picture, consents: { ...picture.consents, [event.consent.channel]: event.consent } };
    case "health":
      return { ...picture, health: { ...picture.health, [healthKey(event)]: event } };
    default:
      return picture;
  }
}

/** Corrected words take the signals of the former ones away; those that still stand follow as events. */
function standing({ utterances, signals }: Picture, event: UtteranceEvent): Record<string, SignalEvent> {
  const before = utterances.find((one) => one.utterance_id === event.utterance_id);
  if (!before || before.revision >= event.revision) return signals;
  return Object.fromEntries(Object.entries(signals).filter(([, one]) => one.utterance_id !== event.utterance_id));
}

function heard(picture: Picture, event: PartialEvent): Record<string, PartialEvent> {
  const shown = picture.partials[event.utterance_id];
  if (shown && shown.revision > event.revision) return picture.partials;
  if (isFinal(picture, event.utterance_id)) return picture.partials;
  return event.text ? { ...picture.partials, [event.utterance_id]: event } : without(picture.partials, event.utterance_id);
}

/** Whether final words of it are there; looked for from the end, where nearly all that is asked for would be. */
function isFinal(picture: Picture, utteranceId: string): boolean {
  return picture.utterances.findLast((one) => one.utterance_id === utteranceId) !== undefined;
}

function delayOf(picture: Picture, event: UtteranceEvent): number {
  return Math.max(0, Date.parse(event.at) - Date.parse(picture.call.started_at) - event.end_ms);
}

/** The verdict that stands on a signal: the latest one that nobody took back. */
export function verdictOn(picture: Picture, signalId: string): WireAnnotation | null {
  const undone = new Set(picture.annotations.map((one) => one.undoes));
  const standing = picture.annotations.filter(
    (one) => one.signal_id === signalId && one.verdict !== "undo" && !undone.has(one.annotation_id),
  );
  return standing.at(-1) ?? null;
}

/** The card that is up; there is at most one. */
export function cardUp(picture: Picture): WireCard | null {
  return Object.values(picture.cards).find((card) => card.state === "shown") ?? null;
}

/** Signals in the order they were said; what j and k walk through. */
export function signalsInOrder(picture: Picture): SignalEvent[] {
  return Object.values(picture.signals).sort((a, b) => a.start_ms - b.start_ms || a.start - b.start || a.id.localeCompare(b.id));
}

/** A part of the service, or one channel of the call, and what is told of it: two faults stand beside each other. */
function healthKey(event: HealthEvent): string {
  return `${event.part}:${event.channel ?? ""}:${event.code ?? ""}`;
}
