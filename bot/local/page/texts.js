// The page's own few texts, in the language of the person whose chat is open.

let texts = {};
let code = "en";
let locale = "en"; // the browser's own variant of that language, for dates and numbers

export async function loadTexts() {
  texts = await (await fetch("/page/texts.json")).json();
  useLanguage(navigator.language);
}

export function useLanguage(language) {
  const short = language.slice(0, 2).toLowerCase();
  code = short in texts && !Array.isArray(texts[short]) ? short : "en";
  locale = navigator.languages.find((one) => one.slice(0, 2).toLowerCase() === code) ?? code;
  document.documentElement.lang = code;
}

export function t(key, values = {}) {
  return texts[code][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export const suggestedNames = () => texts.names;

export function languageChoices(current) {
  const names = new Intl.DisplayNames([code], { type: "language" });
  const codes = texts.languages.includes(current) || !current ? texts.languages : [current, ...texts.languages];
  return codes.map((value) => [value, languageName(value, names)]);
}

export function languageName(value, names = new Intl.DisplayNames([code], { type: "language" })) {
  try {
    const name = names.of(value);
    return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
  } catch {
    return value;
  }
}

export const timeOf = (seconds) =>
  new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(seconds * 1000));

// "1 vote", "5 votes": the text has a form for one and one for others, which is what the four languages need.
export const countOf = (key, count) =>
  t(`${key}_${new Intl.PluralRules(code).select(count) === "one" ? "one" : "many"}`, { count: new Intl.NumberFormat(locale).format(count) });

export const millis = (seconds) =>
  new Intl.NumberFormat(locale, { style: "unit", unit: "millisecond", maximumFractionDigits: seconds < 0.01 ? 1 : 0 }).format(seconds * 1000);

// A length of time in its largest whole unit: "1 hour", "3 days".
export function spanOf(seconds) {
  const [unit, size] = [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]].find(([, one]) => seconds >= one) ?? ["second", 1];
  const style = { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 1 };
  return new Intl.NumberFormat(locale, style).format(seconds / size);
}

export function dayOf(seconds, short = false) {
  const date = new Date(seconds * 1000);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return t("today");
  if (days === 1) return t("yesterday");
  const style = short ? { day: "numeric", month: "short" } : { day: "numeric", month: "long", year: "numeric" };
  return new Intl.DateTimeFormat(locale, style).format(date);
}

export function sizeOf(bytes) {
  const steps = ["byte", "kilobyte", "megabyte"];
  const step = bytes < 1000 ? 0 : bytes < 1_000_000 ? 1 : 2;
  const options = { style: "unit", unit: steps[step], unitDisplay: "short", maximumFractionDigits: step ? 1 : 0 };
  return new Intl.NumberFormat(locale, options).format(bytes / 1000 ** step);
}
