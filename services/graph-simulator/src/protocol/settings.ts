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
    /** Resource units of SharePoint and OneDrive per application in the window. Default 0 = no limit (Microsoft: 1,250 for up to 1,000 licences). */
    resourceUnitsPerWindow: number;
    /** Default 60. */
    resourceUnitWindowSeconds: number;
  };
  drives: {
    /** Life of pre-authenticated download addresses. Default 3600. */
    downloadUrlSeconds: number;
    /** Status of an expired download address: 401 (default), 403 or 404. */
    expiredDownloadStatus: number;
    /** An upload session ends when nothing comes for so long. Default 900. */
    uploadSessionSeconds: number;
    /** Life of upload addresses, whatever comes. Default 86,400. */
    uploadUrlSeconds: number;
    /** How many items of a delta page come again at the beginning of the next one. Default 0. */
    repeatedInDelta: number;
    /** 1: of a deleted folder, delta tells the folder alone, as some reports say. Default 0: all that lay below it, too. */
    omitDeletedDescendants: number;
    /** 1: an expired delta link asks to keep what the server has lost (`resyncChangesUploadDifferences`). Default 0: to trust the server. */
    resyncMayHaveLostData: number;
    /** 1: Office files grow when they are uploaded, as SharePoint writes into them; size and hash differ. Default 0. */
    rewriteOfficeFiles: number;
    /** 1: inherited permissions do not say where they come from, as is often so in business drives. Default 0. */
    omitInheritedFrom: number;
  };
  /** A request is early only when it comes later than this after the refusal was sent: it may have been on its way. Default 250. */
  earlyGraceMs: number;
  /** Life of new access tokens. Default 3599. */
  tokenLifetimeSeconds: number;
  /** How many of the newest change-tracking links of a folder are remembered. Default 0 = all. */
  deltaGenerations: number;
  /** 1: a changed or cancelled occurrence leaves the change key of its series as it was. Default 0: the series gets another. */
  keepSeriesKey: number;
  /** Most entries of a page, whatever is asked for: Graph may always give fewer. Default 0 = as documented. */
  pageSize: number;
  /** So far ahead of the host's is the clock of the tenant: dates, tokens and addresses follow it. Default 0. */
  clockAheadSeconds: number;
}

/** Any part of {@link SimulatorSettings}. */
export type SettingsPatch = Partial<Omit<SimulatorSettings, 'limits' | 'drives'>> & {
  limits?: Partial<SimulatorSettings['limits']>;
  drives?: Partial<SimulatorSettings['drives']>;
};
