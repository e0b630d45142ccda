// Instants of the province's clock on the wall. Pure; `zone` is a name such as Asia/Ho_Chi_Minh.

const HOUR = 3_600_000; // milliseconds
const DAY = 24 * HOUR;

const parts = new Map();

function partsIn(zone) {
  if (!parts.has(zone)) {
    parts.set(zone, new Intl.DateTimeFormat("en-GB", {
      timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit",
      hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
    }));
  }
  return parts.get(zone);
}

// The wall's year, month, day, hour, minute and second at an instant, as texts with zeros.
export function wallOf(instant, zone) {
  const found = {};
  for (const { type, value } of partsIn(zone).formatToParts(instant)) found[type] = value;
  return found;
}

export function dateOf(instant, zone) {
  const { year, month, day } = wallOf(instant, zone);
  return `${year}-${month}-${day}`;
}

export function clockOf(instant, zone) {
  const { hour, minute } = wallOf(instant, zone);
  return `${hour}:${minute}`;
}

// The instant at which the wall shows this date ("2026-06-30") and time ("16:30"); NaN if wrong.
export function instantOf(date, time, zone) {
  const asUtc = Date.parse(`${date}T${time}Z`);
  if (Number.isNaN(asUtc)) return NaN;
  let instant = asUtc;
  for (let again = 0; again < 2; again += 1) instant = asUtc - offsetAt(instant, zone);
  return instant;
}

function offsetAt(instant, zone) {
  const { year, month, day, hour, minute, second } = wallOf(instant, zone);
  const asUtc = Date.UTC(year, month - 1, day, hour, minute, second);
  return asUtc - Math.floor(instant / 1000) * 1000;
}

// The last millisecond of a day: its figures are compared with those at its own start.
export const endOfDay = (date, zone) => instantOf(date, "23:59:59.999", zone);

// The moments that are asked for most: the ends of yesterday, of last month, of the last half-year.
export function quickMoments(now, zone) {
  const { year, month } = wallOf(now, zone);
  const today = instantOf(dateOf(now, zone), "00:00", zone);
  const first = (y, m) => instantOf(`${y}-${String(m).padStart(2, "0")}-01`, "00:00", zone);
  const half = Number(month) > 6 ? first(year, 7) : first(year, 1);
  return {
    yesterday: today - 1,
    lastMonth: first(year, Number(month)) - 1,
    lastHalf: half - 1,
  };
}

export const iso = (instant) => new Date(instant).toISOString();

export { DAY };
