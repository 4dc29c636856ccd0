/* Tells a page of a published edition what its edition is, whether another is the latest, and what
   the verdict of the finding or statement in the address is now; leads links on whose address went.

   Published, the site's folder is named by its edition, or "latest", and `editions.js` lies beside
   it. Anything else is a build that nobody published: nothing is loaded there. All data comes in
   scripts, since a page that is opened from a file may load nothing else. */

(() => {
  const own = window.casebook.edition;
  const root = new URL(document.documentElement.dataset.content_root, location.href);
  const folder = decodeURIComponent(root.pathname.split("/").at(-2));
  const path = decodeURIComponent(location.pathname.slice(root.pathname.length));
  const page = path.replace(/(^|\/)$/, "$1index.html");
  const published = new URL("..", root);
  const isLatest = folder === "latest";
  const isEdition = folder === own;

  /* --- Data */

  const loaded = new Map();

  /** Load a script of ours once; return the value that it hands over as `casebook.<name>`. */
  function load(address, name) {
    if (!loaded.has(address)) {
      const arrived = new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = address;
        script.onload = () => resolve(window.casebook[name]);
        script.onerror = () => reject(new Error(`${address} cannot be loaded`));
        document.head.append(script);
      });
      loaded.set(address, arrived);
    }
    return loaded.get(address);
  }

  const loadEditions = () => load(new URL("editions.js", published), "editions");
  const script = (folder, address) => `${folder}/${address.replace(/\.html$/, "")}.js`;

  /** Return where what went from this page leads: addresses by id, "" for the page itself. */
  async function loadRedirects() {
    const { redirects } = await loadEditions();
    if (!redirects.includes(page)) return {};
    return load(new URL(script("redirects", page), published), "redirects");
  }

  /* --- Addresses */

  function asked() {
    try {
      return decodeURIComponent(location.hash.slice(1));
    } catch {
      return "";
    }
  }

  /** Yield an id and each beginning of it: that of an event begins with its finding's. */
  function* beginnings(id) {
    for (let end = id.length; end > 0; end = id.lastIndexOf(".", end - 1)) yield id.slice(0, end);
  }

  /** Lead on where the address names what this page does not have. */
  async function follow() {
    const id = asked();
    const went = "went" in document.documentElement.dataset;
    if (!went && (!id || id.includes("=") || document.getElementById(id))) return;
    const redirects = isLatest ? await loadRedirects() : {};
    for (const beginning of beginnings(id)) {
      if (document.getElementById(beginning)) return location.replace(`#${beginning}`);
      if (beginning in redirects) {
        const rest = id.slice(beginning.length);
        return location.replace(new URL(redirects[beginning] + rest, published));
      }
    }
    if (went) location.replace(new URL(redirects[""] + location.hash, published));
  }

  /* --- The notice */

  const words = (verdict) => verdict.replaceAll("-", " ");

  function fill(notice, { texts = {}, links = {}, shown }) {
    for (const [name, text] of Object.entries(texts))
      for (const one of notice.querySelectorAll(`[data-text="${name}"]`)) one.textContent = text;
    for (const [name, link] of Object.entries(links))
      for (const one of notice.querySelectorAll(`[data-link="${name}"]`)) one.href = link;
    for (const one of notice.querySelectorAll("[data-if]")) one.hidden = !shown.includes(one.dataset.if);
  }

  /** Return where something of this page is in the latest edition, or "" where it is no more. */
  async function nowAt(id) {
    const redirects = await loadRedirects();
    const target = redirects[id];
    if (target === undefined) return id ? `${page}#${id}` : page;
    return target.startsWith("latest/") ? target.slice("latest/".length) : "";
  }

  const ofStatements = page.endsWith("/statements.html");

  /** Return whether the address may name a finding or a statement, so that room is kept. */
  const namesOne = () => (ofStatements ? /^[^=]+$/ : /^[^=]+\./).test(asked());

  async function sayEdition(notice) {
    const { latest, editions } = await loadEditions();
    const [mine, newest] = [own, latest].map((name) =>
      editions.find((one) => one.edition === name),
    );
    const there = await nowAt("");
    const state = latest === own ? "newest" : there ? "superseded" : "went";
    fill(notice, {
      texts: { published: mine?.published, latest, "latest-published": newest.published },
      links: {
        there: new URL(`latest/${there}`, published),
        latest: new URL("latest/index.html", published),
      },
      shown: [state, mine ? "dated" : ""],
    });
    return state;
  }

  /** Say what the verdict of now is of the finding or statement that the address names. */
  async function sayVerdict(status, source) {
    const verdicts = await load(new URL(source, root), "verdicts");
    const address = asked();
    const id = [...beginnings(address)].find((one) => one in verdicts);
    status.hidden = !id;
    if (!id) return;
    const at = await nowAt(id);
    const [there, anchor] = at.split("#");
    const { told } = await loadEditions();
    const latest = told.includes(there)
      ? await load(new URL(`latest/${script("now", there)}`, published), "verdicts")
      : {};
    if (asked() !== address) return; // the reader went on meanwhile
    const [here, now] = [verdicts[id], latest[anchor]];
    fill(status, {
      texts: {
        what: ofStatements ? "statement" : "finding",
        here: words(here),
        now: words(now ?? ""),
      },
      links: { there: new URL(`latest/${at}`, published) },
      shown: [now === undefined ? "unjudged" : now === here ? "same" : "turned"],
    });
  }

  async function tell(before) {
    const template = document.getElementById("edition-notice");
    const source = template.dataset.verdicts;
    const [notice, status] = template.content.cloneNode(true).children;
    fill(notice, { texts: { edition: own }, shown: [] });
    fill(status, { shown: [] });
    status.hidden = !source || !namesOne();
    before.before(notice, status);
    const isNewest = (await sayEdition(notice)) === "newest";
    if (isNewest || !source) return status.remove();
    const say = () => sayVerdict(status, source);
    addEventListener("hashchange", say);
    await say();
  }

  if (isEdition) tell(document.currentScript);
  addEventListener("hashchange", follow);
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", follow);
  else follow();
})();
