import type { OfferSender, Want } from '@backhaul/dispatch';
import type { Clock } from '@backhaul/domain';
import type { CoreLogger } from '../core/director-core.ts';
import { followBoot, hasTwin, isSilent, type Followed } from './follow-boot.ts';
import type { Enrolled, Presence } from './presence.store.ts';

/** A process start of a Transporter that can be given work. */
export interface AvailableTransporter {
  transporterId: string;
  boot: string;
  /** Tasks at once, less those it is busy with that are none of ours any more. */
  slots: number;
  repositories: string[] | 'any';
}

export interface FleetOptions {
  clock: Clock;
  logger: CoreLogger;
  offers: OfferSender;
  /** True for a fence that runs; others that a Transporter says it works on occupy it without counting. */
  isRunning(fence: number): boolean;
  onAvailable(transporter: AvailableTransporter): void;
  onUnavailable(transporter: { transporterId: string; boot: string }): void;
}

/** After an offer that it did not take, a Transporter gets none for so long. */
const SET_ASIDE_MS = 10_000;

interface Member {
  followed: Followed;
  foreignTasks: number;
  /** The boot whose inbox is in order; null while it is being made. */
  inboxOf: string | null;
  asideUntilMs: number;
  /** What the scheduler was told last. */
  offered: string | null;
  isNews: boolean;
}

/** Which Transporters can be given work, from what they say and what the database says of them. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #members = new Map<string, Member>();
  #enrolled = new Map<string, Enrolled>();

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Takes in who is enrolled, draining or revoked. */
  enrolled(all: Enrolled[]): void {
    this.#enrolled = new Map(all.map((one) => [one.transporterId, one]));
    this.refresh();
  }

  isRevoked(transporterId: string): boolean {
    return this.#enrolled.get(transporterId)?.revoked === true;
  }

  /** Takes in a want. Nobody hears of one from a Transporter that is not enrolled. */
  hear(want: Want): void {
    const { transporterId } = want;
    const nowMs = this.#options.clock.monotonicMs();
    const known = this.#members.get(transporterId);
    const followed = followBoot(known?.followed ?? null, want, nowMs);
    const isFollowed = followed.want === want;
    const hadTwin = known !== undefined && hasTwin(known.followed, nowMs);
    if (known !== undefined && known.followed.want.boot !== followed.want.boot) this.#withdraw(transporterId, known);
    const member = known ?? {
      followed,
      foreignTasks: 0,
      inboxOf: null,
      asideUntilMs: 0,
      offered: null,
      isNews: true,
    };
    member.followed = followed;
    member.isNews = true;
    if (isFollowed) member.foreignTasks = want.running.filter(({ fence }) => !this.#options.isRunning(fence)).length;
    this.#members.set(transporterId, member);
    if (!hadTwin && hasTwin(followed, nowMs)) this.#warnOfTwin(transporterId, followed);
    if (isFollowed && member.inboxOf !== want.boot) void this.#makeInbox(transporterId, member, want.boot);
    this.#apply(transporterId, member);
  }

  /** Gives a Transporter nothing for a while, and makes its inbox anew: it did not take what it was offered. */
  setAside(transporterId: string): void {
    const member = this.#members.get(transporterId);
    if (member === undefined) return;
    member.asideUntilMs = this.#options.clock.monotonicMs() + SET_ASIDE_MS;
    member.inboxOf = null;
    this.#apply(transporterId, member);
  }

  /** The store of messages was made anew: every inbox must be, too. */
  inboxesLost(): void {
    for (const member of this.#members.values()) member.inboxOf = null;
  }

  /** Looks at the time: who fell silent, who may work again. */
  refresh(): void {
    for (const [transporterId, member] of this.#members) this.#apply(transporterId, member);
  }

  /** Who was heard since the last call, for the database. */
  takeNews(): Presence[] {
    const nowMs = this.#options.clock.monotonicMs();
    const news: Presence[] = [];
    for (const [transporterId, member] of this.#members) {
      if (!member.isNews || !this.#enrolled.has(transporterId)) continue;
      member.isNews = false;
      const { want, other } = member.followed;
      news.push({
        transporterId,
        boot: want.boot,
        slots: want.slots,
        programVersion: want.version,
        twinBoot: hasTwin(member.followed, nowMs) && other !== null ? other.boot : null,
      });
    }
    return news;
  }

  #apply(transporterId: string, member: Member): void {
    const nowMs = this.#options.clock.monotonicMs();
    const enrolled = this.#enrolled.get(transporterId);
    const { want } = member.followed;
    const canWork =
      enrolled !== undefined &&
      !enrolled.revoked &&
      !enrolled.draining &&
      !want.draining &&
      !isSilent(member.followed, nowMs) &&
      member.inboxOf === want.boot &&
      member.asideUntilMs <= nowMs;
    if (!canWork) return this.#withdraw(transporterId, member);
    const slots = Math.max(0, want.slots - member.foreignTasks);
    const available = { transporterId, boot: want.boot, slots, repositories: want.repositories };
    const told = JSON.stringify(available);
    if (member.offered === told) return;
    member.offered = told;
    this.#options.onAvailable(available);
  }

  #withdraw(transporterId: string, member: Member): void {
    if (member.offered === null) return;
    const { boot } = JSON.parse(member.offered) as AvailableTransporter;
    member.offered = null;
    this.#options.onUnavailable({ transporterId, boot });
  }

  async #makeInbox(transporterId: string, member: Member, boot: string): Promise<void> {
    try {
      await this.#options.offers.ensureInbox(transporterId, boot);
      if (member.followed.want.boot !== boot) return;
      member.inboxOf = boot;
      this.#apply(transporterId, member);
    } catch (error) {
      // The next want tries again.
      this.#options.logger.warn(
        { transporterId, error: String(error) },
        'the inbox of a Transporter could not be made',
      );
    }
  }

  #warnOfTwin(transporterId: string, { want, other }: Followed): void {
    this.#options.logger.warn(
      { transporterId, followed: want.boot, refused: other?.boot },
      'two living processes use the identity of one Transporter; the second gets no work: enrol it anew',
    );
  }
}
