// Dossiers resolved per week, stacked: early, on time, late.

import uPlot from "../vendor/uPlot.js";
import { element } from "../elements.js";
import { FONT, hatched, palette, slashed } from "./paint.js";
import { plot } from "./plot.js";

const HEIGHT = 220; // px

// Each kind has its own pattern; the swatches of chart.css are the same.
const KINDS = [
  { name: "late", pattern: "crossed", ink: "red" },
  { name: "on_time", pattern: "slanted", ink: "green" },
  { name: "early", pattern: "plain", ink: "green" },
];

export function legend(words) {
  return element(
    "ul",
    { class: "legend", "aria-hidden": "true" },
    [...KINDS]
      .reverse()
      .map(({ name, pattern, ink }) =>
        element("li", {}, [element("i", { class: `swatch ${pattern} ${ink}` }), words[name]]),
      ),
  );
}

// weeks: [{ from: "2026-06-01", early, on_time, late }]
export function weeksChart(weeks, speech, words) {
  const places = weeks.map((_, index) => index);
  const early = weeks.map((week) => week.early);
  const onTime = weeks.map((week) => week.early + week.on_time);
  const all = weeks.map((week) => week.early + week.on_time + week.late);
  const read = (index) => {
    const week = weeks[index];
    const parts = ["early", "on_time", "late"].map(
      (name) => `${words[name]} ${speech.count(week[name])}`,
    );
    return `${words.week} ${dayOf(week.from, speech)}: ${parts.join(", ")}`;
  };

  return plot({
    data: [places, all, onTime, early], // what is drawn later covers what it shares with the former
    height: HEIGHT,
    label: `${words.weeks}. ${words.arrows}`,
    read,
    options: (width) => {
      const colour = palette();
      const axis = { stroke: colour("soft"), font: FONT, ticks: { show: false } };
      const bars = uPlot.paths.bars({ size: [0.72, 26], radius: 0 });
      const step = Math.max(1, Math.ceil(weeks.length / Math.max(2, Math.floor(width / 76))));
      return {
        padding: [10, 22, 0, 0],
        scales: {
          x: { time: false, range: [-0.6, weeks.length - 0.4] },
          y: { range: (_, __, most) => [0, Math.max(4, most * 1.08)] },
        },
        cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
        axes: [
          {
            ...axis,
            size: 30,
            grid: { show: false },
            splits: () => places.filter((place) => (weeks.length - 1 - place) % step === 0),
            values: (_, splits) => splits.map((place) => shortDay(weeks[place].from, speech)),
          },
          {
            ...axis,
            size: 52,
            grid: { stroke: colour("line"), width: 1 },
            incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000],
            values: (_, splits) => splits.map((count) => speech.count(count)),
          },
        ],
        series: [
          {},
          ...KINDS.map(({ pattern, ink }) => ({
            paths: bars,
            width: 1,
            stroke: colour(ink),
            fill: (u) => hatched(u.ctx, pattern, colour(ink), colour("surface")),
            points: { show: false },
          })),
        ],
      };
    },
  });
}

// A local day is told as it stands, whatever the time zone.
const midnight = (day) => Date.parse(`${day}T00:00:00Z`);
const inForm = (speech, parts) =>
  new Intl.DateTimeFormat(speech.locale, { timeZone: "UTC", ...parts });
const DAY = { day: "2-digit", month: "2-digit" };
export const dayOf = (day, speech) =>
  inForm(speech, { ...DAY, year: "numeric" }).format(midnight(day));
const shortDay = (day, speech) => slashed(inForm(speech, DAY).format(midnight(day)));
