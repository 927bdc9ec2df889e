import { useCallback, useEffect, useState } from "react";

export interface Asked<T> {
  /** The last answer; it stays while a newer one is awaited. */
  value: T | null;
  /** What the last request failed with. */
  problem: unknown;
  waiting: boolean;
  again(): void;
}

/** Ask the service when the page comes, and whenever `ask` changes; keep `ask` stable with useCallback. */
export function useAsked<T>(ask: () => Promise<T>): Asked<T> {
  const [answer, setAnswer] = useState<{ value: T } | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [waiting, wait] = useState(true);
  const [times, count] = useState(0);
  useEffect(() => {
    let wanted = true;
    wait(true);
    ask().then((value) => {
      if (!wanted) return;
      setAnswer({ value });
      setProblem(null);
      wait(false);
    }, (error: unknown) => {
      if (!wanted) return;
      setProblem(error);
      wait(false);
    });
    return () => {
      wanted = false;
    };
  }, [ask, times]);
  const again = useCallback(() => count((before) => before + 1), []);
  return { value: answer?.value ?? null, problem, waiting, again };
}
