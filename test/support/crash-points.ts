import { removes, type Scene } from "./crash-scenes.ts";
import type { Victim } from "./kill.ts";
import type { Call } from "./proxy.ts";

/** A room in a scene, where the run is stopped and something is killed. */
export interface Point {
  scene: Scene;
  /** The room's name, and its resources'. */
  name: string;
  /** Which of the vendor calls that the run makes for this room, from 0. */
  call: number;
  method: string;
  /** Before the server has seen the call, which then never arrives; or after it has acted, its answer lost. */
  when: "before" | "after";
  victim: Victim;
}

/** How many rooms a run holds at once: all must come to their points before the first call is given up. */
const AT_ONCE = 16;

/** The room that a call is about, if it is about one: it names it, or a recording that was started in it. */
export function roomOf({ body }: Call, traffic: readonly Call[]): string | undefined {
  const { name, room, roomName, names, egressId } = JSON.parse(body) as Asked;
  if (egressId === undefined) return name ?? room ?? roomName ?? names?.[0];
  const start = traffic.find(
    ({ method, answer }) => method === "StartRoomCompositeEgress" && answer?.includes(egressId),
  );
  return start && roomOf(start, traffic);
}

/** How calls name what they are about. */
interface Asked {
  name?: string;
  room?: string;
  roomName?: string;
  names?: string[];
  egressId?: string;
}

/**
 * The vendor calls about a room, in order, without the first `from` of all traffic. Of equal calls that follow each
 * other only the first counts: how often something is looked at that is waited for is a matter of time.
 */
export function callsFor(room: string, traffic: readonly Call[], from: number): Call[] {
  const calls = traffic.slice(from).filter((call) => roomOf(call, traffic) === room);
  return calls.filter(({ method, body }, index) => {
    const last = calls[index - 1];
    return method !== last?.method || body !== last.body;
  });
}

/** Every point of a scene that makes these calls. */
export function pointsOf(scene: Scene, calls: readonly Call[]): Point[] {
  const points = calls.flatMap(({ method }, call) =>
    (["before", "after"] as const).flatMap((when) =>
      (["CLI", "provider"] as const).map((victim) => ({ scene, call, method, when, victim })),
    ),
  );
  return points.map((point) => {
    const { call, method, when, victim } = point;
    return { ...point, name: `${scene.key}-${call}-${method}-${when}-${victim}` };
  });
}

/** A few of them, the worst: something has been done at the vendor, and nobody knows it. */
export function sampleOf(points: readonly Point[]): Point[] {
  return points.filter(({ method, when }) => !method.startsWith("List") && when === "after");
}

/**
 * Which points one run can be killed at. The engine compares one resource after the other, so that a call of diff
 * holds up all the others; and it begins to delete what is no longer declared when all else is done.
 */
export function runsOf(points: readonly Point[]): Point[][] {
  const kinds = new Map<string, Point[]>();
  for (const point of points) {
    const { scene, name, call, victim } = point;
    const kind = call < (scene.inDiff ?? 0) ? name : `${victim} ${removes(scene)}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), point]);
  }
  return [...kinds.values()].flatMap((kind) =>
    Array.from({ length: Math.ceil(kind.length / AT_ONCE) }, (_, run) =>
      kind.slice(run * AT_ONCE, (run + 1) * AT_ONCE),
    ),
  );
}
