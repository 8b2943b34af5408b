/** One thing that is not as the tenant's own truth says. */
export interface Difference {
  /** Principal name of the mailbox. */
  mailbox: string;
  /** Id of the message or folder; `''` for the mailbox itself. */
  item: string;
  problem: string;
}

/** What a comparison has looked at, and what it found. */
export interface Comparison {
  messages: number;
  folders: number;
  /** Bytes of content read for it. */
  bytes: number;
  differences: Difference[];
}

/** Several comparisons as one. */
export function sumComparisons(comparisons: Comparison[]): Comparison {
  return {
    messages: comparisons.reduce((sum, one) => sum + one.messages, 0),
    folders: comparisons.reduce((sum, one) => sum + one.folders, 0),
    bytes: comparisons.reduce((sum, one) => sum + one.bytes, 0),
    differences: comparisons.flatMap((one) => one.differences),
  };
}
