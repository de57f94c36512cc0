import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

const FILE = 'bench/results.md';

/** Puts what the command that runs came to into bench/results.md, in place of what was there under that title. */
export function writeSection(title: string, text: string): void {
  const { stdout } = spawnSync('uname', ['-sr'], { encoding: 'utf8' });
  const machine = `${cpus().length} cores of ${cpus()[0]?.model.trim()}, ${stdout.trim()}, Node ${process.version}`;
  const load = loadavg().map((minutes) => minutes.toFixed(1));
  const script = process.env['npm_lifecycle_event'] ?? process.argv[1];
  const command = `npm run ${script} -- ${process.argv.slice(2).join(' ')}`;
  const about = `    ${command}\n\n${machine}; load average at the end ${load.join(', ')}.`;
  writeFileSync(FILE, replaceSection(readFileSync(FILE, 'utf8'), title, `${about}\n\n${text}`));
}

/** A document with a section of that title in place of the one before, or at its end. */
function replaceSection(document: string, title: string, text: string): string {
  const sections = document.split(/^(?=## )/m).filter((section) => !section.startsWith(`## ${title}\n`));
  return `${sections.join('').trimEnd()}\n\n## ${title}\n\n${text}\n`;
}
