import { lazy, Suspense, useCallback, useEffect, useMemo, useState, type MouseEvent } from "react";
import { Api, ApiError } from "./api";
import { SharedContext, type Shared, type Toast } from "./context";
import { useTranslation } from "react-i18next";
import { go, useRoute, written } from "./route";
import { forgetToken, keepToken, takeToken } from "./token";
import type { LabelSet, Me } from "./types";
import { Help } from "./ui/Help";
import { Toasts } from "./ui/Toasts";
import { TokenForm } from "./ui/TokenForm";
import { TopBar } from "./ui/TopBar";
import { useKeys } from "./ui/useKeys";
import { useTheme } from "./ui/useTheme";
import { useScreen } from "./useScreen";
import { CallView } from "./views/CallView";

const Capturing = lazy(() => import("./ui/Capturing"));
const StartView = lazy(() => import("./views/StartView"));
const SummaryView = lazy(() => import("./views/SummaryView"));
const CallsView = lazy(() => import("./views/CallsView"));
const AccountsView = lazy(() => import("./views/AccountsView"));
const AccountView = lazy(() => import("./views/AccountView"));
const ReviewView = lazy(() => import("./views/ReviewView"));
const ModelsView = lazy(() => import("./views/ModelsView"));

const TOAST_MS = 8000;
let lastToast = 0;

export function App() {
  const [token, setToken] = useState(takeToken);
  const [wrong, setWrong] = useState(false);
  const [me, setMe] = useState<Me | null>(null);
  const [labels, setLabels] = useState<LabelSet | null>(null);
  const [toasts, setToasts] = useState<Toast[]>([]);
  const route = useRoute();
  const { t } = useTranslation(["common", "frame"]);
  const [help, setHelp] = useState(false);
  const theme = useTheme();

  const drop = useCallback((id: number) => setToasts((shown) => shown.filter((toast) => toast.id !== id)), []);
  const show = useCallback((toast: Omit<Toast, "id">) => {
    const id = (lastToast += 1);
    setToasts((shown) => [...shown.slice(-1), { ...toast, id }]);
    window.setTimeout(() => drop(id), TOAST_MS);
    return () => drop(id);
  }, [drop]);

  const refuse = useCallback(() => {
    forgetToken();
    setWrong(true);
    setToken(null);
  }, []);

  const api = useMemo(() => new Api(token ?? "", refuse), [token, refuse]);
  const say = useCallback((text: string, undo?: () => void) => show({ text, tone: "done", ...(undo ? { undo } : {}) }), [show]);
  const fail = useCallback((error: unknown) => {
    if (error instanceof ApiError && error.status === 401) return;
    show({ text: error instanceof Error ? error.message : String(error), tone: "error" });
  }, [show]);
  const greet = useCallback(() => {
    api.me().then(setMe).catch(() => undefined);
    api.labelSet().then(setLabels).catch(() => undefined);
  }, [api]);
  const [state, dispatch, retry] = useScreen(token, greet);
  const shared = useMemo<Shared>(() => ({ api, me, labels, takeLabels: setLabels, say, fail }), [api, me, labels, say, fail]);

  useEffect(() => {
    if (token !== null && state.connection === "live") greet();
  }, [token, greet, state.connection]);

  useEffect(() => {
    if (route.view === "call" && route.callId !== null) dispatch({ do: "watch", callId: route.callId });
  }, [route, dispatch]);
  const watched = state.wanted?.callId;
  useEffect(() => {
    // A new call is followed by itself; the address then names it, so that a reload stays there.
    if (watched !== undefined && /^#\/call\/./.test(location.hash)) history.replaceState(null, "", written({ view: "call", callId: watched }));
  }, [watched]);

  useKeys({ "?": () => token !== null && setHelp(true) });

  const accept = (given: string) => {
    keepToken(given);
    setWrong(false);
    setToken(given);
  };
  if (token === null) {
    return (
      <div className="app">
        <TokenForm wrong={wrong} onToken={accept} />
        <Suspense fallback={null}><Capturing /></Suspense>
      </div>
    );
  }
  return (
    <SharedContext value={shared}>
      <div className="app">
        <a className="skip" href="#content" onClick={skip}>{t("frame:skip")}</a>
        <TopBar state={state} view={route.view} onCall={openCall} theme={theme} onHelp={() => setHelp(true)} onRetry={retry} />
        {state.connection === "reconnecting" && (
          <div className="banner" role="alert">
            {t("lost")}
            <button className="link" onClick={retry}>{t("tryNow")}</button>
          </div>
        )}
        {route.view === "call" && <CallView state={state} />}
        <Suspense fallback={<main id="content" tabIndex={-1} className="waiting"><p className="quiet">{t("loading")}</p></main>}>
          {route.view === "start" && <StartView />}
          {route.view === "summary" && <SummaryView callId={route.callId} />}
          {route.view === "calls" && <CallsView />}
          {route.view === "accounts" && <AccountsView />}
          {route.view === "account" && <AccountView account={route.account} />}
          {route.view === "review" && <ReviewView />}
          {route.view === "models" && <ModelsView />}
        </Suspense>
        <Toasts toasts={toasts} onClose={drop} />
        <Suspense fallback={null}><Capturing onToken={accept} /></Suspense>
        {help && <Help onClose={() => setHelp(false)} />}
      </div>
    </SharedContext>
  );
}

function openCall(callId: string): void {
  go({ view: "call", callId });
}

/** The address stays a view's name, so the link moves the focus itself. */
function skip(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}
