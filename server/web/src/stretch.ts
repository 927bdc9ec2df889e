// Speech faster or slower at the same pitch: overlap-add of similar pieces (WSOLA, Verhelst and Roelands 1993). Pure.

/** A piece of 40 ms holds a few periods of any voice; the next one is looked for within 10 ms. */
const PIECE_S = 0.04;
const SEARCH_S = 0.01;
/** Every fourth sample is compared: enough to find a period, and 16 times as fast. */
const STRIDE = 4;

/** `samples` at `speed` times the pace. Shape: (round(samples / speed),), float32. */
export function stretched(samples: Float32Array, rate_hz: number, speed: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(Math.round(samples.length / speed));
  const piece = Math.round(rate_hz * PIECE_S / 2) * 2;
  const hop = piece / 2;
  const search = Math.round(rate_hz * SEARCH_S);
  const last = samples.length - piece;
  if (last < 0) return out;
  const window = Float32Array.from({ length: piece }, (_, at) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (at + 0.5)) / piece));
  let from = 0;
  for (let to = 0; to < out.length; to += hop) {
    if (to > 0) from = likest(samples, Math.min(last, from + hop), Math.min(last, Math.round(to * speed)), { hop, search, last });
    const end = Math.min(piece, out.length - to);
    for (let at = 0; at < end; at += 1) {
      // The first half piece has none before it to overlap with.
      const weight = to === 0 && at < hop ? 1 : window[at] ?? 0;
      out[to + at] = (out[to + at] ?? 0) + (samples[from + at] ?? 0) * weight;
    }
  }
  return out;
}

/** The place near `near` whose samples go on most like those at `natural`, where the piece before would have gone on. */
function likest(samples: Float32Array, natural: number, near: number, { hop, search, last }: { hop: number; search: number; last: number }): number {
  let [best, place] = [-Infinity, near];
  for (let from = Math.max(0, near - search); from <= Math.min(last, near + search); from += STRIDE) {
    let like = 0;
    for (let at = 0; at < hop; at += STRIDE) like += (samples[from + at] ?? 0) * (samples[natural + at] ?? 0);
    if (like > best) [best, place] = [like, from];
  }
  return place;
}
