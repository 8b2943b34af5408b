import { execFile } from 'node:child_process';

/**
 * Runs a program to its end and gives its standard output. It is looked for on the PATH of `env`. Rejects with the
 * program's own words when it cannot be started, fails, or takes longer than `timeoutMs`.
 */
export function runProgram(
  program: string,
  args: string[],
  { env, cwd, timeoutMs }: { env: NodeJS.ProcessEnv; cwd?: string; timeoutMs: number },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024, ...(cwd === undefined ? {} : { cwd }) };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const words = error.killed ? `took longer than ${timeoutMs / 1000} s` : stderr.trim() || error.message;
      reject(new Error(`${program}: ${words}`, { cause: error }));
    });
  });
}
