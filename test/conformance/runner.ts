import { describe, it } from "vitest";
import type { Runner } from "./suite.ts";

/**
 * Runs the suite in vitest, a few scenes at once: each has a world of its own, and most of its time is waiting. What is
 * not played is printed.
 */
export const inVitest: Runner = { group: describe.concurrent, test: it, note: (text) => console.info(text) };

/** The same, one scene after the other: a real account has one limit for all of them. */
export const inTurn: Runner = { ...inVitest, group: describe };
