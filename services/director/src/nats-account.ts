import { Failure, type Secret } from '@backhaul/domain';
import { parseCreds } from '@nats-io/jwt';

/**
 * The public key of the NATS account that a .creds file belongs to, whoever signed it: the account's own key or a signing
 * key of it. Credentials for others must name the same account.
 * @throws Failure `invalid-input` (`settings.invalid`) when the text is no .creds file.
 */
export async function accountPublicKeyOf(credentials: Secret): Promise<string> {
  try {
    const { aid } = await parseCreds(new TextEncoder().encode(credentials.reveal()));
    return aid;
  } catch {
    throw new Failure('invalid-input', {
      code: 'settings.invalid',
      message: 'BACKHAUL_NATS_CREDENTIALS is not the text of a .creds file.',
      hint: 'Name the file that was made for the Director in BACKHAUL_NATS_CREDENTIALS_FILE.',
      retry: 'never',
      where: { field: 'BACKHAUL_NATS_CREDENTIALS' },
    });
  }
}
