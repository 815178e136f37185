// Whether a letter is among the released ones: the leaf and the path of RFC 6962. No module and no `crypto.subtle`, so
// that the page works from a folder, without a server.
"use strict";

(() => {
  const PRIMES = [];
  for (let n = 2; PRIMES.length < 64; n += 1) if (PRIMES.every((prime) => n % prime)) PRIMES.push(n);
  const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
  const CONSTANTS = PRIMES.map((prime) => fraction(Math.cbrt(prime)));
  const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
  const rotated = (word, by) => (word >>> by) | (word << (32 - by));

  /** The SHA-256 of bytes, as bytes (FIPS 180-4). */
  function sha256(bytes) {
    const padded = new DataView(new ArrayBuffer(((bytes.length + 72) >> 6) << 6));
    bytes.forEach((byte, at) => padded.setUint8(at, byte));
    padded.setUint8(bytes.length, 0x80);
    padded.setUint32(padded.byteLength - 8, Math.floor(bytes.length / 2 ** 29));
    padded.setUint32(padded.byteLength - 4, bytes.length << 3);
    const state = [...START];
    const words = new Int32Array(64);
    for (let block = 0; block < padded.byteLength; block += 64) {
      for (let t = 0; t < 64; t += 1) {
        if (t < 16) {
          words[t] = padded.getInt32(block + 4 * t);
        } else {
          const [early, late] = [words[t - 15], words[t - 2]];
          const first = rotated(early, 7) ^ rotated(early, 18) ^ (early >>> 3);
          const second = rotated(late, 17) ^ rotated(late, 19) ^ (late >>> 10);
          words[t] = words[t - 16] + first + words[t - 7] + second;
        }
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let t = 0; t < 64; t += 1) {
        const one = h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + ((e & f) ^ (~e & g)) + CONSTANTS[t] + words[t];
        const two = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
      }
      [a, b, c, d, e, f, g, h].forEach((word, at) => {
        state[at] = (state[at] + word) | 0;
      });
    }
    const digest = new DataView(new ArrayBuffer(32));
    state.forEach((word, at) => digest.setInt32(4 * at, word));
    return new Uint8Array(digest.buffer);
  }

  const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const node = (left, right) => sha256(Uint8Array.from([1, ...left, ...right]));

  function bytesOf(text) {
    if (typeof text !== "string" || !/^[0-9a-f]{64}$/.test(text)) throw new Error("not a digest");
    return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
  }

  /** The root that a proof leads to, or null when its length does not fit; throws for a file that is no proof. */
  function rootOf(proof) {
    const { format, letter, salt, index, size, path } = proof;
    if (format !== "judging-letter-1" || typeof letter !== "string" || typeof salt !== "string") throw new Error("format");
    if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || !Array.isArray(path)) throw new Error("format");
    if (index < 0 || index >= size) return null;
    let value = sha256(Uint8Array.from([0, ...new TextEncoder().encode(`${salt}\n${letter}`)]));
    let [at, last] = [index, size - 1];
    for (const sibling of path.map(bytesOf)) {
      if (last === 0) return null;
      if (at % 2 || at === last) {
        value = node(sibling, value);
        while (at % 2 === 0 && at) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
      } else {
        value = node(value, sibling);
      }
      [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    }
    return last === 0 ? hex(value) : null;
  }

  const part = (id) => document.getElementById(id);

  async function check(file) {
    for (const id of ["yes", "no", "broken", "shown"]) part(id).hidden = true;
    let proof;
    let found;
    try {
      proof = JSON.parse(await file.text());
      found = rootOf(proof);
    } catch {
      part("broken").hidden = false;
      return;
    }
    const isProven = found === part("answer").dataset.root;
    part(isProven ? "yes" : "no").hidden = false;
    part("letter").textContent = proof.letter;
    part("shown").hidden = false;
  }

  const input = part("proof");
  const checkChosen = () => input.files.length && check(input.files[0]);
  input.addEventListener("change", checkChosen);
  // A file may have been chosen before this script had come, or be kept when the page is loaded again.
  checkChosen();
})();
