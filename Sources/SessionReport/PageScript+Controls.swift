extension PageScript {
    /// Moves about, explains what is under the pointer, and fills the tables.
    static let controls = #"""
        let pending = false;
        function redraw() {
          if (pending) return;
          pending = true;
          requestAnimationFrame(() => { pending = false; draw(); });
        }
        function show(a, b) {
          const least = 0.02, most = D.length + 2 * MARGIN;
          let length = Math.min(most, Math.max(least, b - a)), middle = (a + b) / 2;
          from = middle - length / 2; to = middle + length / 2;
          if (from < -MARGIN) { to += -MARGIN - from; from = -MARGIN; }
          if (to > D.length + MARGIN) { from -= to - D.length - MARGIN; to = D.length + MARGIN; }
          redraw();
        }
        const all = () => show(-MARGIN, D.length + MARGIN);
        function zoom(factor, at) {
          const middle = at === undefined ? (from + to) / 2 : at;
          show(middle - (middle - from) * factor, middle + (to - middle) * factor);
        }
        const move = share => show(from + (to - from) * share, to + (to - from) * share);
        function visit(index) {
          if (!D.failovers.length) return;
          current = (index + D.failovers.length) % D.failovers.length;
          const f = D.failovers[current];
          const start = begins(f), end = ends(f);
          const room = Math.max((end - start) * .18, 1);
          show(start - room, end + room);
        }
        function tip(px, py, content) {
          const element = $('tip');
          if (!content) { element.style.display = 'none'; return; }
          element.textContent = content; element.style.display = 'block';
          const w = element.offsetWidth, h = element.offsetHeight;
          element.style.left = Math.max(4, Math.min(width - w - 6, px + 14)) + 'px';
          element.style.top = (py + 18 + h > height ? Math.max(4, py - h - 12) : py + 18) + 'px';
        }
        function describe(i) {
          const kind = KINDS[kinds[i] & 15], fate = ['', ', arrived', ', lost'][kinds[i] >> 4], lane = places[i] >> 1, sender = places[i] & 1;
          const names = [short(sender), short(1 - sender)];
          const way = Number.isNaN(taken[i]) ? '' : ', ' + span(taken[i]) + ' on its way';
          return clock(sent[i]) + '  ' + names[0] + ' → ' + names[1] + ', ' + laneName(lane) + ': ' + kind + fate + way + '\n' + textOf(i);
        }
        function nearest(px, py) {
          const lane = Math.floor((py - HEAD) / (LANE + GAP));
          if (lane < 0 || lane >= D.lanes.length) return -1;
          const upper = py < laneTop(lane) + LANE / 2 ? 0 : 1;
          const begin = lowerBound(sent, time(px - 14)), end = lowerBound(sent, time(px + 14));
          let best = -1, distance = 15;
          for (let i = begin; i < end && i < begin + 20000; i++) {
            if (places[i] >> 1 !== lane) continue;
            const x0 = x(sent[i]), x1 = Number.isNaN(taken[i]) ? x0 : x(sent[i] + taken[i]);
            const part = Math.min(1, Math.max(0, (py - rail(lane, places[i] & 1)) / (rail(lane, 1 - (places[i] & 1)) - rail(lane, places[i] & 1))));
            const d = Math.abs(px - (x0 + (x1 - x0) * part)) + ((places[i] & 1) === upper ? 0 : .5);
            if (d < distance) { distance = d; best = i; }
          }
          return best;
        }
        function bandAt(px, py) {
          const at = time(px);
          for (const b of D.bands) {
            if (at < b.from || at > b.to) continue;
            if (b.lane !== undefined) {
              const top = b.device === 0 ? laneTop(b.lane) : laneTop(b.lane) + LANE - BAND;
              if (py >= top - 2 && py <= top + BAND + 2) return b;
            } else {
              const row = sessionRows.indexOf(b.device), top = rowsTop() + row * (ROW + 6);
              if (py >= top && py <= top + ROW) return b;
            }
          }
          return null;
        }
        function hover(px, py) {
          if (px < LEFT) return tip();
          const b = bandAt(px, py);
          if (b) {
            const what = b.lane === undefined ? 'session' : laneName(b.lane);
            return tip(px, py, what + ' at ' + short(b.device) + ': ' + b.state + ' for ' + span(b.to - b.from)
              + '\nfrom ' + clock(b.from) + '\n' + b.text);
          }
          const index = nearest(px, py);
          if (index !== marked) { marked = index; redraw(); }
          tip(px, py, index < 0 ? '' : describe(index));
        }
        function step(direction) {
          let index = marked < 0 ? lowerBound(sent, from) - (direction > 0 ? 1 : 0) : marked;
          index = Math.min(D.count - 1, Math.max(0, index + direction));
          if (!D.count) return;
          marked = index;
          if (sent[index] < from || sent[index] > to) show(sent[index] - (to - from) / 2, sent[index] + (to - from) / 2);
          redraw();
          requestAnimationFrame(() => tip(x(sent[index]), rail(places[index] >> 1, 0) + 24, describe(index)));
        }
        let drag = null;
        const pointers = new Map();
        canvas.addEventListener('pointerdown', e => {
          canvas.setPointerCapture(e.pointerId); pointers.set(e.pointerId, e.offsetX); drag = { px: e.offsetX, from, to }; tip();
        });
        canvas.addEventListener('pointermove', e => {
          if (!pointers.size) return hover(e.offsetX, e.offsetY);
          if (pointers.size === 2) {
            const before = [...pointers.values()]; pointers.set(e.pointerId, e.offsetX); const after = [...pointers.values()];
            const factor = Math.abs(before[0] - before[1]) / Math.max(8, Math.abs(after[0] - after[1]));
            zoom(factor, time((after[0] + after[1]) / 2)); drag = null;
          } else if (drag) {
            const shift = (drag.px - e.offsetX) / (width - LEFT - RIGHT) * (drag.to - drag.from);
            show(drag.from + shift, drag.to + shift);
          }
        });
        for (const name of ['pointerup', 'pointercancel']) canvas.addEventListener(name, e => { pointers.delete(e.pointerId); drag = null; });
        canvas.addEventListener('pointerleave', () => tip());
        canvas.addEventListener('wheel', e => {
          e.preventDefault();
          if (Math.abs(e.deltaX) > Math.abs(e.deltaY)) move(e.deltaX / 800); else zoom(Math.pow(1.0016, e.deltaY), time(e.offsetX));
        }, { passive: false });
        canvas.addEventListener('dblclick', e => zoom(.3, time(e.offsetX)));
        const KEYS = { '+': () => zoom(.6), '=': () => zoom(.6), '-': () => zoom(1.6), ArrowLeft: () => move(-.2), ArrowRight: () => move(.2),
          '0': all, Home: all, n: () => visit(current + 1), p: () => visit(current - 1), d: () => theme(), '.': () => step(1), ',': () => step(-1),
          Escape: () => { marked = -1; tip(); redraw(); } };
        window.addEventListener('keydown', e => {
          if (e.ctrlKey || e.metaKey || e.altKey || !KEYS[e.key]) return;
          if (e.target.id === 'told' && e.key.startsWith('Arrow')) return;
          e.preventDefault(); KEYS[e.key]();
        });
        /* The first failovers, each drawn for itself: on paper, and for those who do not zoom. */
        function pictures() {
          const kept = [from, to, current];
          $('pictures').replaceChildren();
          D.failovers.slice(0, 3).forEach((f, i) => {
            visit(i); draw();
            const figure = document.createElement('figure'), image = new Image(), caption = document.createElement('figcaption');
            image.src = canvas.toDataURL(); image.alt = caption.textContent = 'F' + (i + 1) + ': ' + laneName(f.lostLane) + ' → '
              + laneName(f.newLane) + ', ' + span(ends(f) - begins(f)) + ' from the last good frame to the drained window';
            figure.onclick = () => { visit(i); canvas.scrollIntoView({ block: 'nearest' }); };
            figure.append(image, caption); $('pictures').append(figure);
          });
          [from, to, current] = kept;
          draw();
        }
        function theme(dark) {
          const list = document.documentElement.classList;
          if (dark === undefined) list.toggle('dark'); else list.toggle('dark', dark);
          if (width) pictures();
        }
        $('in').onclick = () => zoom(.6); $('out').onclick = () => zoom(1.6); $('all').onclick = all;
        $('next').onclick = () => visit(current + 1); $('previous').onclick = () => visit(current - 1); $('theme').onclick = () => theme();
        let wasDark = false, settled = 0;
        window.addEventListener('beforeprint', () => {
          wasDark = document.documentElement.classList.contains('dark');
          document.documentElement.classList.remove('dark'); layout(); pictures();
        });
        window.addEventListener('afterprint', () => { layout(); theme(wasDark); });
        window.addEventListener('resize', () => { layout(); redraw(); clearTimeout(settled); settled = setTimeout(pictures, 300); });

        function cells(row, values, tag) {
          values.forEach((value, i) => {
            const cell = document.createElement(tag); cell.textContent = value; if (i === 1) cell.className = 'left'; row.append(cell);
          });
          return row;
        }
        function tables() {
          $('title').textContent = D.title;
          document.body.dataset.sources = D.sources.length;
          const lost = kinds.reduce((sum, k) => sum + ((k >> 4) === 2), 0);
          $('summary').textContent = D.devices.map(d => d.name).join(' and ') + ': ' + D.count + ' frames in ' + span(D.length) + ' on '
            + D.lanes.length + (D.lanes.length === 1 ? ' link' : ' links') + ', ' + lost + ' lost, ' + D.failovers.length
            + (D.failovers.length === 1 ? ' failover' : ' failovers') + '; begins ' + new Date(D.origin).toISOString() + '. From '
            + D.sources.join(', ') + '.';
          const head = ['', 'from → to', 'at', 'last good frame', 'loss declared', 'rebuild sent', 'acknowledged', 'first new frame', 'window drained'];
          $('failovers').tHead.append(cells(document.createElement('tr'), head, 'th'));
          D.failovers.forEach((f, i) => {
            const start = begins(f), after = at => at == null ? '–' : '+' + span(at - start);
            const row = cells(document.createElement('tr'), ['F' + (i + 1), laneName(f.lostLane) + ' → ' + laneName(f.newLane), clock(start),
              f.lastGood == null ? '–' : '0', after(f.declared), after(f.requested), after(f.acknowledged), after(f.firstNew), after(f.drained)], 'td');
            row.tabIndex = 0; row.onclick = () => { visit(i); canvas.scrollIntoView({ block: 'nearest' }); };
            row.onkeydown = e => { if (e.key === 'Enter') row.onclick(); };
            $('failovers').tBodies[0].append(row);
          });
          if (!D.failovers.length) $('failovers').replaceWith('No session was rebuilt.');
          $('rates').tHead.append(cells(document.createElement('tr'), ['from', 'link', 'first', 'median', 'last', 'last MCS', 'expected throughput',
            'frames', 'retries', 'failures'], 'th'));
          const megabits = value => value == null ? '–' : value + ' Mb/s';
          for (const r of D.rates) {
            $('rates').tBodies[0].append(cells(document.createElement('tr'), [short(r.device), laneName(r.lane), megabits(r.first), megabits(r.median),
              megabits(r.last), r.modulation || '–', megabits(r.expectedThroughput), r.frames, r.retries, r.failures], 'td'));
          }
          if (!D.rates.length) $('rates').replaceWith('No recording has the kernel\'s reports of rates.');
          for (const note of D.notes) { const p = document.createElement('p'); p.className = 'notes'; p.textContent = note; $('notes').append(p); }
          const told = document.createDocumentFragment();
          for (const t of D.told.slice().sort((a, b) => a.time - b.time)) {
            const line = document.createElement('div');
            line.textContent = clock(t.time) + '  ' + short(t.device) + '  ' + t.text; told.append(line);
          }
          $('told').append(told);
          if (!D.told.length) $('told').textContent = 'Only recordings tell that.';
        }
        function legend() {
          const item = (mark, words) => '<span><svg width="22" height="12">' + mark + '</svg>' + words + '</span>';
          const stroke = (colour, more) => '<line x1="1" y1="6" x2="21" y2="6" stroke="' + colour + '" stroke-width="2.4" ' + (more || '') + '/>';
          const box = (colour, fill) => '<rect x="1" y="2" width="20" height="8" stroke="' + colour + '" fill="' + fill + '"/>';
          $('legend').innerHTML = KINDS.map((name, i) => item(stroke(COLOURS[i]), name)).join('')
            + item(stroke(LOST, 'stroke-dasharray="3 3"') + '<path d="M17 2l5 8m0-8l-5 8" stroke="' + LOST + '"/>', 'lost')
            + item(box(STATES.alive, STATES.alive), 'link alive, session live') + item(box(STATES.suspect, STATES.suspect), 'in doubt, asked for')
            + item(box(STATES.lost, 'none') + '<path d="M2 10l8-8m0 8l8-8" stroke="' + STATES.lost + '"/>', 'link lost or down, session interrupted')
            + item(box(STATES.unknown, 'none'), 'not heard of yet')
            + Object.entries(LOOKS).map(([name, [colour, dash]]) => item(stroke(colour, 'stroke-dasharray="' + dash.join(' ') + '"'), 'payloads ' + name)).join('');
        }
        const query = new URLSearchParams(location.search);
        theme(query.has('dark') || (!query.has('light') && matchMedia('(prefers-color-scheme: dark)').matches));
        tables(); legend(); layout(); show(-MARGIN, D.length + MARGIN);
        if (query.has('failover')) visit(+query.get('failover') - 1);
        pictures();

        """#
}
