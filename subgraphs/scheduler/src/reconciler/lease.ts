import type { Documents } from '@todo/service/documents';
import { StaleState } from '@todo/service/state';

/** Who may run, and until when: one document. */
type Lease = { holder: string; until: string };

const KEY = 'lease-reconciler';
/** A holder that is gone is waited for so long. */
const LEASE_MS = 30_000;

/**
 * Takes the lease, or holds on to it: false where another holder's has not run out. Clocks that differ, or a holder that
 * pauses, may let two run at once: what they do must bear that.
 */
export async function holdLease(documents: Documents, holder: string): Promise<boolean> {
  const known = await documents.get<Lease>(KEY);
  if (known && known.value.holder !== holder && Date.parse(known.value.until) > Date.now()) return false;
  const value: Lease = { holder, until: new Date(Date.now() + LEASE_MS).toISOString() };
  return written(documents, value, known?.etag);
}

/** Lets others run, where this holder has the lease still. */
export async function releaseLease(documents: Documents, holder: string): Promise<void> {
  const known = await documents.get<Lease>(KEY);
  if (known?.value.holder !== holder) return;
  await written(documents, { holder, until: new Date(0).toISOString() }, known.etag);
}

async function written(documents: Documents, value: Lease, etag: string | undefined): Promise<boolean> {
  try {
    await documents.save(
      etag === undefined ? { op: 'create', key: KEY, value } : { op: 'replace', key: KEY, value, etag },
    );
    return true;
  } catch (error) {
    if (error instanceof StaleState) return false; // somebody else was faster
    throw error;
  }
}
