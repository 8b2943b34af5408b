import { type Demand, type Mismatch, mismatch } from './demand.ts';
import type { Transporter } from './words.ts';

/** What runs on a Transporter, whether it is known (connected) or not. */
interface Load {
  running: number;
  /** Tasks among them that have it for themselves. */
  alone: number;
  /** How often it has described itself. */
  reports: number;
  /** Started since the last of these, so not yet in its own account of free slots. */
  sinceReport: number;
}

/** All Transporters: what they offer, what runs on them, and which of them is the best for a demand. */
export class Fleet {
  readonly #transporters = new Map<string, Transporter>();
  readonly #loads = new Map<string, Load>();

  changed(transporter: Transporter): void {
    this.#transporters.set(transporter.transporterId, transporter);
    const load = this.#load(transporter.transporterId);
    load.reports += 1;
    load.sinceReport = 0;
  }

  /** It is not offered anything any more; what ran on it still counts until it has ended. */
  gone(transporterId: string): void {
    this.#transporters.delete(transporterId);
    this.#forgetIdle(transporterId);
  }

  /** Returns the number of the Transporter's last report, for `takenBack`. */
  started(transporterId: string, alone: boolean): number {
    const load = this.#load(transporterId);
    load.running += 1;
    load.alone += alone ? 1 : 0;
    load.sinceReport += 1;
    return load.reports;
  }

  /** A task that `started` at that report has never reached the Transporter: its slot is as free as it was. */
  takenBack(transporterId: string, alone: boolean, report: number | undefined): void {
    const load = this.#load(transporterId);
    if (load.reports === report) load.sinceReport -= 1;
    this.ended(transporterId, alone);
  }

  ended(transporterId: string, alone: boolean): void {
    const load = this.#load(transporterId);
    load.running -= 1;
    load.alone -= alone ? 1 : 0;
    this.#forgetIdle(transporterId);
  }

  /** Whether any Transporter has a slot to give: if not, there is nothing to choose. */
  hasFreeSlot(): boolean {
    for (const transporter of this.#transporters.values()) if (this.#freeSlots(transporter) > 0) return true;
    return false;
  }

  /** The least loaded Transporter (then the first by id) that can start such a task now, of those not `keptClear`. */
  bestFor(demand: Demand, keptClear: ReadonlySet<string>): string | undefined {
    let best: { id: string; load: number } | undefined;
    for (const transporter of this.#transporters.values()) {
      const id = transporter.transporterId;
      if (keptClear.has(id) || mismatch(transporter, demand) !== undefined || !this.#canStart(transporter, demand))
        continue;
      const load = this.#load(id).running / transporter.capacity;
      if (best === undefined || load < best.load || (load === best.load && id < best.id)) best = { id, load };
    }
    return best?.id;
  }

  /**
   * The Transporter to keep clear for a task that needs one for itself when none is idle: the one with the fewest running
   * tasks (then the first by id). Without that, busy Transporters would never be idle and it would wait for ever.
   */
  toKeepClearFor(demand: Demand, keptClear: ReadonlySet<string>): string | undefined {
    let best: { id: string; running: number } | undefined;
    for (const transporter of this.#transporters.values()) {
      const id = transporter.transporterId;
      if (keptClear.has(id) || mismatch(transporter, demand) !== undefined) continue;
      const { running } = this.#load(id);
      if (best === undefined || running < best.running || (running === best.running && id < best.id)) {
        best = { id, running };
      }
    }
    return best?.id;
  }

  /** How many of the known Transporters stand in what way to a demand; for explaining why a task waits. */
  census(demand: Demand): FleetCensus {
    const census: FleetCensus = { known: this.#transporters.size, mismatched: {}, suitable: 0, ready: 0 };
    for (const transporter of this.#transporters.values()) {
      const reason = mismatch(transporter, demand);
      if (reason !== undefined) census.mismatched[reason] = (census.mismatched[reason] ?? 0) + 1;
      else census.suitable += 1;
      if (reason === undefined && this.#canStart(transporter, demand)) census.ready += 1;
    }
    return census;
  }

  #canStart(transporter: Transporter, demand: Demand): boolean {
    if (this.#freeSlots(transporter) <= 0) return false;
    return !demand.alone || this.#load(transporter.transporterId).running === 0;
  }

  /** The smaller of what it says and what we know: its account and our grants may cross on the way. */
  #freeSlots(transporter: Transporter): number {
    const { running, alone, sinceReport } = this.#load(transporter.transporterId);
    if (transporter.draining || alone > 0) return 0;
    return Math.min(transporter.capacity - running, transporter.freeSlots - sinceReport);
  }

  #load(transporterId: string): Load {
    let load = this.#loads.get(transporterId);
    if (load === undefined)
      this.#loads.set(transporterId, (load = { running: 0, alone: 0, reports: 0, sinceReport: 0 }));
    return load;
  }

  #forgetIdle(transporterId: string): void {
    if (!this.#transporters.has(transporterId) && this.#load(transporterId).running === 0)
      this.#loads.delete(transporterId);
  }
}

export interface FleetCensus {
  /** Transporters that are connected. */
  known: number;
  /** Those that can never take it, by reason. */
  mismatched: Partial<Record<Mismatch, number>>;
  /** Those that could, if they had room. */
  suitable: number;
  /** Those that could at once. */
  ready: number;
}
