export interface SimulatorSettings {
  /** Added to every Graph request, in ms. Default 0. */
  latencyMs: number;
  limits: {
    /** Requests at once per application and mailbox. Default 4; 0 = no limit. */
    concurrentPerMailbox: number;
    /** Requests per application and mailbox in the window. Default 10,000; 0 = no limit. */
    requestsPerWindow: number;
    /** Default 600. */
    windowSeconds: number;
    /** Bytes uploaded (POST, PUT, PATCH) per application and mailbox in 5 minutes. Default 0 = no limit (Microsoft: 150 MB). */
    uploadBytesPer5Minutes: number;
    /** Retry-After of an answer to too many concurrent requests, in seconds. Default 2. */
    retryAfterSeconds: number;
  };
  /** A request is early only when it comes later than this after the refusal was sent: it may have been on its way. Default 250. */
  earlyGraceMs: number;
  /** Life of new access tokens. Default 3599. */
  tokenLifetimeSeconds: number;
  /** How many of the newest change-tracking links of a folder are remembered. Default 0 = all. */
  deltaGenerations: number;
}

/** Any part of {@link SimulatorSettings}. */
export type SettingsPatch = Partial<Omit<SimulatorSettings, 'limits'>> & {
  limits?: Partial<SimulatorSettings['limits']>;
};
