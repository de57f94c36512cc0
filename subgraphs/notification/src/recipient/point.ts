import { createPublicKey } from 'node:crypto';

const POINT_BYTES = 65;

/** Whether a text is a public key as browsers give it: an uncompressed point on P-256, base64url. */
export function isPoint(text: string): boolean {
  if (!/^[A-Za-z0-9_-]+={0,2}$/.test(text)) return false;
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== POINT_BYTES || bytes[0] !== 4) return false;
  const [x, y] = [bytes.subarray(1, 33), bytes.subarray(33)].map((half) => half.toString('base64url')) as [
    string,
    string,
  ];
  try {
    return Boolean(createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' }));
  } catch {
    return false; // not on the curve
  }
}
