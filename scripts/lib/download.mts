/** When a download is given up. */
export interface Limits {
  /** Milliseconds without a byte, before the first one too. */
  silenceMs: number;
  /** Milliseconds for all of it: about what building takes instead. */
  totalMs: number;
  /** Bytes of a body. */
  maxBytes: number;
}

export const LIMITS: Limits = { silenceMs: 5_000, totalMs: 180_000, maxBytes: 300_000_000 };

/**
 * The body at an address, once all of it has arrived.
 *
 * @throws an Error that states in one line what went wrong, with the host
 */
export async function download(url: string, limits: Limits = LIMITS): Promise<Uint8Array> {
  const giveUp = new AbortController();
  const after = (ms: number, why: string) => setTimeout(() => giveUp.abort(new Error(why)), ms);
  const silence = after(limits.silenceMs, `no answer for ${limits.silenceMs / 1000} s`);
  const total = after(limits.totalMs, `not complete after ${limits.totalMs / 1000} s`);
  try {
    const response = await fetch(url, { signal: giveUp.signal });
    if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body) {
      silence.refresh();
      chunks.push(chunk);
      size += chunk.length;
      if (size > limits.maxBytes) throw new Error(`longer than ${limits.maxBytes} bytes`);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    throw new Error(`${new URL(url).host}: ${reasonOf(error)}`, { cause: error });
  } finally {
    clearTimeout(silence);
    clearTimeout(total);
    giveUp.abort();
  }
}

/** fetch reports only that it failed; its cause has the reason. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message || message : message;
}
