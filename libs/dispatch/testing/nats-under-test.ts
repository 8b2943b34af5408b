import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createUser } from '@nats-io/nkeys';
import type { NatsConnection } from '@nats-io/transport-node';
import { Secret, systemClock } from '@backhaul/domain';
import { directorCredentials, type NatsServer } from '@backhaul/local-servers';
import {
  connectNats,
  createSealingKeys,
  createSigningKeys,
  credentialsText,
  dispatchNames,
  mintTransporterCredentials,
  openDirectorDispatch,
  openTransporterDispatch,
  type DirectorDispatchOptions,
  type JsonWebKey,
  type NatsDirectorDispatch,
} from '../src/index.ts';
import type { DispatchUnderTest } from './dispatch-under-test.ts';

/** An installation of its own on a real server; Transporters connect with the credentials they would be given. */
export interface NatsUnderTest extends DispatchUnderTest {
  director: NatsDirectorDispatch;
  installation: string;
  directorConnection: NatsConnection;
  /** A further connection with a Transporter's credentials and nothing above it. */
  connectTransporter(transporterId: string): Promise<NatsConnection>;
  /** Another Director process on the same installation. */
  openDirector(options?: Partial<DirectorDispatchOptions>): Promise<NatsDirectorDispatch>;
}

export interface NatsUnderTestOptions {
  /** Default 1,500 ms, so that a lease can be seen to lapse. */
  leaseTimeMs?: number;
  onStoreReplaced?: DirectorDispatchOptions['onStoreReplaced'];
}

/** Opens a new installation on `server`. */
export async function openNatsDispatch(server: NatsServer, options: NatsUnderTestOptions = {}): Promise<NatsUnderTest> {
  const installation = `test-${randomBytes(6).toString('hex')}`;
  const { leaseTimeMs = 3_000, onStoreReplaced } = options;
  const names = dispatchNames(installation);
  const signing = createSigningKeys();
  const connections: NatsConnection[] = [];
  const enrolled = new Map<string, { privateKey: Secret<JsonWebKey>; publicKey: JsonWebKey }>();
  const clock = systemClock();
  let incarnation = 0;

  const connectAs = async (name: string, credentials: Secret, inboxPrefix: string) => {
    const connection = await connectNats({ servers: server.url, name, credentials, inboxPrefix });
    connections.push(connection);
    return connection;
  };
  const connectDirector = async () => connectAs('director', await credentialsOfDirector(server), names.directorInbox());
  const connectTransporter = async (transporterId: string) =>
    connectAs(
      transporterId,
      await transporterCredentials(server, installation, transporterId),
      names.inbox(transporterId),
    );
  const openDirector = async (more: Partial<DirectorDispatchOptions> = {}) =>
    openDirectorDispatch({
      connection: await connectDirector(),
      installation,
      signingKey: signing.privateKey,
      nextIncarnation: async () => (incarnation += 1),
      leaseTimeMs,
      clock,
      ...more,
    });

  const directorConnection = await connectDirector();
  const director = await openDirector({ connection: directorConnection, ...(onStoreReplaced && { onStoreReplaced }) });
  return {
    installation,
    directorConnection,
    director,
    connectTransporter,
    openDirector,
    async transporter(transporterId, boot) {
      const keys = enrolled.get(transporterId) ?? (await createSealingKeys());
      enrolled.set(transporterId, keys);
      return openTransporterDispatch({
        connection: await connectTransporter(transporterId),
        installation,
        transporterId,
        boot,
        directorKey: signing.publicKey,
        sealingKey: keys.privateKey,
        leaseTimeMs,
        clock,
      });
    },
    sealingKeyOf: async (transporterId) => enrolled.get(transporterId)?.publicKey ?? null,
    clock,
    leaseTimeMs,
    passTime: (ms) => delay(ms),
    async close() {
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
}

// Making keys and signing takes a while in the client library, so these are made once.
const directorsOf = new WeakMap<NatsServer, Promise<Secret>>();
const transporterUser = createUser();

function credentialsOfDirector(server: NatsServer): Promise<Secret> {
  const made = directorsOf.get(server) ?? directorCredentials(server.authority).then((text) => new Secret(text));
  directorsOf.set(server, made);
  return made;
}

/** Credentials of a Transporter, as enrolment would make them. */
export async function transporterCredentials(
  server: NatsServer,
  installation: string,
  transporterId: string,
): Promise<Secret> {
  const jwt = await mintTransporterCredentials({
    accountSigningSeed: new Secret(server.authority.accountSigningSeed),
    accountPublicKey: server.authority.accountPublicKey,
    installation,
    transporterId,
    userPublicKey: transporterUser.getPublicKey(),
  });
  return credentialsText(jwt, new Secret(new TextDecoder().decode(transporterUser.getSeed())));
}
