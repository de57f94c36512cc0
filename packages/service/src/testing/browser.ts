import { ensureInstalled, pathOf } from './programs.ts';
import { chromium, type Browser } from 'playwright-core';

/** Keep it from speaking to anyone of its own accord. */
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts Chromium, or Chrome, with a profile of its own. Installs Chromium where root may (Debian), and says elsewhere what to install. */
export async function startBrowser(): Promise<Browser> {
  const installed = ['chromium', 'chromium-browser', 'google-chrome'].map(pathOf).find((path) => path !== undefined);
  if (installed === undefined) ensureInstalled('chromium');
  return chromium.launch({ executablePath: installed ?? (pathOf('chromium') as string), args: QUIET });
}
