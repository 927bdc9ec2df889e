import { useTranslation } from "react-i18next";
import type { Toast } from "../context";

export function Toasts({ toasts, onClose }: { toasts: Toast[]; onClose: (id: number) => void }) {
  const { t } = useTranslation(["frame", "common"]);
  return (
    <div className="toasts-place">
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
                {t("common:undo")}
              </button>
            )}
            <button className="icon" aria-label={t("frame:closeMessage")} onClick={() => onClose(toast.id)}>×</button>
          </div>
        ))}
      </div>
    </div>
  );
}
