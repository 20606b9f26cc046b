import type { Measure } from "../../test/support/measures.ts";

/** A plot of the page. */
export interface Plot {
  name: string;
  /** Its name within docs/images. */
  file: string;
  svg: string;
}

/** A line of a plot: its points by x. */
type Line = { name: string; points: [x: number, y: number][] };

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [640, 320, 60, 170, 30, 40];
const COLOURS = ["#4c6ef5", "#e8590c", "#2b8a3e", "#9c36b5", "#c92a2a", "#868e96"];

/** The plots of all measures that are a point of one with at least two points. */
export function plotsOf(measures: readonly Measure[]): Plot[] {
  const names = [...new Set(measures.flatMap(({ plot }) => plot?.name ?? []))];
  return names.flatMap((name) => {
    const points = measures.filter(({ plot }) => plot?.name === name);
    const lines = linesOf(points);
    const [first] = points;
    if (first?.plot === undefined || lines.every((line) => line.points.length < 2)) return [];
    const file = `benchmark-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.svg`;
    return [{ name, file, svg: draw(name, lines, first.plot.xUnit, first.unit) }];
  });
}

function linesOf(measures: readonly Measure[]): Line[] {
  const lines = new Map<string, Line["points"]>();
  for (const { plot, ours, beside } of measures)
    for (const [other, y] of Object.entries({ "": ours, ...beside })) {
      const name = [plot?.line, other || (plot?.line === undefined ? "this package" : "")]
        .filter(Boolean)
        .join(", ");
      lines.set(name, [...(lines.get(name) ?? []), [plot?.x ?? 0, y]]);
    }
  return [...lines].map(([name, points]) => ({ name, points: points.sort(([a], [b]) => a - b) }));
}

/** Lines from the origin, with the values of all points on the axes' ends. */
function draw(title: string, lines: readonly Line[], xUnit: string, yUnit: string): string {
  const all = lines.flatMap(({ points }) => points);
  const [mostX, mostY] = [Math.max(...all.map(([x]) => x)), Math.max(...all.map(([, y]) => y))];
  const x = (value: number) => LEFT + ((WIDTH - LEFT - RIGHT) * value) / mostX;
  const y = (value: number) => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * value) / mostY;
  const text = (atX: number, atY: number, words: string, anchor = "start", fill = "currentColor") =>
    `<text x="${atX.toFixed(0)}" y="${atY.toFixed(0)}" text-anchor="${anchor}" fill="${fill}">${words}</text>`;
  const xs = [...new Set(all.map(([value]) => value))].sort((a, b) => a - b);
  const drawn = lines.flatMap(({ name, points }, index) => {
    const colour = COLOURS[index % COLOURS.length] ?? "black";
    const path = points.map(([px, py]) => `${x(px).toFixed(1)},${y(py).toFixed(1)}`).join(" ");
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      text(WIDTH - RIGHT + 10, TOP + 16 * (index + 1), name, "start", colour),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    `<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" fill="none" stroke="black"/>`,
    text(WIDTH / 2, 18, title, "middle", "black"),
    ...xs.map((value) => text(x(value), HEIGHT - BOTTOM + 16, String(value), "middle", "black")),
    text(x(mostX), HEIGHT - 8, xUnit, "end", "black"),
    ...[0, 0.5, 1].map((part) =>
      text(LEFT - 6, y(mostY * part) + 4, (mostY * part).toPrecision(3), "end", "black"),
    ),
    text(LEFT, TOP - 6, yUnit, "end", "black"),
    ...drawn,
    "</svg>\n",
  ].join("\n");
}
