import cliProgress from 'cli-progress';

/** What of a run is shown while it goes on. */
export interface RunView {
  title: string;
  tasksTotal: number;
  tasksEnded: number;
  items: number;
  bytes: number;
  running: TaskView[];
}

export interface TaskView {
  id: string;
  name: string;
  items: number;
  /** Items expected in all; 0 while unknown. */
  expected: number;
  phase: string;
}

/** Shows a run while it goes on; call {@link RunDisplay.update} now and then. */
export interface RunDisplay {
  update(view: RunView): void;
  stop(): void;
}

/** Bars on a terminal, a line every few seconds elsewhere. */
export function showRun(out: NodeJS.WriteStream, now: () => number): RunDisplay {
  return out.isTTY ? bars(out, now) : lines(out, now);
}

function bars(out: NodeJS.WriteStream, now: () => number): RunDisplay {
  const multi = new cliProgress.MultiBar(
    { stream: out, hideCursor: true, clearOnComplete: true, format: ' {name} {bar} {value}/{total} {note}' },
    cliProgress.Presets.shades_classic,
  );
  const speed = speedometer(now);
  const total = multi.create(1, 0, { name: column('all tasks'), note: '' });
  const bars = new Map<string, cliProgress.SingleBar>();
  return {
    update(view) {
      total.setTotal(view.tasksTotal);
      total.update(view.tasksEnded, { name: column(view.title), note: `tasks · ${speed(view)}` });
      for (const [id, bar] of bars) {
        if (view.running.some((task) => task.id === id)) continue;
        multi.remove(bar);
        bars.delete(id);
      }
      for (const task of view.running) {
        const bar = bars.get(task.id) ?? multi.create(1, 0, { name: column(task.name), note: '' });
        bars.set(task.id, bar);
        bar.setTotal(Math.max(task.expected, task.items, 1));
        bar.update(task.items, { name: column(task.name), note: `items · ${task.phase}` });
      }
    },
    stop: () => multi.stop(),
  };
}

const LINE_EVERY_MS = 5000;

function lines(out: NodeJS.WriteStream, now: () => number): RunDisplay {
  const speed = speedometer(now);
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    update(view) {
      if (now() - shownAt < LINE_EVERY_MS) return;
      shownAt = now();
      const running = view.running.map((task) => `${task.name} ${task.items}/${task.expected || '?'}`).join(', ');
      out.write(`  ${view.title}: ${view.tasksEnded}/${view.tasksTotal} tasks · ${speed(view)} · ${running}\n`);
    },
    stop: () => undefined,
  };
}

/** "1,234 items, 56.7 MB, 321 items/s": the speed is the mean since the beginning. */
function speedometer(now: () => number): (view: RunView) => string {
  const startedAt = now();
  return (view) => {
    const seconds = Math.max((now() - startedAt) / 1000, 0.001);
    const megabytes = view.bytes / 1e6;
    return (
      `${view.items.toLocaleString('en')} items, ${megabytes.toFixed(1)} MB, ` +
      `${(view.items / seconds).toFixed(0)} items/s, ${(megabytes / seconds).toFixed(1)} MB/s`
    );
  };
}

const COLUMN_WIDTH = 22;

function column(text: string): string {
  return text.length > COLUMN_WIDTH ? `${text.slice(0, COLUMN_WIDTH - 1)}…` : text.padEnd(COLUMN_WIDTH);
}
