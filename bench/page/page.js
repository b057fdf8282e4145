'use strict';
// Tables sort by their headings, and long ones can be filtered. A page without
// this script has the same content.
document.querySelectorAll('table.sort').forEach(function (table) {
  const body = table.tBodies[0];
  const heads = Array.from(table.tHead.rows[0].cells);

  function key(row, column) {
    const cell = row.cells[column];
    return 'v' in cell.dataset ? cell.dataset.v : cell.textContent.trim();
  }

  function sort(column, down) {
    const numbers = heads[column].classList.contains('n');
    const rows = Array.from(body.rows).map(function (row) {
      const text = key(row, column);
      return {row: row, none: text === '', key: numbers ? +text : text};
    });
    // Unknown values come last in both directions.
    rows.sort(function (a, b) {
      if (a.none || b.none)
        return a.none - b.none;
      const order = numbers ? a.key - b.key :
        a.key.localeCompare(b.key, 'en', {numeric: true});
      return down ? -order : order;
    });
    rows.forEach(function (each) { body.append(each.row); });
    heads.forEach(function (head) {
      if (head.hasAttribute('aria-sort'))
        head.setAttribute('aria-sort', 'none');
    });
    heads[column].setAttribute('aria-sort', down ? 'descending' : 'ascending');
  }

  if (body.rows.length > 1)
    heads.forEach(function (head, column) {
      const button = document.createElement('button');
      button.type = 'button';
      // the axis of a column of pictures is no part of the button
      button.append.apply(button, Array.from(head.childNodes).filter(
        function (each) { return each.nodeName !== 'svg'; }));
      head.prepend(button);
      head.setAttribute('aria-sort', 'none');
      button.addEventListener('click', function () {
        sort(column, head.getAttribute('aria-sort') === 'ascending');
      });
    });

  if (body.rows.length > 20) {
    const label = document.createElement('label');
    const input = document.createElement('input');
    const count = document.createElement('span');
    label.className = 'filter';
    input.type = 'search';
    label.append('Filter rows: ', input, ' ', count);
    const before = table.parentNode.previousElementSibling;
    (before && before.matches('p.muted') ? before : table.parentNode)
      .before(label);
    input.addEventListener('input', function () {
      const words = input.value.toLowerCase().split(/\s+/);
      let shown = 0;
      Array.from(body.rows).forEach(function (row) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every(function (w) { return text.includes(w); });
        shown += row.hidden ? 0 : 1;
      });
      count.textContent = input.value ? shown + ' of ' + body.rows.length : '';
    });
  }
});

// Folded parts are printed as well.
addEventListener('beforeprint', function () {
  document.querySelectorAll('details').forEach(function (details) {
    details.open = true;
  });
});
