import { useState } from "react";
import { Mark } from "./bits";

export function TokenForm({ wrong, onToken }: { wrong: boolean; onToken: (token: string) => void }) {
  const [token, setToken] = useState("");
  return (
    <main className="token-page">
      <form
        className="token-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim()) onToken(token.trim());
        }}
      >
        <h1><Mark /> needgraph</h1>
        {wrong ? (
          <p role="alert" className="problem">This token is not known to the service. It may have been replaced.</p>
        ) : (
          <p>This page needs a token. The service printed one when it first started, in an address that ends with <code>#token=ng_…</code></p>
        )}
        <label htmlFor="token">Token</label>
        <input id="token" type="password" autoComplete="off" autoFocus placeholder="ng_…" value={token} onChange={(event) => setToken(event.target.value)} />
        <button className="primary" disabled={!token.trim()}>Open</button>
        <p className="quiet">A new one: <code>needgraph tokens add --person NAME</code></p>
      </form>
    </main>
  );
}
