// Requests that capturing makes by itself, outside of any view: the token is the tab's, a refusal is a value.
import { refusal } from "../api";
import { takeToken } from "../token";

export interface Answer {
  /** 0: nobody answered. */
  status: number;
  body: unknown;
}

export async function ask(method: string, path: string, token: string | null, content?: unknown): Promise<Answer> {
  try {
    const headers: Record<string, string> = { Authorization: `Bearer ${token ?? ""}` };
    if (content !== undefined) headers["Content-Type"] = "application/json";
    const response = await fetch(path, { method, headers, ...(content === undefined ? {} : { body: JSON.stringify(content) }) });
    return { status: response.status, body: await response.json().catch(() => null) };
  } catch {
    return { status: 0, body: null };
  }
}

/** The body of a 2xx answer. Raises `ApiError` otherwise. */
export async function asked<T>(method: string, path: string, content?: unknown): Promise<T> {
  const { status, body } = await ask(method, path, takeToken(), content);
  if (status >= 200 && status < 300) return body as T;
  throw refusal(status, body);
}
