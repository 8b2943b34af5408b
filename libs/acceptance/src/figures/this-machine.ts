import { availableParallelism, totalmem } from 'node:os';

/** What figures were measured on. */
export interface Machine {
  node: string;
  cores: number;
  memoryBytes: number;
  platform: string;
}

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  return {
    node: process.version,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
  };
}
