/**
 * The phone's store: one IndexedDB, every write of what was handed over on disk before it counts.
 *
 * `phone` holds what there is one of (keys, trust, state, list), `event` the sealed events by their
 * number, `mark` the tags that were served. Source: docs/explanation/design.md section 7.8.
 */

import { deleteDB, openDB } from "../../vendor/idb-8.0.4/index.js";

const NAME = "despensa-phone";
const VERSION = 1;
const STORES = ["phone", "event", "mark"];

/**
 * A set of writes that are all done or none: [store, key, value]; value undefined deletes.
 *
 * @typedef {[store: string, key: string | number, value: any][]} Changes
 */

export class Store {
  /** @param {import("../../vendor/idb-8.0.4/index.js").IDBPDatabase} database */
  constructor(database) {
    this.database = database;
  }

  static async open() {
    const database = await openDB(NAME, VERSION, {
      upgrade(fresh) {
        for (const store of STORES) fresh.createObjectStore(store);
      },
    });
    return new Store(database);
  }

  /** @param {string} key @returns {Promise<any>} */
  one(key) {
    return this.database.get("phone", key);
  }

  /** @param {number} seq @returns {Promise<any>} */
  event(seq) {
    return this.database.get("event", seq);
  }

  /** @param {number} after @param {number} countMax @returns {Promise<any[]>} in their order */
  eventsAfter(after, countMax) {
    return this.database.getAll("event", IDBKeyRange.lowerBound(after, true), countMax);
  }

  /** @returns {Promise<[string, number][]>} tag in hex and why it is marked */
  async marks() {
    const [keys, values] = await Promise.all([
      this.database.getAllKeys("mark"),
      this.database.getAll("mark"),
    ]);
    return keys.map((key, place) => [String(key), values[place]]);
  }

  /** Delete everything: keys, marks and what was kept of the day. */
  async destroy() {
    this.database.close();
    await deleteDB(NAME);
  }

  /**
   * Write changes together; when this returns they outlive a power cut.
   *
   * @param {Changes} changes
   */
  async write(changes) {
    const how = /** @type {const} */ ({ durability: "strict" });
    const transaction = this.database.transaction(STORES, "readwrite", how);
    for (const [name, key, value] of changes) {
      const store = transaction.objectStore(name);
      // a refused write fails the transaction, which is what is waited for
      (value === undefined ? store.delete(key) : store.put(value, key)).catch(() => {});
    }
    await transaction.done;
  }
}
