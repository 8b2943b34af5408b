import { describe, expect, test } from '@jest/globals';
import { startNats, startPostgres } from '../src/index.ts';
import { providersToTry } from '../src/provider.ts';

const up = () => Promise.resolve(true);
const down = () => Promise.resolve(false);
const unasked = () => Promise.reject(new Error('the engine must not be asked'));

describe('where a server comes from', () => {
  test.each([
    ['a given URL wins over everything', { url: 'x://y', backend: 'containers', engineAnswers: unasked }, ['given']],
    ['an empty URL counts as none', { url: '', backend: 'embedded', engineAnswers: unasked }, ['embedded']],
    ['a data folder asks for a process of our own', { folder: '/d', engineAnswers: unasked }, ['embedded']],
    ['embedded asks no engine', { backend: 'embedded', engineAnswers: unasked }, ['embedded']],
    ['auto without an engine is embedded', { backend: 'auto', engineAnswers: down }, ['embedded']],
    ['auto is the default', { engineAnswers: down }, ['embedded']],
    ['auto with an engine may fall back', { engineAnswers: up }, ['containers', 'embedded']],
    ['containers never falls back', { backend: 'containers', engineAnswers: up }, ['containers']],
  ])('%s', async (_, choice, expected) => {
    expect(await providersToTry(choice)).toEqual(expected);
  });

  test('containers without an engine fails', async () => {
    await expect(providersToTry({ backend: 'containers', engineAnswers: down })).rejects.toThrow(
      /no Docker engine answers/,
    );
  });

  test('an unknown setting is refused by name', async () => {
    const env = { TEST_BACKEND: 'docker' };
    await expect(startPostgres({ env })).rejects.toThrow(/TEST_BACKEND=docker is not known/);
    await expect(startNats({ env })).rejects.toThrow(/TEST_BACKEND=docker is not known/);
  });
});
