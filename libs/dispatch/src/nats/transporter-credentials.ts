import { encodeUser, type Permission } from '@nats-io/jwt';
import { fromPublic, fromSeed } from '@nats-io/nkeys';
import { Failure, Secret } from '@backhaul/domain';
import { dispatchNames } from '../names.ts';

export interface TransporterCredentialsOptions {
  /** Seed of a signing key of the account (`SA…`). */
  accountSigningSeed: Secret;
  /** The account's own public key (`A…`); needed when the seed is that of a signing key, not of the account itself. */
  accountPublicKey?: string;
  installation: string;
  transporterId: string;
  /** Public nkey (`U…`) that the Transporter made for itself; its seed never leaves it. */
  userPublicKey: string;
}

/**
 * A user JWT that lets one Transporter do what it must, and nothing that would disturb others beyond leases.
 * @throws Failure `invalid-input` naming the field.
 */
export async function mintTransporterCredentials(options: TransporterCredentialsOptions): Promise<string> {
  const { installation, transporterId, userPublicKey, accountPublicKey } = options;
  const permissions = transporterPermissions(installation, transporterId);
  const user = readKey('userPublicKey', 'U', () => fromPublic(userPublicKey));
  const issuer = readKey('accountSigningSeed', 'A', () =>
    fromSeed(new TextEncoder().encode(options.accountSigningSeed.reveal())),
  );
  return accountPublicKey === undefined
    ? encodeUser(transporterId, user, issuer, permissions)
    : encodeUser(transporterId, user, accountPublicKey, permissions, { signer: issuer });
}

/** What a Transporter may publish and where it may listen; everything else is refused. */
export function transporterPermissions(
  installation: string,
  transporterId: string,
): { pub: Pick<Permission, 'allow'>; sub: Pick<Permission, 'allow'> } {
  const names = dispatchNames(installation);
  const { tasks, leases } = names.streams;
  const consumer = names.taskConsumer(transporterId);
  const anyTask = (subject: string) => subject.replace(/[^.]+$/, '*');
  return {
    pub: {
      allow: [
        anyTask(names.result(transporterId, '_')),
        anyTask(names.event(transporterId, '_')),
        names.want(transporterId),
        names.lend(transporterId),
        names.all.leaseKeys,
        `$JS.API.CONSUMER.MSG.NEXT.${tasks}.${consumer}`,
        `$JS.ACK.${tasks}.${consumer}.>`,
        `$JS.API.STREAM.MSG.GET.${leases}`,
      ],
    },
    sub: {
      allow: [`${names.inbox(transporterId)}.>`, anyTask(names.task(transporterId, '_')), names.control(transporterId)],
    },
  };
}

/** The text of a credentials file, as `connectNats` takes it. */
export function credentialsText(jwt: string, userSeed: Secret): Secret {
  const block = (title: string, text: string) => `-----BEGIN ${title}-----\n${text}\n------END ${title}------\n`;
  return new Secret(`${block('NATS USER JWT', jwt)}\n${block('USER NKEY SEED', userSeed.reveal())}`);
}

function readKey<Key extends { getPublicKey(): string }>(field: string, prefix: 'U' | 'A', read: () => Key): Key {
  try {
    const key = read();
    if (key.getPublicKey().startsWith(prefix)) return key;
  } catch {
    // The library's message may hold the key.
  }
  throw new Failure('invalid-input', {
    code: 'dispatch.nkey-invalid',
    message: `${field} is not an nkey that begins with ${prefix === 'A' ? 'SA' : 'U'}.`,
    retry: 'never',
    where: { field },
  });
}
