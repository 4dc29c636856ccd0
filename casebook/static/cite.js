/* Copies the citation of a finding, exactly as `nox -s cite` prints it. The citations of a page are
   in a file beside it (casebook/cite/buttons.py), which is loaded when the first one is asked for: by a
   script element, which works from a file, too. */

(() => {
  const citations = document.currentScript.dataset.citations;
  const buttons = document.querySelectorAll("button.cite");
  if (!buttons.length) return;
  const copy = "Copy the citation";
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  status.className = "cite-status";
  document.body.append(status);
  let loading;

  function load() {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = citations;
      script.onload = () => resolve(window.casebookCitations);
      script.onerror = () => {
        loading = undefined;
        script.remove();
        reject(new Error("The citations could not be loaded."));
      };
      document.head.append(script);
    });
    return loading;
  }

  function say(button, words) {
    status.textContent = "";
    requestAnimationFrame(() => (status.textContent = words));
    button.style.minWidth = `${button.offsetWidth}px`;
    button.textContent = words;
    button.removeAttribute("aria-label");
    clearTimeout(button.again);
    button.again = setTimeout(() => {
      button.textContent = copy;
      button.setAttribute("aria-label", `${copy} of ${button.dataset.finding}`);
    }, 3000);
  }

  function show(text) {
    const dialog = document.createElement("dialog");
    dialog.className = "cite-dialog";
    dialog.setAttribute("aria-labelledby", "cite-dialog-title");
    const title = document.createElement("p");
    title.id = "cite-dialog-title";
    title.textContent = "The browser does not let this page copy. Copy the selected text:";
    const field = document.createElement("textarea");
    field.readOnly = true;
    field.setAttribute("aria-labelledby", title.id);
    field.value = text;
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "Close";
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    dialog.append(title, field, close);
    document.body.append(dialog);
    dialog.showModal();
    field.focus();
    field.select();
  }

  async function cite(button) {
    let text;
    try {
      const { pieces, findings } = await load();
      text = findings[button.dataset.finding].map((number) => pieces[number]).join("");
    } catch {
      return say(button, "Could not be loaded");
    }
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return show(text);
    }
    say(button, "Copied");
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.cite");
    if (button) cite(button);
  });
  document.documentElement.classList.add("cites");
})();
