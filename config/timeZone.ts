/** Whether `name` is an IANA time zone that this Node knows. @example isTimeZone('Europe/Berlin') // true */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
