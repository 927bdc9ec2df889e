import { useMemo } from "react";
import { chips, THING_NAMES } from "../names";
import type { Picture } from "../state";

/** One calm line of what the call names; a press shows where it was named last. */
export function Named({ picture, onShow }: { picture: Picture; onShow(utteranceId: string): void }) {
  const found = useMemo(() => chips(picture), [picture.utterances, picture.named, picture.call]);
  if (found.length === 0) return null;
  return (
    <div className="named" role="group" aria-label="Named in this call" data-testid="named">
      {found.map((one) => (
        <button key={`${one.type} ${one.name}`} className={`chip ${one.type}`} title={one.times > 1 ? `${THING_NAMES[one.type]}, named ${one.times} times` : THING_NAMES[one.type]} onClick={() => onShow(one.utteranceId)}>
          <span className="sr">{THING_NAMES[one.type]} </span>{one.name}
        </button>
      ))}
    </div>
  );
}
