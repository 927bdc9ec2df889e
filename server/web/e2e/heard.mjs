// Whether a recording arrived: its words, whole and once, and its sound where it was kept.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const words = (text) => text.toLowerCase().match(/[a-z']+/g) ?? [];

/** Length of the longest common subsequence of words. */
function common(said, heard) {
  let before = new Array(heard.length + 1).fill(0);
  for (const word of said) {
    const row = [0];
    heard.forEach((one, at) => row.push(one === word ? before[at] + 1 : Math.max(before[at + 1], row[at])));
    before = row;
  }
  return before[heard.length];
}

/** Whisper now and then passes over a sentence of a window that begins in the middle of one; not over a third of all. */
const HEARD = 0.7;

/** Everything from the first turn of a role that was heard up to its last one has to be there, where judged strictly. */
export function whole(role, utterances, turns, { strict }) {
  const heard = utterances.filter((one) => one.role === role).flatMap((one) => words(one.text));
  const its = turns.filter((one) => one.role === role);
  const shares = its.map((turn) => common(words(turn.text), heard) / words(turn.text).length);
  const [first, last] = [shares.findIndex((one) => one > 0.7), shares.findLastIndex((one) => one > 0.7)];
  assert.ok(first >= 0 && (!strict || last - first >= 2), `${role}: only turns ${first} to ${last} were heard`);
  const said = its.slice(first, last + 1).flatMap((turn) => words(turn.text));
  const share = common(said, heard) / said.length;
  assert.ok(!strict || share > HEARD, `${role}: ${Math.round(share * 100)} % of the words of turns ${first} to ${last}`);
  const often = heard.length / said.length;
  assert.ok(often < 1.6, `${role}: words came twice (${heard.length} heard, ${said.length} said)`);
  return `${role}, turns ${first} to ${last}: ${Math.round(share * 100)} % of the words`;
}

const STEP_MS = 50;
/** Louder than this somebody speaks, quieter than the second nobody does (RMS; speech of the demo call is 0.03 to 0.1). */
const VOICE = 0.025, SILENCE = 0.004;
const HEADER_BYTES = 44;

/** RMS of every step, so many in a second. It stands alone: it is also run inside a page. */
export function envelope(samples, rate, steps = 20) {
  const length = rate / steps;
  return Array.from({ length: Math.floor(samples.length / length) }, (_, at) => {
    let sum = 0;
    for (let of = at * length; of < (at + 1) * length; of += 1) sum += samples[of] ** 2;
    return Math.sqrt(sum / length);
  });
}

/** The envelope of a WAV file with one channel of 16 bits. */
export function envelopeOf(wav) {
  const bytes = readFileSync(wav);
  const samples = Float32Array.from({ length: (bytes.length - HEADER_BYTES) / 2 }, (_, at) => bytes.readInt16LE(HEADER_BYTES + 2 * at) / 32768);
  return envelope(samples, bytes.readUInt32LE(24));
}

/** A starved audio thread may set what follows back by less than a second without a word (`capture/wallClock.ts`). */
const NEAR = 500 / STEP_MS;

/** How much of what was voiced is silent in what was kept, and around it, in ms, where both fit best. */
export function missingMs(said, kept) {
  let best = { fit: -1, ahead: 0 };
  for (let ahead = 0; ahead < said.length - kept.length / 2; ahead += 1) {
    const fit = kept.reduce((sum, level, at) => sum + Math.min(said[ahead + at] ?? 0, level), 0);
    if (fit > best.fit) best = { fit, ahead };
  }
  const around = (at) => Math.max(...kept.slice(Math.max(0, at - NEAR), at + NEAR + 1));
  return STEP_MS * kept.filter((_, at) => (said[best.ahead + at] ?? 0) > VOICE && around(at) < SILENCE).length;
}
