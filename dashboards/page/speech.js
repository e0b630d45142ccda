// Numbers, dates and names in the reader's language and the province's time zone.

const LOCALES = { vi: "vi-VN", en: "en-GB" };
const END_OF_DAY = "23:59:59.999";

export class Speech {
  constructor(lang, words, timeZone = "Asia/Ho_Chi_Minh") {
    Object.assign(this, { lang, words, timeZone });
    this.locale = LOCALES[lang];
    const number = (most, least = 0) => new Intl.NumberFormat(this.locale, {
      minimumFractionDigits: least, maximumFractionDigits: most,
    });
    this.whole = number(0);
    this.tenth = number(1, 1);
    this.hundredth = number(2, 2);
    this.short = number(1);
    const date = (parts) => new Intl.DateTimeFormat(this.locale, { timeZone, ...parts });
    const day = { day: "2-digit", month: "2-digit", year: "numeric" };
    const minute = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    this.days = date(day);
    this.shortDays = date({ day: "2-digit", month: "2-digit" });
    this.minutes = date(minute);
    this.seconds = date({ ...minute, second: "2-digit" });
    this.exact = new Intl.DateTimeFormat("en-GB", {
      timeZone, ...minute, second: "2-digit", fractionalSecondDigits: 3,
    });
    this.names = new Intl.Collator(this.locale, { numeric: true });
  }

  count(number) {
    return this.whole.format(number);
  }

  // Rounded down: 899 of 999 must not read 90%, which would be green. "–" where there is none.
  percent(numerator, denominator) {
    if (!denominator) return "–";
    return `${this.tenth.format(Math.floor((1000 * numerator) / denominator) / 10)}%`;
  }

  // A share 0 to 1 of a policy.
  share(threshold) {
    return `${this.short.format(Math.round(threshold * 1000) / 10)}%`;
  }

  // A difference of two shares in percentage points with its sign: "+0,4", "−1,2", "−0,03", "0".
  points(difference) {
    const size = Math.abs(difference * 100);
    if (size === 0) return "0";
    const sign = difference > 0 ? "+" : "−";
    if (size < 0.005) return "≈0";
    return sign + (size < 0.05 ? this.hundredth : this.tenth).format(size);
  }

  outOf(numerator, denominator) {
    return `${this.count(numerator)}/${this.count(denominator)}`;
  }

  date(instant) {
    return this.days.format(instant);
  }

  // With hours and minutes; the last millisecond of a day is called its end.
  dateTime(instant) {
    const day = this.days.format(instant);
    if (this.exact.format(instant) === END_OF_DAY) return this.words.endOf(day);
    return this.words.at(this.minutes.format(instant), day);
  }

  // Hours, minutes and seconds, with the date where it is not that of `now`.
  time(instant, now = instant) {
    const clock = this.seconds.format(instant);
    const day = this.days.format(instant);
    return day === this.days.format(now) ? clock : `${clock} ${day}`;
  }

  // As `time`, without the seconds.
  minute(instant, now = instant) {
    const clock = this.minutes.format(instant);
    return this.days.format(instant) === this.days.format(now)
      ? clock : `${clock} ${this.shortDay(instant)}`;
  }

  // "30/06": both languages write the day first.
  shortDay(instant) {
    const parts = this.shortDays.formatToParts(instant);
    const [day, month] = ["day", "month"].map((type) => parts.find((part) => part.type === type).value);
    return `${day}/${month}`;
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
    return told(this.words.definitions, id);
  }

  window(id) {
    const days = /^(\d+)d$/.exec(id);
    return days ? this.words.windowDays(Number(days[1])) : told(this.words.windows, id);
  }

  kind(id) {
    return told(this.words.kinds, id);
  }

  zone(id) {
    return told(this.words.zones, id);
  }
}

const told = (words, id) => (Object.hasOwn(words, id) ? words[id] : id);
