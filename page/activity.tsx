import { useCallback, useEffect, useRef, useState } from "react";
import type { FailedRequest, Gateway } from "./gateway";
import type { Counts } from "./metrics";
import { usePolling } from "./polling";
import { Failure, Foreign, Time } from "./text";

const PAUSE_MS = 4_000;

/** What a gateway has counted at one time. */
interface Sample {
  counts: Counts;
  errors: FailedRequest[];
  /** By this page's clock, in seconds. */
  at: number;
}

/** The rates since the previous sample, and the last errors. */
export function Activity({ gateway }: { gateway: Gateway }) {
  const { value, problem } = usePolling(
    useCallback(async (): Promise<Sample> => {
      const [counts, errors] = await Promise.all([gateway.counts(), gateway.errors()]);
      return { counts, errors, at: performance.now() / 1_000 };
    }, [gateway]),
    PAUSE_MS,
  );
  const before = usePrevious(value);
  const rate = (of: (counts: Counts) => number): string => {
    if (!value || !before) return "…";
    return (Math.max(0, of(value.counts) - of(before.counts)) / (value.at - before.at)).toFixed(1);
  };
  return (
    <section aria-labelledby="activity">
      <h2 id="activity">Activity</h2>
      <Failure problem={problem} />
      {value && (
        <dl className="figures">
          <div>
            <dt>Requests</dt>
            <dd>{rate(({ requests }) => requests)} a second</dd>
            <dd className="about">
              {value.counts.requests} since the start, {value.counts.failed} failed; with those of this page
            </dd>
          </div>
          {Object.entries(value.counts.calls).map(([vendor, { all, failed, waiting }]) => (
            <div key={vendor}>
              <dt>
                Calls to <Foreign text={vendor} />
              </dt>
              <dd>{rate(({ calls }) => calls[vendor]?.all ?? 0)} a second</dd>
              <dd className="about">
                {all} since the start, {failed} failed; {waiting} wait
              </dd>
            </div>
          ))}
        </dl>
      )}
      <h3>Last errors</h3>
      {value?.errors.length === 0 && <p>No request has failed.</p>}
      <ul className="rows">
        {value?.errors.map(({ at, requestId, status, code, operation, vendor, message }) => (
          <li key={`${requestId} ${at}`}>
            <Time at={at} /> <strong>{code}</strong>
            <span className="about">
              {status}
              {operation !== undefined && ` · ${operation}`}
              {vendor !== undefined && ` · ${vendor}`} · request <Foreign text={requestId} />
            </span>
            {message !== undefined && (
              <span className="about">
                <Foreign text={message} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The value before the last change. */
function usePrevious<T>(value: T | undefined): T | undefined {
  const last = useRef<T>(undefined);
  const [previous, setPrevious] = useState<T>();
  useEffect(() => {
    setPrevious(last.current);
    last.current = value;
  }, [value]);
  return previous;
}
