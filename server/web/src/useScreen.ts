import { useEffect, useReducer, useRef } from "react";
import { ScreenSocket } from "./socket";
import { EMPTY, reduce, type Action, type State } from "./state";

/** The state of the screen, fed by the socket as long as there is a token. */
export function useScreen(token: string | null, onRefused: () => void): [State, (action: Action) => void, () => void] {
  const [state, dispatch] = useReducer(reduce, EMPTY);
  const socket = useRef<ScreenSocket | null>(null);
  const refused = useRef(onRefused);
  refused.current = onRefused;

  useEffect(() => {
    if (token === null) return;
    const opened = new ScreenSocket(token, {
      onConnection: (connection) => dispatch({ do: "connection", connection }),
      onFrame: (frame) => dispatch({ do: "frame", frame }),
      onRefused: () => refused.current(),
    });
    socket.current = opened;
    return () => {
      opened.close();
      socket.current = null;
      dispatch({ do: "connection", connection: "connecting" });
    };
  }, [token]);

  const { wanted, connection } = state;
  useEffect(() => {
    if (wanted && connection === "live") socket.current?.watch(wanted.callId);
  }, [wanted, connection]);

  return [state, dispatch, () => socket.current?.retry()];
}
