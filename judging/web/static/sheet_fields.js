// The fields of a scoresheet: read, filled, checked and marked.

const NOT_CONTENT = ["csrf_token", "base_version", "action"];

export function field(form, name) {
  return form.elements[name]?.value ?? "";
}

// The same rules as judging/schemas/typed_numbers.py: a comma, also a full-width one, and the full stops of Chinese
// keyboards are decimal signs; 1,000 could mean two numbers.
export function number(typed) {
  const unified = typed.normalize("NFKC").trim();
  if (/^[+-]?[1-9]\d{0,2},\d{3}$/.test(unified)) return null;
  const plain = unified.replace(/[,。]/, ".");
  return /^[+-]?(\d{1,15}(\.\d{0,20})?|\.\d{1,20})$/.test(plain) ? Number(plain) : null;
}

export function values(form) {
  const all = {};
  for (const [name, value] of new FormData(form)) {
    if (!NOT_CONTENT.includes(name)) all[name] = value.replaceAll("\r\n", "\n");
  }
  return all;
}

export function same(first, second) {
  const names = new Set([...Object.keys(first), ...Object.keys(second)]);
  return [...names].every((name) => (first[name] ?? "").trim() === (second[name] ?? "").trim());
}

export function fill(form, stored) {
  for (const element of form.elements) {
    if (!element.name || NOT_CONTENT.includes(element.name)) continue;
    const value = stored[element.name] ?? "";
    if (element.type === "radio" || element.type === "checkbox") element.checked = element.value === value;
    else element.value = value;
  }
}

export function contentOf(typed) {
  const sheet = { scores: {}, comments: {} };
  for (const [name, value] of Object.entries(typed)) {
    const [, kind, criterion] = /^(score|comment)-(.*)$/.exec(name) ?? [];
    if (kind) sheet[`${kind}s`][criterion] = value;
    else if (name === "identity_revealed") sheet[name] = Boolean(value);
    else if (name === "language" || name === "confidence") sheet[name] = value || null;
    else sheet[name] = value;
  }
  return sheet;
}

// What the service would refuse: a mapping of names of fields to texts.
export function complaints(form, text) {
  const found = {};
  for (const element of form.elements) {
    if (!element.name) continue;
    const { limit, min, max, step } = element.dataset;
    const length = limit ? [...element.value.normalize("NFC").trim()].length : 0;
    if (length > Number(limit)) {
      found[element.name] = text.textTooLong.replace("{length}", length).replace("{limit}", limit);
    } else if (max && element.value.trim()) {
      const value = number(element.value);
      const steps = (value - Number(min)) / Number(step);
      if (value === null) found[element.name] = text.textNoNumber;
      else if (value < Number(min) || value > Number(max) || Math.abs(steps - Math.round(steps)) > 1e-6) {
        found[element.name] = text.textOffScale.replace("{minimum}", min).replace("{maximum}", max).replace("{step}", step);
      }
    }
  }
  return found;
}

// Show a complaint over its field, and how much of a long text fits.
export function mark(form, found) {
  // The service's complaint about a missing score has gone when a score is chosen.
  for (const group of form.querySelectorAll("[role=radiogroup][aria-invalid]")) {
    if (!field(form, group.id)) continue;
    document.getElementById(`${group.id}-error`)?.remove();
    group.classList.remove("choices-invalid");
    group.removeAttribute("aria-invalid");
    describe(group, `${group.id}-error`, false);
  }
  for (const element of form.elements) {
    if (!element.name || element.type === "radio" || element.type === "hidden" || element.tagName === "BUTTON") continue;
    const id = `${element.name}-error`;
    const shown = document.getElementById(id);
    const complaint = found[element.name];
    if (complaint) {
      const place = shown ?? document.createElement("p");
      place.id = id;
      place.className = "field-error";
      if (place.textContent !== complaint) place.textContent = complaint;
      if (!shown) element.before(place);
      element.setAttribute("aria-invalid", "true");
      describe(element, id, true);
    } else if (shown || element.hasAttribute("aria-invalid")) {
      shown?.remove();
      element.removeAttribute("aria-invalid");
      describe(element, id, false);
    }
    const { limit } = element.dataset;
    if (limit) count(element, Number(limit));
  }
}

// The weighted total, or how many scores are missing, and the reached levels.
export function showTotal(form, text) {
  let points = 0;
  let missing = 0;
  for (const box of form.querySelectorAll(".criterion")) {
    const value = number(field(form, `score-${box.dataset.criterion}`));
    const low = Number(box.dataset.min);
    const high = Number(box.dataset.max);
    if (value === null || value < low || value > high) missing += 1;
    else points += (Number(box.dataset.weight) * (value - low)) / (high - low);
    showLevels(box, value);
  }
  document.getElementById("total").textContent = missing ? text.textMissing.replace("{count}", missing) : points.toFixed(1);
  form.classList.toggle("incomplete", missing > 0);
}

// The described level that is reached, or the two that a value lies between.
function showLevels(box, value) {
  const levels = [...box.querySelectorAll("[data-level]")];
  const at = (level) => Number(level.dataset.level);
  const below = value === null ? undefined : levels.find((level) => at(level) <= value + 1e-9);
  const above = below && at(below) < value - 1e-9 ? levels.findLast?.((level) => at(level) > value) : undefined;
  for (const level of levels) level.classList.toggle("level-reached", level === below || level === above);
  const words = box.querySelector(".reached");
  const wordings = [below, above].filter(Boolean).map((level) => level.textContent.trim().replace(/\s+/g, " "));
  words.hidden = !wordings.length;
  if (words.textContent !== wordings.join("\n")) words.textContent = wordings.join("\n");
}

function describe(element, id, described) {
  const ids = (element.getAttribute("aria-describedby") ?? "").split(" ").filter((other) => other && other !== id);
  if (described) ids.push(id);
  if (ids.length) element.setAttribute("aria-describedby", ids.join(" "));
  else element.removeAttribute("aria-describedby");
}

function count(element, limit) {
  const length = [...element.value.normalize("NFC").trim()].length;
  let counter = element.parentElement.querySelector(".counter");
  if (!counter && length > 0.8 * limit) {
    counter = document.createElement("p");
    counter.className = "counter small-note";
    element.after(counter);
  }
  if (counter) counter.textContent = length > 0.8 * limit ? `${length} / ${limit}` : "";
}

// A time of the service on the clock of the event.
export function clock(time, text) {
  return new Date(time).toLocaleTimeString(text.language, { timeZone: text.zone, hourCycle: "h23" });
}
