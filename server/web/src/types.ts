// Bodies of the HTTP API that have no generated type.
export type Kind = "need" | "hesitation";
export type ItemKind = "ticket" | "document" | "roadmap";
export type Right = "view" | "call" | "annotate" | "train";

export interface Me {
  tenant: string;
  person: string;
  role: string;
  can: Right[];
}

export interface LabelType {
  type: string;
  kind: Kind;
  title: string;
  hint: string;
  retired: boolean;
  /** Wordings that people labelled; null for a type that is not the tenant's own. */
  examples: number | null;
  young: boolean;
}

export type NewType = Pick<LabelType, "type" | "kind" | "title" | "hint">;
export type TypeChange = Partial<Pick<LabelType, "title" | "hint" | "retired">>;

export interface LabelSet {
  version: string;
  least_examples: number;
  types: LabelType[];
}

export interface Item {
  kind: ItemKind;
  id: string;
  section: string | null;
  title: string;
  text: string;
  status: string | null;
  competitor: string | null;
  tags: string[];
  quarter: string | null;
  may_say: boolean | null;
  url: string | null;
  created_at: string | null;
  updated_at: string | null;
  version: string;
}

export interface SignalVerdict {
  call_id: string;
  utterance_id: string;
  revision: number;
  signal_id: string | null;
  verdict: "confirm" | "correct" | "refuse" | "add";
  kind?: Kind;
  type?: string;
  start?: number;
  end?: number;
  strength?: number;
}

export interface LinkVerdict {
  call_id: string;
  need_id: string;
  signal_id: string;
  kind: ItemKind;
  id: string;
  section: string | null;
  verdict: "right" | "wrong";
}

export interface Labelled {
  kind: Kind;
  type: string;
  start: number;
  end: number;
  strength: number;
}

export interface LabelRow {
  annotation_id: string;
  call_id: string;
  utterance_id: string;
  turn: number;
  speaker: string;
  text: string;
  verdict: string;
  before: Labelled | null;
  after: Labelled | null;
  author: string;
  at: string;
  undone: boolean;
}

export interface ImportReport {
  taken: number;
  rejected: { line: number; field: string; reason: string }[];
}

export type Metrics = Record<string, number | null>;

export interface Adapter {
  adapter_id: string;
  parent: string | null;
  created_at: string | null;
  state: "champion" | "candidate" | "former" | "default";
  metrics: Metrics | null;
}

export interface Adapters {
  champion: string;
  adapters: Adapter[];
  training: { available: boolean; install: string; size: string };
}

/** A label to look at again: the default adapter, which never saw it, is certain of something else. */
export interface Suspect {
  call_id: string;
  turn: number;
  labelled: string | null;
  instead: string;
  confidence: number;
}

export interface TrainingRun {
  state: "idle" | "running" | "done" | "failed";
  progress: number | null;
  message: string;
  candidate: string | null;
  before: Metrics | null;
  after: Metrics | null;
  /** Of the adapter that training began from, and of a bag of words that learnt the same turns. */
  base?: Metrics | null;
  floor?: Metrics | null;
  suspects?: Suspect[];
  warnings?: string[];
  reasons?: string[];
}
