import type { MeasuredRun } from './measure-run.ts';

/** The runs as a table in Markdown, as it stands in `docs/benchmarks.md`. */
export function figuresTable(runs: readonly MeasuredRun[]): string {
  const head = [
    ...['run', 'time', 'tasks/s', 'items/s', 'MB/s', 'requests'],
    ...['CPU: Transporter', 'Director', 'simulator', 'memory: Transporter', 'Director'],
  ];
  const rows = runs.map((run) => {
    const [director, transporter, simulator] = ['director', 'transporter-1', 'graph-simulator'].map(
      (name) => run.processes[name] ?? { cpuSeconds: 0, peakMemory: 0 },
    );
    return [
      run.name,
      `${run.seconds.toFixed(1)} s`,
      run.tasksPerSecond.toFixed(1),
      run.itemsPerSecond.toFixed(0),
      run.megabytesPerSecond.toFixed(1),
      run.requests.toLocaleString('en'),
      ...[transporter, director, simulator].map((usage) => `${(usage?.cpuSeconds ?? 0).toFixed(1)} s`),
      ...[transporter, director].map((usage) => `${((usage?.peakMemory ?? 0) / 1e6).toFixed(0)} MB`),
    ];
  });
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
