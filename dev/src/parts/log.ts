import { readFileSync } from 'node:fs';

/** The end of a part's log, indented for a message. */
export const lastLines = (logFile: string, count = 20): string => {
  const text = readFileSync(logFile, 'utf8').trimEnd();
  if (text === '') return '    (its log is empty)';
  return text
    .split('\n')
    .slice(-count)
    .map((line) => `    ${line}`)
    .join('\n');
};
