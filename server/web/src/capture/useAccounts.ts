// Accounts by their name while it is typed, and what is known of the one that was chosen.
import { useEffect, useState } from "react";
import { ApiError } from "../api";
import type { AccountLine, AccountList, AccountView } from "../bodies";
import { asked } from "./requests";

const TYPING_MS = 200;

/** Accounts that match; none while nothing is typed, or where the service keeps no list. */
export function useAccounts(query: string): AccountLine[] {
  const [found, setFound] = useState<AccountLine[]>([]);
  useEffect(() => {
    let current = true;
    const timer = window.setTimeout(() => {
      asked<AccountList>("GET", `/v1/accounts?query=${encodeURIComponent(query)}`)
        .then(({ accounts }) => current && setFound(accounts))
        .catch(() => current && setFound([]));
    }, TYPING_MS);
    return () => {
      current = false;
      window.clearTimeout(timer);
    };
  }, [query]);
  return found;
}

export type Known = { is: "nobody" } | { is: "asking" } | { is: "failed" } | { is: "new" } | { is: "known"; view: AccountView };

export function useKnown(account: string): Known {
  const [known, setKnown] = useState<Known>({ is: "nobody" });
  useEffect(() => {
    let current = true;
    const tell = (next: Known) => current && setKnown(next);
    tell({ is: account === "" ? "nobody" : "asking" });
    const timer = window.setTimeout(() => {
      if (account === "") return;
      asked<AccountView>("GET", `/v1/accounts/${encodeURIComponent(account)}`)
        .then((view) => tell({ is: "known", view }))
        .catch((error: unknown) => tell({ is: error instanceof ApiError && error.status === 404 ? "new" : "failed" }));
    }, TYPING_MS);
    return () => {
      current = false;
      window.clearTimeout(timer);
    };
  }, [account]);
  return known;
}
