/* Gives each finding of a page its buttons: one copies its citation, exactly as `nox -s cite` prints
   it, one saves its reproduction. Both are in files beside the page (casebook/cite/buttons.py), which
   are loaded when they are asked for: by a script element, which works from a file, too.
   Leads on who comes for an event, which is found in its history. */

(() => {
  const sources = document.currentScript.dataset;
  const labels = { cite: "Copy the citation", save: "Save repro.py" };
  const findings = document.querySelectorAll(".settings > li[id]");
  if (!findings.length) return;

  /** Make a finding a link to itself and add its buttons, once it is where a reader can see it. */
  function offer(finding) {
    const link = document.createElement("a");
    link.href = `#${finding.id}`;
    const buttons = finding.querySelector(".buttons") ?? document.createElement("span");
    const apart = [buttons, finding.querySelector(".over")]; // which has links of its own
    link.append(...[...finding.childNodes].filter((node) => !apart.includes(node)));
    buttons.className = "buttons";
    finding.prepend(link, buttons);
    for (const [kind, label] of Object.entries(labels)) {
      if (kind === "save" && !("script" in finding.dataset)) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = kind;
      button.dataset.finding = finding.id;
      button.textContent = label;
      button.setAttribute("aria-label", `${label} of ${finding.id}`);
      buttons.append(button);
    }
  }

  const status = document.createElement("p");
  status.setAttribute("role", "status");
  status.className = "cite-status";
  document.body.append(status);
  const held = { cite: "casebookCitations", seal: "casebookSeals", save: "casebookScripts" };
  const loading = {};

  function load(kind) {
    loading[kind] ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = sources[kind];
      script.onload = () => resolve(window[held[kind]]);
      script.onerror = () => {
        delete loading[kind];
        script.remove();
        reject(new Error(`${script.src} could not be loaded.`));
      };
      document.head.append(script);
    });
    return loading[kind];
  }

  function say(button, words) {
    status.textContent = "";
    requestAnimationFrame(() => (status.textContent = words));
    button.style.minWidth = `${button.offsetWidth}px`;
    button.textContent = words;
    button.removeAttribute("aria-label");
    clearTimeout(button.again);
    button.again = setTimeout(() => {
      button.textContent = labels[button.className];
      button.setAttribute("aria-label", `${labels[button.className]} of ${button.dataset.finding}`);
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

  /** Return a finding's citation or its reproduction, whichever the button is for. */
  async function textOf(button) {
    const { pieces, texts } = await load(button.className);
    const text = Array.from(texts[button.dataset.finding], (sign) => {
      const code = sign.codePointAt(0);
      return pieces[code - (code < 0xd800 ? 0x100 : 0x900)]; // casebook/cite/buttons.py
    }).join("");
    if (button.className === "save") return text;
    const seals = await load("seal");
    const { edition, digest } = window.casebook;
    const seal = seals[Object.keys(texts).indexOf(button.dataset.finding)];
    return text.replaceAll("\ue000", edition).replaceAll("\ue001", digest).replace("\ue002", seal);
  }

  async function answer(button) {
    let text;
    try {
      text = await textOf(button);
    } catch {
      return say(button, "Could not be loaded");
    }
    if (button.className === "save") return save(text);
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return show(text);
    }
    say(button, "Copied");
  }

  function save(text) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/x-python" }));
    link.download = "repro.py";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  /** Lead on to the history of the event that the address names: `finding.experiment.run.number`. */
  function follow(asked) {
    const [, id, experiment, run, number] =
      /^#(.+)\.([^.]+)\.(\d+)\.(\d+)$/.exec(asked) ?? [];
    const ran = id && document.getElementById(id)?.closest(".ran");
    const links = [...(ran?.querySelectorAll("a[data-experiment]") ?? [])];
    const link = links.find(
      ({ dataset }) => dataset.experiment === experiment && (dataset.run ?? "1") === run,
    );
    if (link) location.replace(link.href.replace(/#.*/, `#${number}`));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.cite, button.save");
    if (button) answer(button);
  });
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      offer(target);
    }
  });
  for (const finding of findings) seen.observe(finding);
  // edition.js may have led on to the finding meanwhile, which the event's own address does not show.
  addEventListener("hashchange", ({ newURL }) => follow(new URL(newURL).hash));
  follow(location.hash);
})();
