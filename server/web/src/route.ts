// Which view the address names: #/call/ID, #/call/ID/UTTERANCE, #/calls, #/start, #/summary/ID, #/accounts, #/account/NAME, #/review, #/models.
import { useEffect, useState } from "react";

export type Route =
  | { view: "call"; callId: string | null; /** The utterance to show. */ at?: string }
  | { view: "summary"; callId: string }
  | { view: "account"; account: string }
  | { view: "start" | "calls" | "accounts" | "review" | "models" };

const HOME: Route = { view: "call", callId: null };

export function parsed(hash: string): Route {
  const [, view = "", id, place] = hash.replace(/^#/, "").split("/");
  const name = id ? decoded(id) : null;
  switch (view) {
    case "summary":
      return name === null ? HOME : { view, callId: name };
    case "account":
      return name === null ? { view: "accounts" } : { view, account: name };
    case "start":
    case "calls":
    case "accounts":
    case "review":
    case "models":
      return { view };
    default: {
      const at = place && name !== null ? decoded(place) : null;
      return { view: "call", callId: name, ...(at ? { at } : {}) };
    }
  }
}

export function written(route: Route): string {
  switch (route.view) {
    case "call":
      if (route.callId === null) return "#/call";
      return `#/call/${encodeURIComponent(route.callId)}${route.at ? `/${encodeURIComponent(route.at)}` : ""}`;
    case "summary":
      return `#/summary/${encodeURIComponent(route.callId)}`;
    case "account":
      return `#/account/${encodeURIComponent(route.account)}`;
    default:
      return `#/${route.view}`;
  }
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

export function go(route: Route): void {
  location.hash = written(route);
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parsed(location.hash));
  useEffect(() => {
    const changed = () => setRoute(parsed(location.hash));
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  return route;
}
