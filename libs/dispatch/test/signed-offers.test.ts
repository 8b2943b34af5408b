import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isFailure, Secret } from '@backhaul/domain';
import { createSigningKeys, publicSigningKey, signatureCheck, signer, type Signer } from '../src/index.ts';
import { offerGate, signOffer, type OfferGate, type SignedOffer } from '../src/signed-offer.ts';
import { offer } from '../testing/index.ts';

const keys = createSigningKeys();
const otherKeys = createSigningKeys();

describe('a Transporter', () => {
  let director: Signer;
  let gate: OfferGate;

  beforeEach(() => {
    director = signer('main', keys.privateKey);
    gate = offerGate(signatureCheck('main', keys.publicKey), 'north', 'boot-1');
  });

  test('believes what its Director signed for it', () => {
    const sent = offer();
    expect(gate.admit(signOffer(sent, director))).toEqual(sent);
    expect(gate.refused).toBe(0);
  });

  test.each<[what: string, forge: (signed: SignedOffer) => SignedOffer]>([
    ['without a signature', (signed) => ({ ...signed, signature: '' })],
    ['with a signature that is none', (signed) => ({ ...signed, signature: '!!!' })],
    ['signed by another key', () => signOffer(offer(), signer('main', otherKeys.privateKey))],
    ['of another installation', () => signOffer(offer(), signer('other', keys.privateKey))],
    [
      'signed as something else',
      ({ payload }) => ({ payload, signature: signer('main', keys.privateKey).sign('loan', payload) }),
    ],
    [
      'with the signature of another offer',
      (signed) => ({ ...signed, signature: signOffer(offer(), director).signature }),
    ],
    ['for another Transporter', () => signOffer(offer({ transporterId: 'south' }), director)],
    [
      'that is no offer, though signed',
      () => ({ payload: new Uint8Array([1, 2]), signature: director.sign('offer', new Uint8Array([1, 2])) }),
    ],
  ])('refuses and counts an offer %s', (_what, forge) => {
    expect(gate.admit(forge(signOffer(offer(), director)))).toBeNull();
    expect(gate.refused).toBe(1);
  });

  test('leaves an offer for another process start of its own to that process', () => {
    expect(gate.admit(signOffer(offer({ boot: 'boot-0' }), director))).toBe('other-process');
    expect(gate.admit(signOffer(offer({ boot: 'boot-0' }), signer('main', otherKeys.privateKey)))).toBeNull();
    expect(gate.refused).toBe(1);
  });

  test('takes each fence once, however often it is delivered', () => {
    const signed = signOffer(offer(), director);
    expect(gate.admit(signed)).not.toBeNull();
    expect(gate.admit(signed)).toBeNull();
    expect(gate.refused).toBe(1);
  });

  test('notices every changed byte: task, fence, slot, Transporter and boot are covered', () => {
    const signed = signOffer(offer(), director);
    fc.assert(
      fc.property(fc.nat({ max: signed.payload.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const payload = signed.payload.slice();
        payload[at] = payload[at]! ^ change;
        return gate.admit({ ...signed, payload }) === null;
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});

describe('signing keys', () => {
  test('give their public part again', () => {
    expect(publicSigningKey(keys.privateKey)).toBe(keys.publicKey);
  });

  test.each([
    ['nothing', ''],
    ['a text', 'not a key'],
    ['a public key in its place', keys.publicKey],
  ])('are refused when they are %s, and never quoted', (_what, text) => {
    let failure: unknown;
    try {
      signer('main', new Secret(text));
    } catch (error) {
      failure = error;
    }
    expect(isFailure(failure, 'wrong-key') && failure.code).toBe('dispatch.signing-key-invalid');
    if (text !== '') expect(JSON.stringify([String(failure), failure])).not.toContain(text);
  });
});
