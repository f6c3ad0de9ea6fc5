// What uploads.js asks of the browser: where an upload goes on after a reload, and what was dropped onto the page.
const PREFIX = "c360-upload:";
const DAY = 86400000;
const MOST = 200;

// Where an upload goes on after a reload: a hash of person and file, and its address. No name is left on a shared computer.
const memory = {
  findAllUploads: async () => [],
  async findUploadsByFingerprint(key) {
    try {
      const kept = JSON.parse(localStorage.getItem(key));
      return kept && Date.now() - kept.at < DAY ? [{ uploadUrl: kept.url, urlStorageKey: key, metadata: {}, size: null }] : [];
    } catch {
      return [];
    }
  },
  removeUpload: async (key) => localStorage.removeItem(key),
  async addUpload(key, upload) {
    try {
      localStorage.setItem(key, JSON.stringify({ at: Date.now(), url: upload.uploadUrl }));
    } catch {
      return key; // private windows may refuse; then a reload begins anew
    }
    return key;
  },
};

function forgetOld() {
  try {
    for (const key of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
      if (Date.now() - JSON.parse(localStorage.getItem(key)).at > DAY) localStorage.removeItem(key);
    }
  } catch {
    // an unreadable memory only means that nothing is gone on with
  }
}

// The key under which it is remembered.
async function hashed(text) {
  const bytes = new TextEncoder().encode(text);
  if (!crypto.subtle) return bytes.reduce((sum, byte) => (sum * 31 + byte) % 4294967291, 7).toString(16);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// --- choosing ------------------------------------------------------------------------------------------
async function inFolder(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    const path = entry.fullPath.replace(/^\//, "");
    return [{ file, path: path.includes("/") ? path : "" }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    for (const one of some) found.push(...(await inFolder(one)));
    if (found.length > MOST) return found;
  }
}

async function dropped(transfer) {
  // The list is empty after the first pause, so the entries are taken out of it at once.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, path: "" }));
  return (await Promise.all(entries.map(inFolder))).flat();
}

window.c360Uploads = { MOST, dropped, forgetOld, memory, remembered: async (text) => PREFIX + (await hashed(text)) };
