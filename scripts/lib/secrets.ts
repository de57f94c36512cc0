import { spawnSync } from 'node:child_process';

/** What credentials look like: by their issuers' prefixes, and by where they stand. */
const PATTERNS: [what: string, pattern: RegExp][] = [
  ['a private key', /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/],
  ['an AWS access key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['a GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{50,})\b/],
  ['an npm token', /\bnpm_[A-Za-z0-9]{36}\b/],
  ['a Slack token', /\bxox[abeprs]-[A-Za-z0-9-]{10,}/],
  ['a Google API key', /\bAIza[\w-]{35}\b/],
  ['a Stripe key', /\b[rs]k_live_[A-Za-z0-9]{16,}/],
  ['a SendGrid key', /\bSG\.[\w-]{16,}\.[\w-]{16,}/],
  ['a DigitalOcean token', /\bdo[opr]_v1_[a-f0-9]{64}\b/],
  ['an Apollo key', /\b(?:service|user):[\w-]+:[\w-]{16,}\b/],
  ['a webhook secret', /\bwhsec_[A-Za-z0-9+/=]{32,}/],
  ['a signed token', /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/],
  ['a private JWK', /"d"\s*:\s*"[\w-]{40,}"/],
  ['a password in a URL', /\b[a-z][a-z+]*:\/\/[^\s:/@$<{'"`]+:(?!password@)[^\s:/@$<{'"`]{8,}@/],
  ['a password', /(?:password|passwd|secret|api_?key|access_?token)["']?\s*[:=]\s*["'][A-Za-z0-9+/_=-]{24,}["']/i],
];

/** What a line of text has in it of credentials, by their kinds. */
export function secretsIn(line: string): string[] {
  return PATTERNS.filter(([, pattern]) => pattern.test(line)).map(([what]) => what);
}

/**
 * Looks through every line that any commit which can be reached ever added, and their messages. A shallow clone has only
 * its own.
 * @returns what was found, a line each with its commit and file, but not the secret itself; and how much was looked at
 */
export function secretsInHistory(): { problems: string[]; commits: number; lines: number } {
  const { stdout, status, stderr } = spawnSync(
    'git',
    ['log', '--all', '--patch', '--unified=0', '--no-color', '--no-ext-diff', '--text', '--format=%x00%H%n%B'],
    { encoding: 'utf8', maxBuffer: 2 ** 30 },
  );
  if (status !== 0) throw new Error(`git log failed: ${stderr}`);
  const problems = new Set<string>();
  let [commit, file, commits, lines] = ['', 'the message', 0, 0];
  for (const line of stdout.split('\n')) {
    if (line.startsWith('\0')) {
      commit = line.slice(1, 13);
      commits += 1;
      file = 'the message';
    } else if (line.startsWith('+++ ')) file = line.slice(6);
    else if (file === 'the message' || line.startsWith('+')) {
      lines += 1;
      for (const what of secretsIn(line)) problems.add(`${commit} ${file}: ${what}`);
    }
  }
  return { problems: [...problems], commits, lines };
}
