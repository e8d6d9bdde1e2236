// A thread of its own: it makes one format and says so. Why: formats-ready.js.

new Intl.NumberFormat("fa-IR").format(1);
postMessage("");
