import { useEffect, useState } from "react";
import { type Problem, problemOf } from "./gateway";

/** What was read last, and why the last try failed, if it did. */
export interface Polled<T> {
  value?: T;
  problem?: Problem;
}

/**
 * Reads again and again while the tab is visible, with pauses of at least `pauseMs`: longer where reading takes long, so
 * that a page takes a fifth of a busy gateway's time at most.
 *
 * @param read of the same identity for as long as it reads the same
 */
export function usePolling<T>(read: () => Promise<T>, pauseMs: number): Polled<T> {
  const [polled, setPolled] = useState<Polled<T>>({});
  useEffect(() => {
    let isOver = false;
    let timer: number | undefined;
    const visible = () => document.visibilityState === "visible";
    const run = async () => {
      const begun = performance.now();
      try {
        const value = await read();
        if (!isOver) setPolled({ value });
      } catch (error) {
        const problem = problemOf(error);
        if (!isOver) setPolled(({ value }) => ({ ...(value !== undefined && { value }), problem }));
      }
      const pause = Math.max(pauseMs, 4 * (performance.now() - begun));
      if (!isOver) timer = window.setTimeout(next, pause);
    };
    const next = () => {
      timer = undefined;
      if (visible()) void run();
    };
    const onVisible = () => {
      if (visible() && timer === undefined && !isOver) next();
    };
    document.addEventListener("visibilitychange", onVisible);
    void run();
    return () => {
      isOver = true;
      window.clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisible);
    };
  }, [read, pauseMs]);
  return polled;
}
