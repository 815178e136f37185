// Whether a letter is among the released ones: the leaf and the path of RFC 6962. The functions of sha256.js stand before
// this text in the file of the public page, in one function: without a module, the page works from a folder.

const node = (left, right) => digestOf(Uint8Array.from([1, ...left, ...right]));

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
  let value = digestOf(Uint8Array.from([0, ...new TextEncoder().encode(`${salt}\n${letter}`)]));
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
