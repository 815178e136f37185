// Sorts and filters a table in the browser when all its rows are on the page.
// Headings are links and the filters are a form: without this file the server sorts and filters.

const table = document.querySelector("table[data-complete]");
const form = document.querySelector("form[data-filters]");

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

if (table) {
  const body = table.tBodies[0];
  const rows = [...body.rows].filter((row) => row.dataset.city !== undefined);
  const headings = [...table.tHead.rows[0].cells];
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });

  const remember = (changes) => {
    const address = new URL(window.location.href);
    for (const [name, value] of Object.entries(changes)) {
      if (value) address.searchParams.set(name, value);
      else address.searchParams.delete(name);
    }
    window.history.replaceState(null, "", address);
  };

  const sortBy = (heading, descending) => {
    const column = heading.cellIndex;
    const numeric = heading.classList.contains("num");
    const values = new Map(rows.map((row) => [row, row.cells[column].dataset.value]));
    const compare = (first, second) => (numeric ? first - second : collator.compare(first, second));
    // Rows without a value come last in both directions; equal values are ordered by rank.
    rows.sort((a, b) => rankOf(a) - rankOf(b));
    rows.sort((a, b) => {
      const [first, second] = [values.get(a), values.get(b)];
      if (first === "" || second === "") return (first === "") - (second === "");
      return descending ? compare(second, first) : compare(first, second);
    });
    body.append(...rows);
    for (const cell of headings) cell.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const name = heading.dataset.sort;
    table.dataset.sorted = descending ? `${name}-desc` : name;
    remember({ sort: name === "rank" ? "" : name, order: descending ? "desc" : "" });
  };

  const rankOf = (row) => Number(row.cells[0].dataset.value || Infinity) || Infinity;

  for (const heading of headings) {
    if (!heading.dataset.sort) continue;
    heading.querySelector("a").addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const now = heading.getAttribute("aria-sort");
      sortBy(heading, now ? now === "ascending" : heading.dataset.first === "desc");
    });
  }

  const inGroup = (row, wanted) =>
    (!wanted.category || row.dataset.categories.split(" ").includes(wanted.category)) &&
    (!wanted.city || row.dataset.city === wanted.city);

  // A page that was loaded with a filter has only some of the rows: the server must filter.
  const filtered = new URL(window.location.href).searchParams;
  const whole = !["category", "city", "q"].some((name) => filtered.get(name));
  if (form && whole) {
    const counter = document.querySelector("[data-found]");
    // Ranks within a category and city; ties share a rank: 1, 2, 2, 4. The cut-off is that of the whole ranking.
    const place = (wanted) => {
      const grouped = Boolean(wanted.category || wanted.city);
      const last = Number(table.dataset.lastRank ?? Infinity);
      const ranked = rows.filter((row) => inGroup(row, wanted) && rankOf(row) < Infinity);
      ranked.sort((a, b) => rankOf(a) - rankOf(b));
      for (const row of rows) row.classList.remove("cut-off");
      ranked.find((row) => rankOf(row) > last && !row.hidden)?.classList.add("cut-off");
      let shared = 0;
      ranked.forEach((row, index) => {
        if (index === 0 || rankOf(row) !== rankOf(ranked[index - 1])) shared = index + 1;
        row.querySelector("[data-place]").textContent = grouped ? shared : rankOf(row);
        row.querySelector("[data-overall]").textContent = grouped ? table.dataset.overall.replace("{n}", rankOf(row)) : "";
      });
    };
    const filter = () => {
      const wanted = Object.fromEntries(new FormData(form));
      const words = (wanted.q || "").trim().toLowerCase();
      let count = 0;
      for (const row of rows) {
        const fits =
          inGroup(row, wanted) &&
          (!words || row.querySelector("th").textContent.toLowerCase().includes(words));
        row.hidden = !fits;
        count += fits;
      }
      place(wanted);
      counter.textContent = count === 1 ? counter.dataset.foundOne : counter.dataset.foundMany.replace("{n}", count);
      remember({ category: wanted.category, city: wanted.city, q: wanted.q });
    };
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => {
      // The server renders a changed choice of columns.
      if (event.submitter?.closest(".column-choice")) return;
      event.preventDefault();
      filter();
    });
    form.querySelector("[data-filter-button]").hidden = true;
  }
}
