import type { SeededRandom } from '@backhaul/repository/testing';
import type { System } from '../../src/system/start-system.ts';

/** A part of the system that can be killed and started again. */
export interface Victim {
  name: string;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

export type VictimName = 'a Transporter' | 'the Director' | 'nats-server' | 'PostgreSQL';

/** The victim of that name; which of the Transporters it is, is drawn. */
export function victimOf(system: System, name: VictimName, random: SeededRandom): Victim {
  switch (name) {
    case 'a Transporter': {
      const transporter = system.transporters[random.below(system.transporters.length)];
      if (transporter === undefined) throw new Error('There is no Transporter.');
      return { name: transporter.name, kill: () => transporter.kill(), start: () => transporter.restart() };
    }
    case 'the Director':
      return { name, kill: () => system.director.kill(), start: () => system.director.restart() };
    case 'nats-server':
      return { name, kill: () => system.nats.kill(), start: () => system.nats.start() };
    case 'PostgreSQL':
      return { name, kill: () => system.postgres.kill(), start: () => system.postgres.start() };
  }
}
