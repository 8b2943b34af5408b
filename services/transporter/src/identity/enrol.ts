import { Failure, type Secret } from '@backhaul/domain';
import { createSealingKeys } from '@backhaul/dispatch';
import { createUser } from '@nats-io/nkeys';
import { z } from 'zod';
import type { Identity } from './identity.ts';

const answerSchema = z.object({
  transporterId: z.uuid(),
  installation: z.string().min(1),
  natsCredentialsJwt: z.string().min(1),
  directorPublicKey: z.record(z.string(), z.unknown()),
});

const problemSchema = z.object({
  code: z.string(),
  title: z.string(),
  detail: z.string().optional(),
  hint: z.string().optional(),
});

export interface EnrolOptions {
  directorUrl: string;
  joinToken: Secret;
  name: string;
  /** How the request is sent; the process's `fetch` with the trusted authorities. */
  fetch: typeof fetch;
}

/**
 * Makes this Transporter's keys and has the Director enrol their public halves. The private halves never leave the host.
 * @throws Failure `forbidden` with the Director's own words when it refuses, `unreachable` when there is no answer,
 * `invalid-input` when what answers is no Director.
 */
export async function enrolTransporter(options: EnrolOptions): Promise<Identity> {
  const user = createUser();
  const sealing = await createSealingKeys();
  const response = await post(options, {
    joinToken: options.joinToken.reveal(),
    name: options.name,
    natsPublicKey: user.getPublicKey(),
    sealingKey: sealing.publicKey,
  });
  const answer = await readAnswer(response);
  return {
    transporterId: answer.transporterId,
    name: options.name,
    installation: answer.installation,
    directorPublicKey: answer.directorPublicKey,
    natsJwt: answer.natsCredentialsJwt,
    natsSeed: new TextDecoder().decode(user.getSeed()),
    sealingPrivateKey: sealing.privateKey.reveal(),
  };
}

async function readAnswer(response: Response): Promise<z.output<typeof answerSchema>> {
  const answer = answerSchema.safeParse(await response.json().catch(() => null));
  if (answer.success) return answer.data;
  const { origin } = new URL(response.url);
  throw new Failure('invalid-input', {
    code: 'transporter.no-director-there',
    message: `What answers at ${origin} is not a Director of this version.`,
    hint: 'Correct BACKHAUL_DIRECTOR_URL.',
    retry: 'never',
    where: { field: 'BACKHAUL_DIRECTOR_URL', url: origin },
  });
}

async function post(options: EnrolOptions, body: Record<string, unknown>): Promise<Response> {
  const address = new URL('/api/v1/transporters:enrol', options.directorUrl);
  const response = await options
    .fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
    })
    .catch((cause: unknown) => {
      throw new Failure('unreachable', {
        code: 'transporter.director-unreachable',
        message: `The Director at ${address.origin} does not answer.`,
        hint: 'Check BACKHAUL_DIRECTOR_URL, the network, and that its certificate is trusted (BACKHAUL_CA_FILE).',
        retry: 'later',
        where: { url: address.origin },
        cause,
      });
    });
  if (response.ok) return response;
  const problem = problemSchema.safeParse(await response.json().catch(() => null));
  throw new Failure('forbidden', {
    code: problem.success ? problem.data.code : 'transporter.enrolment-refused',
    message: problem.success
      ? (problem.data.detail ?? problem.data.title)
      : `The Director refused: ${response.status}.`,
    hint:
      (problem.success ? problem.data.hint : undefined) ?? 'Make a new join token and start the Transporter with it.',
    retry: 'never',
    where: { url: address.origin },
  });
}
