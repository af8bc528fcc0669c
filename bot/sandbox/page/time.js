// Shows instants in the acting person's language and time zone. Reads no clock: "now" is given.

const made = new Map();

function format(locale, options) {
  const key = locale + JSON.stringify(options);
  if (!made.has(key)) made.set(key, new Intl.DateTimeFormat(locale, options));
  return made.get(key);
}

const say = (who, seconds, options) =>
  format(who.locale, { timeZone: who.tz, ...options }).format(new Date(seconds * 1000));

// 2:05 pm, but 02:05: only a 24-hour clock is written with a leading zero.
function hours(locale) {
  const twelve = format(locale, { hour: "numeric" }).resolvedOptions().hour12;
  return { hour: twelve ? "numeric" : "2-digit", minute: "2-digit" };
}

export const clockTime = (who, seconds) => say(who, seconds, hours(who.locale));
export const exactTime = (who, seconds) => say(who, seconds, { dateStyle: "full", timeStyle: "medium" });
export const clockFace = (who, seconds) =>
  say(who, seconds, { weekday: "short", month: "short", day: "numeric", ...hours(who.locale) });

const days = new Map();
const DAYS_KEPT = 20000;

/** The calendar day of an instant in the person's zone, as YYYY-MM-DD. Remembered: long lists ask at each redraw. */
export function dayOf(who, seconds) {
  const key = `${who.tz} ${Math.floor(seconds / 60)}`; // no zone changes its date within a minute
  if (!days.has(key)) {
    if (days.size > DAYS_KEPT) days.clear();
    days.set(key, format("en-CA", { timeZone: who.tz, dateStyle: "short" }).format(new Date(seconds * 1000)));
  }
  return days.get(key);
}

export function dayName(who, seconds, now, words) {
  const day = dayOf(who, seconds);
  if (day === dayOf(who, now)) return words("day.today");
  if (day === dayOf(who, now - 86400)) return words("day.yesterday");
  return say(who, seconds, { weekday: "long", year: "numeric", month: "long", day: "numeric" });
}

const NEAR = [[0, "day.today"], [-86400, "day.yesterday"], [86400, "day.tomorrow"]];

// A name such as "Today" has a capital letter only where it begins the pattern.
function pretty(who, seconds, now, words, options, isFirst) {
  const near = NEAR.find(([ahead]) => dayOf(who, seconds) === dayOf(who, now + ahead));
  if (!near) return say(who, seconds, options);
  const name = words(near[1]);
  return isFirst ? name : name.toLowerCase();
}

const SHORT = { year: "numeric", month: "short", day: "numeric" };
const MIDDLE = { year: "numeric", month: "long", day: "numeric" };
const LONG = { weekday: "long", ...MIDDLE };

/** Fills Slack's date tokens, such as {date_short_pretty} {time}, for one reader. */
export function dateTokens(who, seconds, pattern, now, words) {
  const tokens = {
    date_num: () => dayOf(who, seconds),
    date: () => say(who, seconds, MIDDLE),
    date_short: () => say(who, seconds, SHORT),
    date_long: () => say(who, seconds, LONG),
    date_pretty: (isFirst) => pretty(who, seconds, now, words, MIDDLE, isFirst),
    date_short_pretty: (isFirst) => pretty(who, seconds, now, words, SHORT, isFirst),
    date_long_pretty: (isFirst) => pretty(who, seconds, now, words, LONG, isFirst),
    day_divider_pretty: (isFirst) => pretty(who, seconds, now, words, LONG, isFirst),
    time: () => clockTime(who, seconds),
    time_secs: () => say(who, seconds, { timeStyle: "medium" }),
    ago: () => ago(who, seconds, now),
  };
  return pattern.replace(/\{([a-z_]+)\}/g, (whole, name, at) => (tokens[name] ? tokens[name](at === 0) : whole));
}

export function ago(who, seconds, now) {
  const steps = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const gone = seconds - now;
  const [unit, size] = steps.find(([, span]) => Math.abs(gone) >= span) || steps[3];
  return new Intl.RelativeTimeFormat(who.locale, { numeric: "auto" }).format(Math.round(gone / size), unit);
}

/** How far a zone is ahead of UTC at an instant, in seconds. */
function zoneOffset(tz, seconds) {
  const parts = format("en-US", {
    timeZone: tz, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
    hour: "numeric", minute: "numeric", second: "numeric",
  }).formatToParts(new Date(seconds * 1000));
  const at = Object.fromEntries(parts.map((part) => [part.type, Number(part.value)]));
  return Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute, at.second) / 1000 - Math.floor(seconds);
}

/** "2026-11-22T15:00" on the wall of the person's zone, as Unix seconds; null when it is no date. */
export function fromWall(who, wall) {
  const asUtc = Date.parse(`${wall}Z`) / 1000;
  if (!Number.isFinite(asUtc)) return null;
  // Twice, because the first guess may lie on the other side of a clock change.
  const guess = asUtc - zoneOffset(who.tz, asUtc);
  return asUtc - zoneOffset(who.tz, guess);
}

/** "01:50" on a date of the person's zone, or where none is given, the next time it comes; null when it is no time. */
export function nextAt(who, now, time, date = "") {
  const day = date || dayOf(who, now);
  const at = fromWall(who, `${day}T${time}`);
  if (at === null || date || at > now) return at;
  const tomorrow = new Date(Date.parse(`${day}T00:00Z`) + 86400000).toISOString().slice(0, 10);
  return fromWall(who, `${tomorrow}T${time}`);
}

export function toWall(who, seconds) {
  return new Date((seconds + zoneOffset(who.tz, seconds)) * 1000).toISOString().slice(0, 16);
}
