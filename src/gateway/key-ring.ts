// The key ring: seals vendor state for its way through a client, and opens it again. Promises AES-256-GCM with kind and
// version authenticated, a key file that only its owner can read, and that old keys still open what they sealed.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { access, chmod, link, mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { SEAL_PREFIX } from "../hub/seal.ts";
import type { Opened, Seal, SealContent, SealKind, Unseal } from "../hub/seal.ts";
import { asObject, asString, isObject, parseJson } from "../kit/json.ts";

/** Seals and opens. */
export interface KeyRing {
  seal: Seal;
  unseal: Unseal;
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ID_BYTES = 4;
/** The largest content of a seal, in bytes: over it a blob is hostile. */
const MAX_CONTENT = 64 * 1024 * 1024;

/** Opens `data_dir/keys.json`, or makes it at the first start. Throws an Error that names the file where it is unusable. */
export async function openKeyRing(dataDir: string): Promise<KeyRing> {
  const path = join(dataDir, "keys.json");
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const made = await createKeyFile(path);
  const text = made ?? (await readFile(path, "utf8"));
  if (made === null && process.platform !== "win32" && ((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600);
  return ringOf(text, path);
}

/**
 * Writes a new key file unless there is one; returns its text, or null. It appears whole or not at all, whatever stops us, and of several
 * that start at once one wins.
 */
async function createKeyFile(path: string): Promise<string | null> {
  if (await exists(path)) return null;
  const id = randomBytes(ID_BYTES).toString("hex");
  const text = `${JSON.stringify({ primary: id, keys: { [id]: randomBytes(KEY_BYTES).toString("base64") } }, null, 2)}\n`;
  const draft = `${path}.${randomBytes(ID_BYTES).toString("hex")}.tmp`;
  try {
    await writeSynced(draft, text);
    await putInPlace(draft, path, text);
    return text;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return null;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Codes of file systems without hard links. */
const NO_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"];

/** Unlike a rename, a link does not replace what another process has put there meanwhile: that is EEXIST. */
async function putInPlace(draft: string, path: string, text: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (error) {
    if (!NO_LINKS.some((code) => hasCode(error, code))) throw error;
    await writeSynced(path, text);
  }
  await syncFolder(dirname(path));
}

/** So that the name survives a loss of power as the content does; where a folder cannot be opened, the system sees to it or nobody can. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => null);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** A ring from the text of a key file; `path` is for messages. */
export function ringOf(text: string, path: string): KeyRing {
  const file = parseJson(text);
  const primary = isObject(file) ? asString(file["primary"]) : undefined;
  const keys = new Map<string, Buffer>();
  for (const [id, key] of Object.entries(asObject(isObject(file) ? file["keys"] : undefined) ?? {})) {
    const bytes = Buffer.from(asString(key) ?? "", "base64");
    if (bytes.length === KEY_BYTES && /^[0-9a-f]{8}$/.test(id)) keys.set(id, bytes);
  }
  const key = primary === undefined ? undefined : keys.get(primary);
  if (primary === undefined || key === undefined)
    throw new Error(`${path} holds no usable primary key: restore it from a backup, or remove it (what it sealed is then lost)`);
  return { seal: (content) => seal(content, primary, key), unseal: (blob, kind) => unseal(blob, kind, keys) };
}

const authenticated = (id: string, kind: SealKind): Buffer => Buffer.from(`${SEAL_PREFIX}${id}.${kind}`);

function seal(content: SealContent, id: string, key: Buffer): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES }).setAAD(authenticated(id, content.kind));
  const packed = zstdCompressSync(JSON.stringify(content));
  const sealed = Buffer.concat([Buffer.from(id, "hex"), nonce, cipher.update(packed), cipher.final(), cipher.getAuthTag()]);
  return SEAL_PREFIX + sealed.toString("base64url");
}

function unseal(blob: string, kind: SealKind, keys: ReadonlyMap<string, Buffer>): Opened {
  if (!blob.startsWith(SEAL_PREFIX)) return { state: "foreign" };
  const bytes = Buffer.from(blob.slice(SEAL_PREFIX.length), "base64url");
  const id = bytes.toString("hex", 0, ID_BYTES);
  const key = keys.get(id);
  if (key === undefined || bytes.length < ID_BYTES + NONCE_BYTES + TAG_BYTES) return { state: "broken" };
  try {
    const nonce = bytes.subarray(ID_BYTES, ID_BYTES + NONCE_BYTES);
    const cipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES }).setAAD(authenticated(id, kind));
    cipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const packed = Buffer.concat([cipher.update(bytes.subarray(ID_BYTES + NONCE_BYTES, -TAG_BYTES)), cipher.final()]);
    const content = parseJson(zstdDecompressSync(packed, { maxOutputLength: MAX_CONTENT }).toString());
    // It was authenticated: what it holds is what `seal` wrote.
    return isObject(content) ? { state: "ours", content: content as unknown as SealContent } : { state: "broken" };
  } catch {
    return { state: "broken" };
  }
}
