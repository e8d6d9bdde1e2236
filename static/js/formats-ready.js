// Formats of numbers and dates, made at hand without holding up the page.

const PATIENCE_MS = 500; // after this the page makes them itself

/**
 * Resolves once formats are at hand, or have taken too long. The first that a browser
 * makes, whatever its language, takes as long as drawing a page: 40 ms at a desk, and
 * 150 or more on a phone, in which nothing answers. Made on another thread, while the
 * page waits for its numbers anyway, it is there for all of them.
 * @param {URL} thread address of formats.js
 * @returns {Promise<void>}
 */
export function formatsReady(thread) {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, PATIENCE_MS);
    const done = () => {
      clearTimeout(late);
      resolve();
    };
    try {
      const worker = new Worker(trusted(thread.href));
      worker.onmessage = worker.onerror = () => {
        worker.terminate();
        done();
      };
    } catch {
      done(); // a browser without threads, or one that does not want them
    }
  });
}

/**
 * The server's policy lets no text become a script, except through this name.
 * @param {string} address  @returns {string} the same, as the browser wants it
 */
function trusted(address) {
  const types = /** @type {any} */ (globalThis).trustedTypes;
  if (!types) return address;
  const ours = types.createPolicy("rasad-formats", {
    createScriptURL(/** @type {string} */ a) {
      if (new URL(a).origin !== location.origin) throw new TypeError(`a thread from elsewhere: ${a}`);
      return a;
    },
  });
  return ours.createScriptURL(address);
}
