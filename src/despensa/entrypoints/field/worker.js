/*
 * Keeps the phone app on this device so that it works without a network: the program, never a person.
 * FILES and BUILD stand above, written by the server. Another build waits until the page says that
 * nothing of the old one is unsent.
 */

const STORE = `despensa-field-${BUILD}`;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(STORE)
      .then((store) => store.addAll(FILES.map((file) => new Request(file, { cache: "reload" })))),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith("despensa-field-") && name !== STORE))
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (FILES.includes(pathname)) event.respondWith(kept(request));
});

async function kept(request) {
  const store = await caches.open(STORE);
  return (await store.match(request.url, { ignoreSearch: true })) ?? fetch(request);
}
