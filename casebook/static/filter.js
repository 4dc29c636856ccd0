/* Filters and sorts what a page lists: the findings of the comparison, or the statements.

   What is asked for stands in the address's fragment, as "#verdict=refuted&words=flush", which
   works from a file, too. Any other fragment is an anchor: a statement's, for example. */

(() => {
  const form = document.querySelector("form.filter");
  if (!form) return;
  const fields = [...form.elements].filter((field) => field.name);
  const status = form.querySelector("[role=status]");
  const ranks = [...form.elements.verdict.options].map((option) => option.value);
  const rank = (item) => Math.min(...item.verdict.map((word) => ranks.indexOf(word)));
  const byPlace = (a, b) => a.place - b.place;
  const fitting = (items) => items.filter((item) => item.fits).length;
  const counted = (found, all, what) => `${found < all ? `${found} of ${all}` : `all ${all}`} ${what}`;

  /* An item has a list of words for each of the form's fields, and the text that it says. */

  const tokens = (element, name) => (element.dataset[name] ?? "").split(" ");

  function statements() {
    const listed = document.querySelector(".statements");
    const items = [...listed.children].map((element, place) => ({
      element,
      place,
      report: tokens(element, "report"),
      verdict: tokens(element, "verdict"),
      backend: tokens(element, "backend"),
      claim: tokens(element, "claim"),
      release: tokens(element, "release"),
      says: () => element.textContent,
    }));
    return {
      items,
      show() {
        for (const item of items) item.element.hidden = !item.fits;
        return counted(fitting(items), items.length, "statements");
      },
      sort(by) {
        const order = by === "verdict" ? (a, b) => rank(a) - rank(b) || byPlace(a, b) : byPlace;
        listed.append(...[...items].sort(order).map((item) => item.element));
      },
    };
  }

  /* A page tells each reason and each claim's title once, and its cells name them. */

  const reasons = document.querySelector("template#reasons")?.content.querySelectorAll("li") ?? [];
  const titles = Object.fromEntries(
    [...form.elements.claim.options].map((option) => [option.value, option.title]),
  );

  function findings() {
    const tables = [...document.querySelectorAll(".comparison")].map(readTable);
    const items = tables.flatMap((table) => table.items);
    return {
      items,
      show(everything) {
        for (const table of tables) showTable(table, everything);
        for (const { section } of tables) {
          section.hidden = !section.querySelector(".comparison:not([hidden])");
        }
        const shown = tables.filter((table) => fitting(table.items)).length;
        const all = tables.filter((table) => table.items.length).length;
        return `${counted(fitting(items), items.length, "cells")}, in ${counted(shown, all, "tables")}`;
      },
      sort(by) {
        for (const table of tables) sortTable(table, by);
      },
    };
  }

  function readTable(element) {
    const heads = [...element.querySelectorAll("thead th")];
    const backend = tokens(element, "backend");
    const release = tokens(element, "release");
    const rows = [...element.querySelectorAll("tbody tr")].map((row, place) => {
      const claim = row.dataset.claim;
      const cells = [...row.cells].map((cell, column) => {
        const marks = [...cell.querySelectorAll(".cell")];
        if (!marks.length) return null;
        const verdict = marks.map((mark) => mark.classList[1]);
        const says = () =>
          [row.cells[0], heads[column], cell, ...marks.map((mark) => reasons[mark.dataset.why])]
            .map((one) => one?.textContent)
            .concat(titles[claim])
            .join(" ");
        return { cell, verdict, backend, release, claim: [claim], says };
      });
      return { row, place, claim, cells };
    });
    const items = rows.flatMap((row) => row.cells.filter(Boolean));
    return { element, section: element.closest("section"), heads, rows, items };
  }

  function showTable({ element, heads, rows, items }, everything) {
    element.hidden = !everything && !fitting(items);
    const columns = heads.map((_, column) => !column || rows.some((row) => row.cells[column]?.fits));
    heads.forEach((head, column) => (head.hidden = !everything && !columns[column]));
    for (const { row, cells } of rows) {
      row.hidden = !cells.some((item) => item?.fits);
      cells.forEach((item, column) => {
        row.cells[column].hidden = heads[column].hidden;
        row.cells[column].classList.toggle("out", Boolean(item) && !item.fits);
      });
    }
  }

  function sortTable({ heads, rows }, by) {
    const down = by.startsWith("-");
    const names = heads.map((head) => head.querySelector("button")?.value);
    const column = by ? names.indexOf(down ? by.slice(1) : by) : -1;
    const order = (a, b) => {
      const [first, second] = [a.cells[column], b.cells[column]];
      if (column > 0 && !(first && second)) return Boolean(second) - Boolean(first);
      const sign = column > 0 ? rank(first) - rank(second) : a.claim.localeCompare(b.claim);
      return (down ? -sign : sign) || byPlace(a, b);
    };
    const sorted = [...rows].sort(column < 0 ? byPlace : order);
    if (sorted.length) sorted[0].row.parentElement.append(...sorted.map((one) => one.row));
    heads.forEach((head, at) => {
      if (at === column) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
  }

  /* What is asked for: in the form, in the address, and on the page. */

  const list = document.querySelector(".statements") ? statements() : findings();
  let sorted = "";

  function show() {
    const asked = fields.filter((field) => field.value && !["words", "sort"].includes(field.name));
    const words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const item of list.items) {
      if (words.length) item.text ??= item.says().toLowerCase();
      item.fits =
        asked.every(({ name, value }) => item[name].includes(value)) &&
        words.every((word) => item.text.includes(word));
    }
    if (sorted !== form.elements.sort.value) list.sort((sorted = form.elements.sort.value));
    status.textContent = list.show(!asked.length && !words.length);
  }

  function keep() {
    const state = new URLSearchParams(
      fields.filter((field) => field.value).map((field) => [field.name, field.value]),
    );
    history.replaceState(null, "", `#${state}`);
    show();
  }

  function read() {
    const fragment = location.hash.slice(1);
    const target = document.getElementById(fragment);
    const asked = new URLSearchParams(target ? "" : fragment);
    if (asked.get("kind") === "control" && form.dataset.controls) {
      location.replace(`${form.dataset.controls}${location.hash}`); // they stood here once
      return;
    }
    for (const field of fields) {
      field.value = asked.get(field.name) ?? "";
      if (field.selectedIndex < 0) field.value = "";
    }
    show();
  }

  function follow() {
    const target = document.getElementById(location.hash.slice(1));
    if (target && !target.closest("[hidden]")) return;
    read();
    target?.scrollIntoView();
  }

  form.addEventListener("input", keep);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    for (const field of fields) field.value = "";
    keep();
  });
  document.addEventListener("click", ({ target }) => {
    const by = target.closest("button.sort")?.value;
    if (!by) return;
    const { sort } = form.elements;
    sort.value = { "": by, [by]: `-${by}` }[sort.value] ?? (sort.value === `-${by}` ? "" : by);
    keep();
  });
  addEventListener("hashchange", follow);
  read();
})();
