import type { Toast } from "../context";

export function Toasts({ toasts, onClose }: { toasts: Toast[]; onClose: (id: number) => void }) {
  return (
    <div className="toasts" role="status" aria-live="polite">
      {toasts.map((toast) => (
        <div key={toast.id} className={`toast ${toast.tone}`} data-testid="toast">
          <span>{toast.text}</span>
          {toast.undo && (
            <button
              className="link"
              onClick={() => {
                toast.undo?.();
                onClose(toast.id);
              }}
            >
              Undo
            </button>
          )}
          <button className="icon" aria-label="Close this message" onClick={() => onClose(toast.id)}>×</button>
        </div>
      ))}
    </div>
  );
}
