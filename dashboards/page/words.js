// All that the page says, in Vietnamese and English. The words of the field are those of the
// Vietnamese regulations: trước hạn, đúng hạn, trễ hạn, quá hạn, sắp đến hạn.

const VI = {
  title: "Vùng xanh",
  subtitle: "Tỷ lệ hồ sơ đúng hạn của từng đơn vị",
  skip: "Đến bảng các đơn vị",
  summary: "Tổng quan các đơn vị",
  news: "Vừa đổi vùng",
  find: "Tìm đơn vị",
  definition: "Chỉ số",
  window: "Kỳ tính",
  sort: "Sắp xếp",
  clear: "Bỏ lọc",
  rounding: "Tỷ lệ hiển thị được làm tròn xuống, để 89,97% không hiện thành 90%.",
  zones: { green: "Xanh", yellow: "Vàng", red: "Đỏ", grey: "Xám" },
  zoneFrom: (share) => `từ ${share}`,
  zoneBelow: (share) => `dưới ${share}`,
  zoneFew: (count) => `chưa đủ ${count} hồ sơ`,
  incidents: "Cảnh báo đang mở",
  incidentsNote: "rời vùng xanh, chưa trở lại",
  incident: "Cảnh báo",
  total: "Cộng các đơn vị",
  noData: "Chưa có dữ liệu",
  live: "Trực tiếp",
  waiting: "Đang tải…",
  stale: "Dữ liệu cũ",
  lost: "Mất kết nối",
  dataTo: (time, zone) => `Số liệu đến ${time} (${zone})`,
  dataUpTo: (time) => `Số liệu đến ${time}`,
  noDataTo: "Chưa có dữ liệu nào",
  ago: (span) => `cách đây ${span}`,
  seconds: (n) => `${n} giây`,
  minutes: (n) => `${n} phút`,
  hours: (n) => `${n} giờ`,
  days: (n) => `${n} ngày`,
  warnLost: (since, reason) =>
    `Mất kết nối từ ${since} (${reason}). Số liệu dưới đây là số cũ, không còn trực tiếp. Đang thử kết nối lại.`,
  warnStale: (span) =>
    `Không có dữ liệu mới trong ${span}. Số liệu dưới đây có thể không còn đúng với lúc này.`,
  noAnswer: "máy chủ không trả lời",
  badAnswer: (status) => `máy chủ trả lời ${status}`,
  columns: {
    name: "Đơn vị",
    zone: "Vùng",
    ratio: "Tỷ lệ",
    numerator: "Hồ sơ",
    early: "Trước hạn",
    on_time: "Đúng hạn",
    late: "Trễ hạn",
    open: "Tất cả",
    overdue: "Quá hạn",
    due_soon: "Sắp đến hạn",
    paused: "Tạm dừng",
  },
  sortNames: { open: "Đang giải quyết" },
  resolvedIn: (window) => `Đã giải quyết · ${window}`,
  openNow: "Đang giải quyết",
  figureOf: (definition, window) => `${definition} · ${window}`,
  outOf: (numerator, denominator) => `${numerator} trên ${denominator} hồ sơ`,
  note: (shown, all, definition, window) =>
    `${shown} trên ${all} đơn vị · vùng xếp theo ${definition}, ${window}`,
  none: "Không có đơn vị nào khớp với bộ lọc.",
  empty: "Chưa có đơn vị nào. Trang sẽ tự cập nhật khi có dữ liệu.",
  policy: (green, yellow, few) =>
    `Xanh: từ ${green}. Vàng: từ ${yellow}. Đỏ: dưới ${yellow}. Xám: dưới ${few} hồ sơ, chưa đủ để xếp.`,
  changed: (name, from, to, figure) => `${name}: ${from} → ${to}, ${figure}`,
  evidence: (asOf, definition, partition, offset, policy) =>
    `${definition}, tính đến ${asOf}; phân vùng ${partition}, vị trí ${offset}, chính sách ${policy}`,
  kinds: {
    province: "Tỉnh", city: "Thành phố", town: "Thị xã", district: "Huyện",
    department: "Sở", commune: "Xã", ward: "Phường",
  },
  definitions: {
    "resolved@1": "Đúng hạn trên đã giải quyết",
    "strict@1": "Đúng hạn trên đã giải quyết và quá hạn",
  },
  windowDays: (n) => `${n} ngày`,
  windows: { month: "tháng này", quarter: "quý này", half: "nửa năm này", year: "năm nay" },
  ascending: "tăng dần",
  descending: "giảm dần",
};

