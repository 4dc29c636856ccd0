// The colours that a reader chose, before anything is drawn.
document.body.dataset.theme = localStorage.getItem("theme") || "auto";
