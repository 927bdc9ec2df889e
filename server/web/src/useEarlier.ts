import { useEffect, useState } from "react";
import { isEarlier } from "./age";
import type { Api } from "./api";
import type { WireNeed } from "./wire";

const NONE: readonly WireNeed[] = [];

/** Needs of the account's other calls; none while they are read, and none when they cannot be. */
export function useEarlier(api: Api, account: string, callId: string): readonly WireNeed[] {
  const [found, setFound] = useState(NONE);
  useEffect(() => {
    let current = true;
    setFound(NONE);
    if (account) api.account(account).then((view) => current && setFound(view.needs.filter((one) => isEarlier(one, callId))), () => undefined);
    return () => {
      current = false;
    };
  }, [api, account, callId]);
  return found;
}
