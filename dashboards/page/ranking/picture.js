// The ranking as a picture: the same rows and words as the table, drawn on a canvas, always light.

import { said } from "./rows.js";

const WIDE = 1240; // points; drawn at twice as many pixels
const SCALE = 2;
const EDGE = 36;
const LINE = 34;
const MOST = 400; // rows: a canvas has its limits
const FAMILY = '"Inter", "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif';
const INK = { ink: "#15211b", soft: "#56645c", line: "#dfe5e0", up: "#075f42", down: "#97220f", same: "#56645c" };
const ZONES = {
  green: ["#0e8a61", "#def3e9", "#075f42"], yellow: ["#dd9a00", "#fdf0d0", "#744c00"],
  red: ["#cc3d2a", "#fde5df", "#97220f"], grey: ["#93a099", "#ebefec", "#535f58"],
};
// Where each column stands: its edge, and on which side of it.
const COLUMNS = {
  place: [36, "left"], risen: [92, "left"], name: [150, "left"], zone: [400, "left"],
  ratio: [640, "right"], numerator: [760, "right"], change: [850, "right"], early: [940, "right"],
  on_time: [1030, "right"], late: [1110, "right"], overdue: [1204, "right"],
};

// content: { title, evidence, notes: [], ranked, unranked, greyTitle }. A promise of a PNG blob.
export function pictureOf(content, context) {
  const ranked = content.ranked.slice(0, MOST);
  const unranked = content.unranked.slice(0, MOST - ranked.length);
  const high = 132 + LINE * (ranked.length + 1 + (unranked.length ? unranked.length + 1.4 : 0))
    + 24 + 20 * content.notes.length + EDGE;
  const canvas = document.createElement("canvas");
  canvas.width = WIDE * SCALE;
  canvas.height = Math.ceil(high * SCALE);
  const pen = canvas.getContext("2d");
  pen.scale(SCALE, SCALE);
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, WIDE, high);
  pen.textBaseline = "middle";
  write(pen, content.title, EDGE, 48, { size: 26, weight: 700 });
  write(pen, content.evidence, EDGE, 82, { size: 14, colour: INK.soft, most: WIDE - 2 * EDGE });
  let y = 122;
  heads(pen, y, context);
  for (const row of ranked) line(pen, row, y += LINE, context);
  if (unranked.length) {
    write(pen, content.greyTitle, EDGE, y += LINE * 1.4, { size: 14, weight: 650, colour: INK.soft });
    for (const row of unranked) line(pen, row, y += LINE, context);
  }
  y += LINE;
  for (const note of content.notes) write(pen, note, EDGE, y += 20, { size: 12, colour: INK.soft, most: WIDE - 2 * EDGE });
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

function write(pen, text, x, y, { size = 14, weight = 400, colour = INK.ink, align = "left", most = 0 } = {}) {
  pen.font = `${weight} ${size}px ${FAMILY}`;
  pen.fillStyle = colour;
  pen.textAlign = align;
  pen.direction = "ltr";
  if (most) pen.fillText(shortened(pen, text, most), x, y);
  else pen.fillText(text, x, y);
}

function shortened(pen, text, most) {
  if (pen.measureText(text).width <= most) return text;
  const letters = [...text];
  while (letters.length && pen.measureText(`${letters.join("")}…`).width > most) letters.pop();
  return `${letters.join("")}…`;
}

function heads(pen, y, { words }) {
  for (const [column, [x, align]] of Object.entries(COLUMNS)) {
    const text = column === "risen" ? "▲▼" : words.columns[column];
    write(pen, text, x, y, { size: 12.5, weight: 600, colour: INK.soft, align });
  }
}

function line(pen, row, y, context) {
  const told = said(row, context);
  pen.fillStyle = INK.line;
  pen.fillRect(EDGE, y - LINE / 2, WIDE - 2 * EDGE, 1);
  const at = (column, text, how = {}) => {
    const [x, align] = COLUMNS[column];
    write(pen, text, x, y, { align, ...how });
  };
  at("place", told.place, { weight: 700, size: 15 });
  at("risen", told.risen, { size: 12.5, colour: INK[told.risenWay] });
  at("name", `\u2068${row.name}\u2069`, { weight: 650, most: 236 });
  zone(pen, row.zone, told.zone, COLUMNS.zone[0], y);
  at("ratio", told.figure, { weight: 700, size: 16 });
  at("numerator", told.numerator + told.denominator);
  at("change", told.change, { colour: INK[told.changeWay] });
  for (const column of ["early", "on_time", "late", "overdue"]) at(column, told[column]);
}

// Colour, shape and word, as on the page.
function zone(pen, name, word, x, y) {
  const [colour, wash, ink] = ZONES[name];
  pen.font = `600 13px ${FAMILY}`;
  const wide = pen.measureText(word).width + 36;
  pen.fillStyle = wash;
  pen.beginPath();
  pen.roundRect(x, y - 12, wide, 24, 12);
  pen.fill();
  pen.fillStyle = colour;
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  const [cx, half] = [x + 15, 5.5];
  pen.beginPath();
  if (name === "yellow") corners(pen, [[cx, y - half], [cx + half, y + half], [cx - half, y + half]]);
  else if (name === "red") corners(pen, [[cx, y - half - 1], [cx + half + 1, y], [cx, y + half + 1], [cx - half - 1, y]]);
  else pen.arc(cx, y, name === "grey" ? half - 1 : half, 0, 2 * Math.PI);
  if (name === "grey") pen.stroke();
  else pen.fill();
  write(pen, word, x + 26, y, { size: 13, weight: 600, colour: ink });
}

function corners(pen, points) {
  pen.moveTo(...points[0]);
  for (const point of points.slice(1)) pen.lineTo(...point);
  pen.closePath();
}

// Gives the reader a file without asking any server.
export function save(blob, fileName) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
