/* Opens what is folded around the anchor in the address, where the browser does not do so itself. */

(() => {
  function open() {
    const target = document.getElementById(location.hash.slice(1));
    let folded = target?.closest("details:not([open])");
    if (!folded) return;
    for (; folded; folded = target.closest("details:not([open])")) folded.open = true;
    target.scrollIntoView();
  }

  addEventListener("hashchange", open);
  open();
})();
