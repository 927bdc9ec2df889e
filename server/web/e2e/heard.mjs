// Whether the words of a recording arrived, whole and once.
import assert from "node:assert/strict";

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

/** Everything from the first turn of a role that was heard up to its last one has to be there. */
export function whole(role, utterances, turns) {
  const heard = utterances.filter((one) => one.role === role).flatMap((one) => words(one.text));
  const its = turns.filter((one) => one.role === role);
  const shares = its.map((turn) => common(words(turn.text), heard) / words(turn.text).length);
  const [first, last] = [shares.findIndex((one) => one > 0.7), shares.findLastIndex((one) => one > 0.7)];
  assert.ok(last - first >= 2, `${role}: only turns ${first} to ${last} were heard`);
  const said = its.slice(first, last + 1).flatMap((turn) => words(turn.text));
  const share = common(said, heard) / said.length;
  assert.ok(share > 0.85, `${role}: ${Math.round(share * 100)} % of the words of turns ${first} to ${last}`);
  const often = heard.length / said.length;
  assert.ok(often < 1.6, `${role}: words came twice (${heard.length} heard, ${said.length} said)`);
  return `${role}, turns ${first} to ${last}: ${Math.round(share * 100)} % of the words`;
}
