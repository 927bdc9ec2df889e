import { useEffect, useRef } from "react";
import { CorrectionKeys } from "./CorrectionKeys";

const KEYS: [string, string][] = [
  ["j / k", "next / previous signal"],
  ["Enter", "open what is selected"],
  ["c", "confirm the signal"],
  ["e", "correct the signal"],
  ["x", "refuse the signal"],
  ["u", "undo your last correction"],
  ["Esc", "close, or clear the selection"],
  ["?", "this list"],
];

export function Help({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} className="help" aria-labelledby="help-title" onClose={onClose} onClick={(event) => event.target === dialog.current && onClose()}>
      <div className="help-body">
        <h2 id="help-title">Keyboard</h2>
        <dl>
          {KEYS.map(([key, what]) => (
            <div key={key}><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>
          ))}
          <CorrectionKeys />
        </dl>
        <p className="quiet">A missed signal: select the customer's words in the transcript, or use the button “Add” beside what was said.</p>
        <button onClick={onClose}>Close</button>
      </div>
    </dialog>
  );
}
