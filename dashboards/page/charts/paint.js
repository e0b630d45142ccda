// Colours and patterns for drawing on a canvas: those of the page's style sheet, light and dark.

// A function from a name of page.css ("green-wash") to its colour now.
export function palette(node = document.documentElement) {
  const style = getComputedStyle(node);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}

export const FONT = `12px "Inter", "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif`;

// The short form of a day on an axis: Vietnamese is written 30/09, not 30-09.
export const slashed = (day) => day.replace("-", "/");

const SIZE = 6; // of a tile of the pattern, in pixels of the page

// Kinds of outcome are told apart by their pattern too: plain, slanted lines, crossing lines.
// The swatches of chart.css are the same.
export function hatched(context, kind, ink, ground) {
  if (kind === "plain") return ink;
  const ratio = window.devicePixelRatio || 1;
  const side = Math.round(SIZE * ratio);
  const tile = document.createElement("canvas");
  tile.width = tile.height = side;
  const pen = tile.getContext("2d");
  pen.fillStyle = ground;
  pen.fillRect(0, 0, side, side);
  pen.strokeStyle = ink;
  pen.lineWidth = 1.5 * ratio;
  const line = (x1, y1, x2, y2) => {
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
    pen.stroke();
  };
  for (const shift of [-side, 0, side]) {
    line(shift, side, shift + side, 0);
    if (kind === "crossed") line(shift, 0, shift + side, side);
  }
  return context.createPattern(tile, "repeat");
}
