import { ServerUnavailable } from './unavailable.ts';

/** Where a server comes from: an address that was given, a container, or a process of our own. */
export type Provider = 'given' | 'containers' | 'embedded';

/** What decides where a server comes from. */
export interface ProviderChoice {
  /** An address that was given; empty counts as none. */
  url?: string | undefined;
  /** A folder in which the server's data shall stay; it asks for a process of our own. */
  folder?: string | undefined;
  /** The setting TEST_BACKEND: `containers`, `embedded`, or `auto` (default). */
  backend?: string | undefined;
  /** Whether a Docker engine answers; asked only when it matters. */
  engineAnswers: () => Promise<boolean>;
}

/**
 * The providers to try, in order. More than one only for `auto` with a Docker engine, where an image may be out of reach.
 * `containers` never falls back. Throws ServerUnavailable for an unknown setting, or for `containers` without an engine.
 */
export async function providersToTry(choice: ProviderChoice): Promise<Provider[]> {
  if (choice.url) return ['given'];
  if (choice.folder !== undefined) return ['embedded'];
  switch (choice.backend ?? 'auto') {
    case 'embedded':
      return ['embedded'];
    case 'containers':
      if (await choice.engineAnswers()) return ['containers'];
      throw new ServerUnavailable(
        'TEST_BACKEND=containers, but no Docker engine answers. Start one, or set TEST_BACKEND=embedded.',
      );
    case '':
    case 'auto':
      return (await choice.engineAnswers()) ? ['containers', 'embedded'] : ['embedded'];
    default:
      throw new ServerUnavailable(`TEST_BACKEND=${choice.backend} is not known. Use auto, containers or embedded.`);
  }
}
