import { describe, expect, test } from '@jest/globals';
import { isFailure, Secret } from '@backhaul/domain';
import { createSealingKeys, createSigningKeys, openLoan, sealLoan, signatureCheck, signer } from '../src/index.ts';
import { answerLoanRequest, openLoanReply } from '../src/loan-exchange.ts';
import { encodeLoanRequest } from '@backhaul/wire';
import { loan } from '../testing/index.ts';

const request = { taskId: 'task-1', fence: 7, boot: 'boot-1', tokenRefused: false };

describe('a sealed loan', () => {
  test('is opened by who it was sealed for', async () => {
    const { privateKey, publicKey } = await createSealingKeys();
    const opened = await openLoan(await sealLoan(loan(), request, publicKey), request, privateKey);
    expect(opened.reveal()).toEqual(loan().reveal());
  });

  test('shows nothing of what is in it', async () => {
    const { publicKey } = await createSealingKeys();
    const sealed = await sealLoan(loan(), request, publicKey);
    const readable = sealed.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
    for (const secret of ['token-1', 'key-1', '/srv/repository']) expect(readable.join()).not.toContain(secret);
  });

  test.each([
    ['another task', { ...request, taskId: 'task-2' }],
    ['another attempt', { ...request, fence: 8 }],
  ])('is not opened for %s', async (_what, other) => {
    const { privateKey, publicKey } = await createSealingKeys();
    const sealed = await sealLoan(loan(), request, publicKey);
    expect(await kindOf(openLoan(sealed, other, privateKey))).toBe('wrong-key');
  });

  test('is not opened with another key, nor when a part was changed', async () => {
    const [mine, other] = [await createSealingKeys(), await createSealingKeys()];
    const sealed = await sealLoan(loan(), request, mine.publicKey);
    expect(await kindOf(openLoan(sealed, request, other.privateKey))).toBe('wrong-key');
    const parts = sealed.split('.');
    for (const [index, part] of parts.entries()) {
      const changed = parts.with(index, part.startsWith('A') ? `B${part.slice(1)}` : `A${part.slice(1)}`).join('.');
      expect(await kindOf(openLoan(changed, request, mine.privateKey))).toBe('wrong-key');
    }
  });

  test.each([
    {},
    { kty: 'RSA', n: 'x', e: 'AQAB' },
    { kty: 'OKP', crv: 'X25519', x: '!' },
    { kty: 'OKP', crv: 'Ed25519', x: 'x' },
  ])('is not made for a key like %j', async (publicKey) => {
    expect(await kindOf(sealLoan(loan(), request, publicKey))).toBe('wrong-key');
  });
});

describe('an answer to a loan request', () => {
  const director = createSigningKeys();
  const desk = async () => {
    const sealing = await createSealingKeys();
    const reply = await answerLoanRequest(encodeLoanRequest(request), 'north', {
      answer: async () => ({ granted: true, loan: loan() }),
      sealingKeyOf: async () => sealing.publicKey,
      signer: signer('main', director.privateKey),
    });
    return { reply, sealingKey: sealing.privateKey };
  };

  test("is believed with the Director's signature", async () => {
    const { reply, sealingKey } = await desk();
    const check = signatureCheck('main', director.publicKey);
    expect((await openLoanReply(reply, request, { check, sealingKey })).granted).toBe(true);
  });

  test('is not believed from anybody else, who could lead the backup elsewhere', async () => {
    const { reply, sealingKey } = await desk();
    const check = signatureCheck('main', createSigningKeys().publicKey);
    expect(await kindOf(openLoanReply(reply, request, { check, sealingKey }))).toBe('forbidden');
    const unsigned = { ...reply, signature: '' };
    const right = signatureCheck('main', director.publicKey);
    expect(await kindOf(openLoanReply(unsigned, request, { check: right, sealingKey }))).toBe('forbidden');
  });

  test('is not given for a malformed request', async () => {
    const answering = answerLoanRequest(new Uint8Array([255]), 'north', {
      answer: async () => ({ granted: true, loan: loan() }),
      sealingKeyOf: async () => null,
      signer: signer('main', director.privateKey),
    });
    expect(await kindOf(answering)).toBe('invalid-input');
  });
});

test('sealing keys do not show in logs', async () => {
  const { privateKey } = await createSealingKeys();
  expect(privateKey).toBeInstanceOf(Secret);
  expect(JSON.stringify({ privateKey })).toBe('{"privateKey":"[redacted]"}');
});

async function kindOf(promise: Promise<unknown>): Promise<string | null> {
  try {
    await promise;
    return null;
  } catch (error) {
    return isFailure(error) ? error.kind : 'crash';
  }
}
