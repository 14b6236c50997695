/*
 * Keeps the verifier page on this device so that it works without a network: the program, never a
 * card. FILES, KEYS and BUILD stand above, written by the server; another build is another store.
 */

const STORE = `despensa-check-${BUILD}`;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(STORE)
      .then((store) => store.addAll(FILES.map((file) => new Request(file, { cache: "reload" }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        names.filter((name) => name.startsWith("despensa-check-") && name !== STORE),
      )
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (!FILES.includes(pathname)) return;
  event.respondWith(pathname === KEYS ? fresh(request) : kept(request));
});

/** The issuer's keys change: the newest ones where there is a network, else the last ones seen. */
async function fresh(request) {
  const store = await caches.open(STORE);
  try {
    const answer = await fetch(request);
    if (answer.ok) await store.put(request.url, answer.clone());
    return answer;
  } catch {
    return (await store.match(request.url)) ?? Response.error();
  }
}

async function kept(request) {
  const store = await caches.open(STORE);
  return (await store.match(request.url, { ignoreSearch: true })) ?? fetch(request);
}
