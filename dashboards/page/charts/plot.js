// uPlot within the page: as wide as its box, in the colours of the page, drawn anew when the
// reader's choice of light or dark changes, gone when the view goes.

import uPlot from "../vendor/uPlot.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
const DARK = window.matchMedia("(prefers-color-scheme: dark)");

// `options(width)` gives uPlot's options anew, since colours are read while it is made.
// Returns { node, dispose }.
export function plot({ options, data, height, label, read }) {
  const node = document.createElement("div");
  node.className = "plot";
  const readout = document.createElement("p");
  readout.className = "plot-readout";
  readout.hidden = true;
  let chart = null;

  const settle = (u) => {
    const index = u.cursor.idx;
    readout.hidden = index === null || index === undefined;
    if (readout.hidden) return;
    const text = read(index);
    if (readout.textContent !== text) readout.textContent = text;
    const left = u.over.offsetLeft + u.cursor.left;
    readout.style.left = `${Math.min(Math.max(left, 70), node.clientWidth - 70)}px`;
  };

  const draw = () => {
    const width = node.clientWidth;
    if (!width) return;
    chart?.destroy();
    const asked = options(width);
    const hooks = { ...asked.hooks, setCursor: [settle, ...(asked.hooks?.setCursor ?? [])] };
    chart = new uPlot({ width, height, legend: { show: false }, ...asked, hooks }, data, node);
    node.append(readout);
  };

  const resized = new ResizeObserver(() => {
    if (!chart) draw();
    else if (node.clientWidth && chart.width !== node.clientWidth) draw();
  });
  resized.observe(node);
  DARK.addEventListener("change", draw);
  readable(node, readout, {
    label,
    last: data[0].length - 1,
    read,
    mark: (index) => point(chart, index),
  });
  return {
    node,
    dispose() {
      resized.disconnect();
      DARK.removeEventListener("change", draw);
      chart?.destroy();
      chart = null;
    },
  };
}

function point(chart, index) {
  if (!chart) return;
  const left = chart.valToPos(chart.data[0][index], "x");
  chart.setCursor({ left, top: chart.over.clientHeight / 2 });
}

// The arrow keys read the chart point by point.
function readable(node, readout, { label, last, read, mark }) {
  let index = last;
  const tell = () => {
    node.setAttribute("aria-valuenow", String(index));
    node.setAttribute("aria-valuetext", read(index));
    mark(index);
  };
  node.tabIndex = 0;
  node.setAttribute("role", "slider");
  node.setAttribute("aria-label", label);
  node.setAttribute("aria-valuemin", "0");
  node.setAttribute("aria-valuemax", String(Math.max(0, last)));
  node.setAttribute("aria-valuenow", String(Math.max(0, last)));
  if (last >= 0) node.setAttribute("aria-valuetext", read(last));
  node.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (step === undefined || last < 0) return;
    event.preventDefault();
    index = Math.min(last, Math.max(0, index + step));
    tell();
  });
  node.addEventListener("blur", () => {
    readout.hidden = true;
  });
}
