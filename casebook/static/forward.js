// Leads from a page to the one that its root element names; the part after # goes along.
location.replace(document.documentElement.dataset.to + location.search + location.hash);
