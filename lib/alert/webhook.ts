/** What a receiver gets as JSON: `text` alone is what chat tools show; the other fields are for machines. */
export type AlertMessage = Readonly<{
  text: string;
  kind: 'failure' | 'absence' | 'test';
  dataset: string;
  run_id: string | null;
  /** When the failed run ended, or the last good one did. */
  since: string | null;
  reason: string | null;
  url: string | null;
}>;

const patienceMs = 10_000;

/** Posts a message; undefined where the receiver took it, else a sentence's fragment without its address. */
export async function postAlert(webhook: string, message: AlertMessage): Promise<string | undefined> {
  try {
    const answer = await fetch(webhook, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(message),
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
    });
    await answer.body?.cancel();
    return answer.ok ? undefined : `the receiver answered ${answer.status}`;
  } catch (error) {
    const silent = error instanceof DOMException && error.name === 'TimeoutError';
    return silent
      ? `the receiver did not answer within ${patienceMs / 1000} seconds`
      : 'the receiver cannot be reached';
  }
}