const EN = {
  title: "Vùng xanh",
  subtitle: "The green zone: each unit’s share of dossiers resolved on time",
  skip: "To the table of units",
  summary: "Units at a glance",
  news: "Just changed zone",
  find: "Find a unit",
  definition: "Indicator",
  window: "Period",
  sort: "Sort by",
  clear: "Clear filters",
  rounding: "Shown percentages are rounded down, so that 89.97% never reads 90%.",
  zones: { green: "Green", yellow: "Yellow", red: "Red", grey: "Grey" },
  zoneFrom: (share) => `from ${share}`,
  zoneBelow: (share) => `below ${share}`,
  zoneFew: (count) => `fewer than ${count} dossiers`,
  incidents: "Open incidents",
  incidentsNote: "left green, not yet back",
  incident: "Incident",
  total: "All units together",
  noData: "No data yet",
  live: "Live",
  waiting: "Loading…",
  stale: "Old data",
  lost: "Connection lost",
  dataTo: (time, zone) => `Data to ${time} (${zone})`,
  dataUpTo: (time) => `Data to ${time}`,
  noDataTo: "No data yet",
  ago: (span) => `${span} ago`,
  seconds: (n) => `${n} s`,
  minutes: (n) => `${n} min`,
  hours: (n) => `${n} h`,
  days: (n) => (n === 1 ? "1 day" : `${n} days`),
  warnLost: (since, reason) =>
    `Connection lost since ${since} (${reason}). The figures below are old, not live. Trying again.`,
  warnStale: (span) =>
    `No new data for ${span}. The figures below may no longer be those of now.`,
  noAnswer: "no answer from the server",
  badAnswer: (status) => `the server answered ${status}`,
  columns: {
    name: "Unit",
    zone: "Zone",
    ratio: "Share",
    numerator: "Dossiers",
    early: "Early",
    on_time: "On time",
    late: "Late",
    open: "All",
    overdue: "Overdue",
    due_soon: "Due soon",
    paused: "Paused",
  },
  sortNames: { open: "Open" },
  resolvedIn: (window) => `Resolved · ${window}`,
  openNow: "Open now",
  figureOf: (definition, window) => `${definition} · ${window}`,
  outOf: (numerator, denominator) => `${numerator} of ${denominator} dossiers`,
  note: (shown, all, definition, window) =>
    `${shown} of ${all} units · zones by ${definition}, ${window}`,
  none: "No unit fits the filters.",
  empty: "No units yet. The page updates by itself once there is data.",
  policy: (green, yellow, few) =>
    `Green: from ${green}. Yellow: from ${yellow}. Red: below ${yellow}. Grey: fewer than ${few} dossiers, too few to judge.`,
  changed: (name, from, to, figure) => `${name}: ${from} → ${to}, ${figure}`,
  evidence: (asOf, definition, partition, offset, policy) =>
    `${definition}, as of ${asOf}; partition ${partition}, offset ${offset}, policy ${policy}`,
  kinds: {
    province: "Province", city: "City", town: "Town", district: "District",
    department: "Department", commune: "Commune", ward: "Ward",
  },
  definitions: {
    "resolved@1": "On time of resolved",
    "strict@1": "On time of resolved and overdue",
  },
  windowDays: (n) => (n === 1 ? "1 day" : `${n} days`),
  windows: { month: "this month", quarter: "this quarter", half: "this half-year", year: "this year" },
  ascending: "ascending",
  descending: "descending",
};

export const LANGUAGES = { vi: VI, en: EN };
const LOCALES = { vi: "vi-VN", en: "en-GB" };

export class Speech {
  // The words of one language with its ways of writing numbers and times.
  constructor(lang) {
    this.lang = lang;
    this.words = LANGUAGES[lang];
    this.locale = LOCALES[lang];
    this.whole = new Intl.NumberFormat(this.locale, { maximumFractionDigits: 0 });
    this.tenth = new Intl.NumberFormat(this.locale, {
      minimumFractionDigits: 1, maximumFractionDigits: 1,
    });
    this.short = new Intl.NumberFormat(this.locale, { maximumFractionDigits: 1 });
  }

  count(number) {
    return this.whole.format(number);
  }

  // Rounded down: 899 of 999 must not read 90%, which would be green.
  percent(numerator, denominator) {
    return `${this.tenth.format(Math.floor((1000 * numerator) / denominator) / 10)}%`;
  }

  share(threshold) {
    return `${this.short.format(Math.round(threshold * 1000) / 10)}%`;
  }

  time(instant, timeZone, now = instant) {
    const day = new Intl.DateTimeFormat(this.locale, {
      timeZone, day: "2-digit", month: "2-digit", year: "numeric",
    });
    const clock = new Intl.DateTimeFormat(this.locale, {
      timeZone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
    }).format(instant);
    const sameDay = day.format(instant) === day.format(now);
    return sameDay ? clock : `${clock} ${day.format(instant)}`;
  }

  span(milliseconds) {
    const seconds = Math.max(0, Math.floor(milliseconds / 1000));
    if (seconds < 90) return this.words.seconds(seconds);
    if (seconds < 90 * 60) return this.words.minutes(Math.floor(seconds / 60));
    if (seconds < 36 * 3600) return this.words.hours(Math.floor(seconds / 3600));
    return this.words.days(Math.floor(seconds / 86400));
  }

  // Definitions and windows may come that this page has not heard of: then their id is shown.
  definition(id) {
    const known = Object.hasOwn(this.words.definitions, id);
    return known ? this.words.definitions[id] : id;
  }

  window(id) {
    const days = /^(\d+)d$/.exec(id);
    if (days) return this.words.windowDays(Number(days[1]));
    return Object.hasOwn(this.words.windows, id) ? this.words.windows[id] : id;
  }

  kind(id) {
    return Object.hasOwn(this.words.kinds, id) ? this.words.kinds[id] : id;
  }
}
