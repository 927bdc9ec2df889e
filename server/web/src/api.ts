import type { AccountView, AnnotationPage, AnnotationRow, CallPage, WordsVerdict } from "./bodies";
import type { WireAnnotation } from "./wire";
import type { Adapters, ImportReport, Item, ItemKind, LabelRow, LabelSet, LinkVerdict, Me, NewType, SignalVerdict, TrainingRun, TypeChange } from "./types";

/** An answer that is not 2xx, or none at all (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** What a body that is no 2xx answer says; `fallback` where it says nothing. */
export function refusal(status: number, body: unknown, fallback = ""): ApiError {
  const error = (body as { error?: { code?: string; message?: unknown } } | null)?.error;
  const message = error?.message;
  const text = Array.isArray(message) ? message.join("\n") : typeof message === "string" ? message : fallback;
  return new ApiError(status, error?.code ?? "unknown", text);
}

export class Api {
  constructor(
    private readonly token: string,
    private readonly onUnauthorised: () => void,
  ) {}

  /** A request with the token; a refusal is an ApiError. */
  async send(method: string, path: string, body?: BodyInit): Promise<Response> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.token}` };
    if (typeof body === "string") headers["Content-Type"] = "application/json";
    let response: Response;
    try {
      response = await fetch(path, { method, headers, ...(body === undefined ? {} : { body }) });
    } catch {
      throw new ApiError(0, "unreachable", "The service does not answer. Nothing was saved; try again once it is back.");
    }
    if (response.status === 401) this.onUnauthorised();
    if (!response.ok) throw refusal(response.status, await response.json().catch(() => null), `The service answered ${response.status}.`);
    return response;
  }

  async get<T>(path: string): Promise<T> {
    return (await (await this.send("GET", path)).json()) as T;
  }

  async post<T>(path: string, body?: unknown): Promise<T> {
    return (await (await this.send("POST", path, JSON.stringify(body ?? {}))).json()) as T;
  }

  readonly me = () => this.get<Me>("/v1/me");
  readonly labelSet = () => this.get<LabelSet>("/v1/label-set");
  readonly addType = (type: NewType) => this.post<LabelSet>("/v1/label-set/types", type);
  readonly changeType = async (type: string, change: TypeChange) =>
    (await (await this.send("PATCH", `/v1/label-set/types/${encodeURIComponent(type)}`, JSON.stringify(change))).json()) as LabelSet;
  /** A page of the calls that fit, newest first; `before` is the `next` of the page before. */
  readonly calls = (query: string, before: string | null) => {
    const asked = new URLSearchParams({ limit: "50", ...(query ? { query } : {}), ...(before === null ? {} : { before }) });
    return this.get<CallPage>(`/v1/calls?${asked}`);
  };
  readonly account = (account: string) => this.get<AccountView>(`/v1/accounts/${encodeURIComponent(account)}`);
  readonly labels = async () => (await this.get<{ labels: LabelRow[] }>("/v1/labels")).labels;
  readonly adapters = () => this.get<Adapters>("/v1/adapters");
  readonly training = () => this.get<TrainingRun>("/v1/train");
  readonly train = () => this.post<TrainingRun>("/v1/train");
  readonly promote = (id: string) => this.post<{ champion: string }>(`/v1/adapters/${encodeURIComponent(id)}/promote`);
  readonly rollback = () => this.post<{ champion: string }>("/v1/adapters/rollback");
  readonly judge = (verdict: SignalVerdict) => this.post<WireAnnotation>("/v1/annotations/signals", verdict);
  readonly judgeLink = (verdict: LinkVerdict) => this.post<{ annotation_id: string }>("/v1/annotations/links", verdict);
  readonly merge = (body: { need_id: string; other_id: string } | { need_id: string; call_id: string; signal_id: string }) =>
    this.post<{ annotation_id: string }>("/v1/annotations/merges", body);
  readonly setStatus = (needId: string, status: string) =>
    this.post<{ annotation_id: string }>("/v1/annotations/statuses", { need_id: needId, status });
  readonly reword = (verdict: WordsVerdict) => this.post<{ annotation_id: string }>("/v1/annotations/words", verdict);
  readonly annotations = (before: string | null, form: AnnotationRow["form"] | null) => {
    const query = new URLSearchParams({ ...(before === null ? {} : { before }), ...(form === null ? {} : { form }) });
    return this.get<AnnotationPage>(`/v1/annotations?${query}`);
  };
  readonly undo = (id: string) => this.post<{ annotation_id: string }>(`/v1/annotations/${encodeURIComponent(id)}/undo`);

  readonly item = (kind: ItemKind, id: string, section: string | null) => {
    const query = section === null ? "" : `?section=${encodeURIComponent(section)}`;
    return this.get<Item>(`/v1/items/${kind}/${encodeURIComponent(id)}${query}`);
  };

  readonly exportLabels = async (format: string) =>
    (await this.send("GET", `/v1/labels/export?format=${encodeURIComponent(format)}`)).blob();

  readonly importLabels = async (format: string, file: Blob) =>
    (await (await this.send("POST", `/v1/labels/import?format=${encodeURIComponent(format)}`, file)).json()) as ImportReport;
}
