import type { ProblemEntries } from './problem-entry.ts';

/** What can be wrong with repositories and what lies in them. */
export const REPOSITORY_PROBLEMS: ProblemEntries = {
  'repository.not-found': ['not-found', 'There is no such repository.', 'List the repositories.'],
  'repository.name-taken': ['conflict', 'There is a repository of this name.', 'Choose another name.'],
  'repository.known-already': [
    'conflict',
    'This repository is connected already.',
    'Use it, or choose another folder.',
  ],
  'repository.folder-invalid': [
    'invalid-input',
    'The folder is not an absolute path, or no folder.',
    'Give the whole path of a folder.',
  ],
  'repository.folder-not-allowed': [
    'invalid-input',
    'The folder is not below one of `BACKHAUL_REPOSITORY_ROOTS`.',
    'Choose one that is, or change that setting.',
  ],
  'repository.folder-missing': ['not-found', 'There is no such folder.', 'Name the folder of an existing repository.'],
  'repository.folder-unfit': [
    'unsupported-format',
    'The file system cannot do what a repository needs (conditional creation of files).',
    'Choose a folder on another file system.',
  ],
  'repository.not-writable': [
    'not-writable',
    'The Director cannot write there.',
    'Give its user the right to, or choose another folder.',
  ],
  'repository.no-space': ['no-space', 'The disk is full.', 'Free space or choose another disk.'],
  'repository.not-empty': ['conflict', 'The folder is not empty.', 'Choose an empty folder.'],
  'repository.exists': ['conflict', 'There is a repository in the folder already.', 'Attach it with its password.'],
  'repository.none': ['not-found', 'There is no repository in the folder.', 'Check the path, or create one.'],
  'repository.foreign': [
    'unsupported-format',
    'What lies in the folder is no Backhaul repository.',
    'Choose another folder.',
  ],
  'repository.unsupported-format': [
    'unsupported-format',
    'A newer program wrote this repository.',
    'Use that version of the program, or a newer one.',
  ],
  'repository.wrong-password': [
    'wrong-key',
    'The password does not open the repository.',
    'Enter the one it was made with.',
  ],
  'repository.wrong-keys': [
    'wrong-key',
    'The stored keys are not those of the repository that lies in its folder now.',
    'Put the right repository back, or attach the other one by itself.',
  ],
  'repository.keys-malformed': ['wrong-key', 'The stored keys cannot be used.', 'Attach the repository again.'],
  'repository.unreachable': [
    'unreachable',
    'The repository is not in its folder.',
    'Mount its disk on the host of the Director, or put the folder back.',
  ],
  'repository.no-such-point': [
    'not-found',
    'The repository does not hold this point any more.',
    'Choose another point; run a check of the repository.',
  ],
  'repository.corrupt': [
    'corrupt',
    'Stored data is damaged; nothing wrong is shown.',
    'Run a check; restore the damaged file from a copy of the repository.',
  ],
  'repository.cache-full': [
    'no-space',
    'The disk of the index cache is full.',
    'Free space, or choose another folder.',
  ],
  'repository.cache-unusable': ['not-writable', 'The index cache cannot be written.', 'Make its folder writable.'],
  'repository.check-running': ['conflict', 'A check of this repository is at work.', 'Wait for its end.'],
  'repository.check-not-found': ['not-found', 'There is no such check; a restart forgets them.', 'Start another.'],
  'blob-store.unavailable': [
    'unavailable',
    'The disk of the repository does not answer.',
    'Look at the disk; try again.',
  ],
  'blob-store.not-found': ['not-found', 'A file of the repository is gone.', 'Run a check of the repository.'],
  'blob-store.too-short': ['corrupt', 'A file of the repository was cut off.', 'Run a check of the repository.'],
};

/** Codes that whoever opens a repository and reads in it may meet. */
export const READING_CODES: readonly string[] = [
  'repository.unreachable',
  'repository.unsupported-format',
  'repository.foreign',
  'repository.none',
  'repository.wrong-keys',
  'repository.keys-malformed',
  'repository.no-such-point',
  'repository.corrupt',
  'repository.cache-full',
  'repository.cache-unusable',
  'blob-store.unavailable',
  'blob-store.not-found',
  'blob-store.too-short',
  'secret.wrong-key',
  'secret.corrupt',
];
