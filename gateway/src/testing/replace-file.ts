import { rename, writeFile } from 'node:fs/promises';

/** Puts another file in a file's place, so that whoever reads it gets the one or the other, never half of it. */
export async function replaceFile(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}
