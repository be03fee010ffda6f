/** Owns the formats of strings that are checked (JSON Schema 2020-12, Validation 7.3). Those that are not here are said to the model and not checked. */

/** Longer strings are of no format: what looks for one must not take long. */
const maxChars = 2048;

const days = (year: number, month: number): number => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();

function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  const at = Number(month);
  return day !== undefined && at >= 1 && at <= 12 && Number(day) >= 1 && Number(day) <= days(Number(year), at);
}

/** With its offset, as RFC 3339 wants it. */
const isTime = (text: string): boolean =>
  /^(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,20})?(?:z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i.test(text);

const isDateTime = (text: string): boolean => /^.{10}[t ]/i.test(text) && isDate(text.slice(0, 10)) && isTime(text.slice(11));

const isIpv4 = (text: string): boolean =>
  /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) && text.split('.').every((part) => Number(part) <= 255 && `${Number(part)}` === part);

const isHost = (text: string): boolean =>
  text.length <= 253 && text.split('.').every((label) => /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i.test(label));

function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@');
  const name = text.slice(0, at);
  return (
    at > 0 &&
    name.length <= 64 &&
    name.split('.').every((part) => /^[\w!#$%&'*+/=?^`{|}~-]+$/.test(part)) &&
    isHost(text.slice(at + 1))
  );
}

const isUri = (text: string): boolean => /^[a-z][a-z\d+.-]*:/i.test(text) && !/[\s<>"{}|\\^`]/.test(text) && URL.canParse(text);
const isIpv6 = (text: string): boolean => /^[\da-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]/`);

const checks: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  time: isTime,
  'date-time': isDateTime,
  email: isEmail,
  hostname: isHost,
  ipv4: isIpv4,
  ipv6: isIpv6,
  uri: isUri,
  uuid: (text) => /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i.test(text),
};

export const formats: Readonly<Record<string, (value: unknown) => boolean>> = Object.fromEntries(
  Object.entries(checks).map(([name, check]) => [
    name,
    (value) => typeof value === 'string' && value.length <= maxChars && check(value),
  ]),
);
