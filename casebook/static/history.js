/* A line that is clicked is the line that the address names, to be copied from there. */

document.querySelector(".history pre").addEventListener("click", (event) => {
  const line = event.target.closest("a[id]");
  if (line && getSelection().isCollapsed) location.hash = line.id;
});
