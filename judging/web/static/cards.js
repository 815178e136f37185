// On a narrow screen a row of a table with the class "cards" is a card: each cell says of which column it is. Without this
// script such a table scrolls within its box.

export function labelCells(root) {
  for (const table of root.querySelectorAll("table.cards")) {
    const headings = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    for (const cell of table.querySelectorAll("tbody td:not([colspan])")) {
      const heading = headings[cell.cellIndex];
      const isSilent = !heading || heading.querySelector(".visually-hidden") || cell.querySelector("form, details, svg");
      // The style sheet hides an empty cell of a card.
      if (!cell.childElementCount && !cell.textContent.trim()) cell.replaceChildren();
      else if (!isSilent) cell.dataset.label = heading.textContent.trim();
    }
    table.classList.add("stacks");
  }
}

labelCells(document);
