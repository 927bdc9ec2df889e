// Who agreed to what, and which of it a channel may carry. Pure.
export type ConsentScope = "transcript" | "audio";

export interface Participant {
  name: string;
  role: "rep" | "customer";
  transcript: boolean;
  audio: boolean;
  /** The notice as this person was given it; null while it is the standard one. */
  wording: string | null;
}

/** A channel that several people share may carry only what all of them gave. */
export function givenBy(people: readonly Participant[]): ConsentScope[] {
  if (people.length === 0 || !people.every((one) => one.transcript)) return [];
  return people.every((one) => one.audio) ? ["transcript", "audio"] : ["transcript"];
}

/** The service takes wordings up to 4,000 characters (server/bodies.py ConsentGiven). */
export const MOST_WORDING = 4000;
const MOST_NAME = 200;

/** The wording of a channel: each person's own, said once where it is the same. */
export function wordingOf(people: readonly Participant[], standard: (audio: boolean) => string): string {
  const wordings = [...new Set(people.map((one) => (one.wording?.trim() || standard(one.audio)).trim()))];
  return wordings.join("\n\n").slice(0, MOST_WORDING);
}

/** How a channel's speaker is named; several people on one sound cannot be told apart. */
export function speakerOf(people: readonly Participant[]): string {
  return cut(people.map((one) => one.name.trim()).filter(Boolean).join(", "), MOST_NAME);
}

/** At most so many code points, never half of a character. */
export function cut(text: string, most: number): string {
  const points = [...text];
  return points.length <= most ? text : points.slice(0, most).join("");
}
