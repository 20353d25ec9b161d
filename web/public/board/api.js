/** The API's answers (docs/api.md). */

/** @typedef {{ run_id: string, pin: string, as_of_utc: string | null, state: string, published_at: string | null }} RunName */
/** @typedef {Record<string, any> & { run: RunName | null }} Answer */

/** The state that was asked for is no longer shown: all parts are to be asked again. */
export class Moved extends Error {}

const patienceMs = 30_000;

/**
 * @param {string} path below /api, with its parameters
 * @param {string | undefined} [pin] of the state that the whole page shows
 * @returns {Promise<Answer>}
 */
export async function ask(path, pin) {
  const address = new URL(`/api/${path}`, location.origin);
  if (pin !== undefined) address.searchParams.set('run', pin);
  const answer = await fetch(address, { signal: AbortSignal.timeout(patienceMs) }).catch((error) => {
    throw new Error(
      error instanceof DOMException && error.name === 'TimeoutError'
        ? 'no answer within 30 seconds'
        : 'tillcast does not answer; is it stopped? Start it with npm start',
    );
  });
  if (answer.status === 409) throw new Moved();
  const body = await answer.json().catch(() => undefined);
  if (!answer.ok) throw new Error(body?.detail ?? `the answer was ${answer.status}`);
  // A state came to be, or went, while the page was asking.
  if (pin !== undefined && body.run?.pin !== pin) throw new Moved();
  return body;
}

/**
 * @param {string} path
 * @param {Record<string, string | number | null | undefined>} parameters empty ones are left out
 */
export function address(path, parameters) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}
