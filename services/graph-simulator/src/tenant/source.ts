import type { BytesKind } from '../generate/bytes.ts';
import type { Language } from '../generate/languages.ts';

/** Where bytes are: made from a seed when they are read, in the content file of the state folder, or here. */
export type ByteSource =
  | { from: 'seed'; seed: number; size: number; kind: BytesKind }
  | PieceSource
  | { from: 'pieces'; pieces: PieceSource[]; size: number }
  | { from: 'text'; text: string };

/** A run of bytes in the content file. */
export interface PieceSource {
  from: 'file';
  offset: number;
  size: number;
}

/** A body's characters; `seed` bodies are an opening sentence in a language and as much plain text as `size` asks for. */
export type TextSource =
  | { from: 'seed'; seed: number; size: number; language: Language; html: boolean; inlineIds: string[] }
  | { from: 'file'; offset: number; size: number }
  | { from: 'text'; text: string };
