// The audio of one voice that the service may still need, in order and with holes where nothing was captured. Pure.

export interface Chunk {
  /** Position of the first sample, counted since the capture began. */
  at: number;
  count: number;
  /** Null: nothing was captured here, the service fills in silence. */
  samples: Int16Array | null;
}

export class Ring {
  private readonly chunks: Chunk[] = [];
  private end: number;
  private heldSamples = 0;

  constructor(at = 0) {
    this.end = at;
  }

  /** Where the next sample belongs. */
  get head(): number {
    return this.end;
  }

  /** Position of the oldest sample that is still here. */
  get tail(): number {
    return this.chunks[0]?.at ?? this.end;
  }

  /** Samples of captured audio in memory; holes cost nothing. */
  get held(): number {
    return this.heldSamples;
  }

  append(samples: Int16Array): void {
    this.chunks.push({ at: this.end, count: samples.length, samples });
    this.end += samples.length;
    this.heldSamples += samples.length;
  }

  /** Move on without audio. */
  hole(count: number): void {
    if (count <= 0) return;
    this.chunks.push({ at: this.end, count, samples: null });
    this.end += count;
  }

  /** Forget the chunks that lie wholly before a position. */
  prune(at: number): void {
    let gone = 0;
    for (const chunk of this.chunks) {
      if (chunk.at + chunk.count > at) break;
      gone += 1;
      if (chunk.samples) this.heldSamples -= chunk.count;
    }
    if (gone > 0) this.chunks.splice(0, gone);
  }

  /** Forget the oldest audio above `most` samples; tells how much of it lay behind `taken`, so was never heard. */
  bound(most: number, taken: number): number {
    let lost = 0;
    while (this.heldSamples > most) {
      const oldest = this.chunks.shift();
      if (!oldest) break;
      if (!oldest.samples) continue;
      this.heldSamples -= oldest.count;
      lost += Math.max(0, oldest.at + oldest.count - Math.max(oldest.at, taken));
    }
    return lost;
  }

  /** The rest of the chunk that holds this position, or the first one after it. */
  from(at: number): Chunk | null {
    let [low, high] = [0, this.chunks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const chunk = this.chunks[middle];
      if (chunk && chunk.at + chunk.count <= at) low = middle + 1;
      else high = middle;
    }
    const chunk = this.chunks[low];
    if (!chunk) return null;
    const cut = Math.max(0, at - chunk.at);
    return cut === 0 ? chunk : { at, count: chunk.count - cut, samples: chunk.samples?.subarray(cut) ?? null };
  }

  /** Captured samples from this position on. */
  heldFrom(at: number): number {
    return this.chunks.reduce((sum, chunk) => (chunk.samples ? sum + Math.max(0, chunk.at + chunk.count - Math.max(chunk.at, at)) : sum), 0);
  }
}
