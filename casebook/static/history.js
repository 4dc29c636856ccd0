/* Marks each event's kind, and lets a line that is clicked be the one that the address names. */

if (CSS.highlights) {
  const kinds = new Highlight();
  for (const { firstChild } of document.querySelectorAll(".lines li")) {
    const range = new Range();
    range.setStart(firstChild, 2);
    range.setEnd(firstChild, firstChild.data.indexOf('"', 2));
    kinds.add(range);
  }
  CSS.highlights.set("kind", kinds);
}

document.querySelector(".lines").addEventListener("click", (event) => {
  const line = event.target.closest("li");
  if (line && getSelection().isCollapsed) location.hash = line.id;
});
