import { refusedField } from './field.ts';

/** A closed set of words of the domain and the numbers that stand for them on the wire. */
export interface WordTable<Word extends string, Code extends number> {
  /** The number of a word; every word has one. */
  toWire(word: Word, path: string): Code;
  /** The word of a number. @throws Failure `invalid-input`, `wire.unknown-value`, when a newer or foreign sender uses one we do not know. */
  fromWire(code: Code, path: string): Word;
}

/** Makes a table both ways from one; the compiler asks for an entry when a word is added to the domain. */
export function wordTable<Word extends string, Code extends number>(
  codes: Readonly<Record<Word, Code>>,
): WordTable<Word, Code> {
  const byWord = new Map<string, Code>(Object.entries<Code>(codes));
  const byCode = new Map<number, Word>([...byWord].map(([word, code]) => [code, word as Word]));
  return {
    toWire: (word, path) => known(byWord.get(word), word, path),
    fromWire: (code, path) => known(byCode.get(code), code, path),
  };
}

function known<T>(found: T | undefined, value: string | number, path: string): T {
  if (found !== undefined) return found;
  throw refusedField('wire.unknown-value', path, `${path} has the unknown value ${JSON.stringify(value)}.`);
}
