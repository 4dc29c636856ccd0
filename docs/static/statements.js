/* Filters the statements by report and verdict. The choice is kept in the address's fragment, as
   "#report=summary&verdict=overturned", which works from a file, too; "#an-id" is a statement's. */

(() => {
  const form = document.getElementById("statements-filter");
  if (!form) return;
  const statements = [...document.querySelectorAll("article.statement")];
  const status = form.querySelector("[role=status]");
  const names = ["report", "verdict"];

  function show() {
    const { report, verdict } = form.elements;
    let shown = 0;
    for (const one of statements) {
      const fits =
        (!report.value || one.dataset.reports.split(" ").includes(report.value)) &&
        (!verdict.value || one.dataset.verdict === verdict.value);
      one.hidden = !fits;
      shown += fits;
    }
    status.textContent = `${shown} of ${statements.length} statements shown`;
  }

  function keep() {
    const chosen = names.filter((name) => form.elements[name].value);
    const state = chosen.map((name) => `${name}=${form.elements[name].value}`).join("&");
    history.replaceState(null, "", `#${state}`);
    show();
  }

  function read() {
    const fragment = decodeURIComponent(location.hash.slice(1));
    const target = statements.find((one) => one.id === fragment);
    if (target && !target.hidden) return show();
    const asked = new URLSearchParams(target ? "" : fragment);
    for (const name of names) {
      const field = form.elements[name];
      field.value = asked.get(name) ?? "";
      if (field.selectedIndex < 0) field.value = "";
    }
    show();
    if (target) target.scrollIntoView();
  }

  form.addEventListener("change", keep);
  form.addEventListener("reset", () => setTimeout(keep));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", read);
  form.hidden = false;
  read();
})();
