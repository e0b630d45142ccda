// A unit's share on time, day by day, over the bands of the zones.

import { FONT, palette, slashed } from "./paint.js";
import { plot } from "./plot.js";

const HEIGHT = 270; // px

// A point is taken at the end of its day, which is the first instant of the next one.
export const dayOfPoint = (at) => Date.parse(at) - 1;

// series: [{ at, numerator, denominator }]; policy: { green, yellow } as shares.
export function shareChart(series, policy, speech, words) {
  const times = series.map(({ at }) => Date.parse(at) / 1000);
  const shares = series.map(({ numerator, denominator }) =>
    denominator ? (100 * numerator) / denominator : null,
  );
  const found = shares.filter((share) => share !== null);
  const least = Math.min(100 * policy.yellow - 5, ...found.map((share) => share - 3));
  const bottom = Math.max(0, Math.floor(least / 5) * 5);
  const read = (index) => {
    const { at, numerator, denominator } = series[index];
    const share = speech.percent(numerator, denominator);
    return `${speech.date(dayOfPoint(at))}: ${share} (${speech.outOf(numerator, denominator)})`;
  };

  return plot({
    data: [times, shares],
    height: HEIGHT,
    label: `${words.series}. ${words.arrows}`,
    read,
    options: (width) => {
      const colour = palette();
      const axis = {
        stroke: colour("soft"),
        font: FONT,
        ticks: { show: false },
        grid: { stroke: colour("line"), width: 1 },
      };
      return {
        padding: [10, 22, 0, 0],
        scales: { x: { time: true }, y: { range: [bottom, 100] } },
        cursor: {
          y: false,
          drag: { x: false, y: false },
          points: { size: 9, fill: colour("ink") },
        },
        axes: [
          {
            ...axis,
            size: 30,
            grid: { show: false },
            splits: () => daysToName(times, width),
            values: (_, splits) =>
              splits.map((at) => slashed(speech.shortDays.format(at * 1000 - 1))),
          },
          {
            ...axis,
            size: 52,
            values: (_, splits) => splits.map((share) => speech.share(share / 100)),
          },
        ],
        series: [
          {},
          {
            stroke: colour("ink"),
            width: 2.2,
            spanGaps: false,
            points: { show: (_, __, from, to) => to - from < 3, size: 6, fill: colour("ink") },
          },
        ],
        hooks: {
          drawClear: [(u) => drawBands(u, bottom, policy, colour)],
          draw: [
            (u) => drawNames(u, policy, colour, speech, words),
            (u) => drawLast(u, times, shares, colour),
          ],
        },
      };
    },
  });
}

// Whole days, so many that their names do not touch; the last day is one of them.
function daysToName(times, width) {
  const room = Math.max(2, Math.floor(width / 90));
  const step = Math.max(1, Math.ceil(times.length / room));
  return times.filter((_, index) => (times.length - 1 - index) % step === 0);
}

function drawBands(u, bottom, policy, colour) {
  const { ctx, bbox } = u;
  const scale = window.devicePixelRatio || 1;
  const y = (share) => u.valToPos(share, "y", true);
  const [green, yellow] = [100 * policy.green, 100 * policy.yellow];
  ctx.save();
  for (const [name, from, to] of [
    ["green", green, 100],
    ["yellow", yellow, green],
    ["red", bottom, yellow],
  ]) {
    ctx.fillStyle = colour(`${name}-wash`);
    ctx.fillRect(bbox.left, y(to), bbox.width, y(from) - y(to));
  }
  ctx.lineWidth = 1.5 * scale;
  for (const [name, share, dash] of [
    ["green", green, []],
    ["yellow", yellow, [5, 4]],
  ]) {
    ctx.strokeStyle = colour(name);
    ctx.setLineDash(dash.map((length) => length * scale));
    ctx.beginPath();
    ctx.moveTo(bbox.left, y(share));
    ctx.lineTo(bbox.left + bbox.width, y(share));
    ctx.stroke();
  }
  ctx.restore();
}

// Over the line, each on a ground of its own band, so that the line does not cross the words.
function drawNames(u, policy, colour, speech, words) {
  const { ctx, bbox } = u;
  const scale = window.devicePixelRatio || 1;
  ctx.save();
  ctx.font = FONT.replace("12px", `${12 * scale}px`);
  ctx.textAlign = "left";
  ctx.textBaseline = "top";
  ctx.lineJoin = "round";
  ctx.lineWidth = 4 * scale;
  for (const [name, below] of [
    ["green", "yellow"],
    ["yellow", "red"],
  ]) {
    const text = words[`${name}From`](speech.share(policy[name]));
    const [x, y] = [bbox.left + 8 * scale, u.valToPos(100 * policy[name], "y", true) + 5 * scale];
    ctx.strokeStyle = colour(`${below}-wash`);
    ctx.strokeText(text, x, y);
    ctx.fillStyle = colour(`${name}-ink`);
    ctx.fillText(text, x, y);
  }
  ctx.restore();
}

function drawLast(u, times, shares, colour) {
  const last = shares.length - 1;
  if (last < 0 || shares[last] === null) return;
  const scale = window.devicePixelRatio || 1;
  const { ctx } = u;
  ctx.save();
  ctx.beginPath();
  ctx.arc(
    u.valToPos(times[last], "x", true),
    u.valToPos(shares[last], "y", true),
    5 * scale,
    0,
    2 * Math.PI,
  );
  ctx.fillStyle = colour("ink");
  ctx.strokeStyle = colour("surface");
  ctx.lineWidth = 2 * scale;
  ctx.fill();
  ctx.stroke();
  ctx.restore();
}
