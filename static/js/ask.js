// Questions to the server that have one answer.

const PATIENCE_MS = 8_000;

/**
 * Fetches JSON, always fresh.
 * @param {string} path  @returns {Promise<any>}
 * @throws {Error} whose message is the status, such as "404", when the answer is not a success
 */
export async function ask(path) {
  const answer = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** Fetches this very page, always fresh.  @returns {Promise<string>} */
export async function askPage() {
  const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.text();
}

/** @param {string} screen  @returns {string} where the screen's frames come from */
export function socketAddress(screen) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${location.host}/ws?view=${encodeURIComponent(screen)}`;
}
