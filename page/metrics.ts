/** What a gateway has counted since it started. */
export interface Counts {
  requests: number;
  /** Requests answered with 500 and above. */
  failed: number;
  /** By vendor. */
  calls: Record<string, Calls>;
}

interface Calls {
  all: number;
  failed: number;
  /** Calls in the queue now. */
  waiting: number;
}

const SAMPLE = /^rtc_gateway_(\w+)\{([^}]*)\} (\S+)$/;
const LABEL = /(\w+)="([^"]*)"/g;

/** Reads the counts from the text format of Prometheus, as the gateway writes it. */
export function readCounts(text: string): Counts {
  const counts: Counts = { requests: 0, failed: 0, calls: {} };
  for (const line of text.split("\n")) {
    const [, name = "", labels = "", number] = SAMPLE.exec(line) ?? [];
    const of = Object.fromEntries([...labels.matchAll(LABEL)].map(([, label = "", of = ""]) => [label, of]));
    add(counts, name, of, Number(number));
  }
  return counts;
}

function add(counts: Counts, name: string, of: Record<string, string>, value: number): void {
  const { vendor = "", status, outcome } = of;
  const calls = counts.calls[vendor] ?? { all: 0, failed: 0, waiting: 0 };
  if (name === "requests_total") {
    counts.requests += value;
    if (Number(status) >= 500) counts.failed += value;
  } else if (name === "vendor_calls_total") {
    const failed = outcome === "ok" ? calls.failed : calls.failed + value;
    counts.calls[vendor] = { ...calls, all: calls.all + value, failed };
  } else if (name === "vendor_calls_waiting") {
    counts.calls[vendor] = { ...calls, waiting: value };
  }
}
