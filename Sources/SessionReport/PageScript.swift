/// What the page does. Plain JavaScript, no library.
enum PageScript {
    /// Takes the data in, and says what there is of it.
    static let data = #"""
        'use strict';
        const problems = [];
        window.addEventListener('error', event => { problems.push(event.message); report(); });
        const $ = id => document.getElementById(id);
        const D = JSON.parse($('data').textContent);
        function numbers(text, Type) {
          const raw = atob(text), octets = new Uint8Array(raw.length);
          for (let i = 0; i < raw.length; i++) octets[i] = raw.charCodeAt(i);
          return new Type(octets.buffer);
        }
        const sent = numbers(D.sent, Float64Array), taken = numbers(D.taken, Float32Array);
        const kinds = numbers(D.kinds, Uint8Array), places = numbers(D.places, Uint8Array);
        for (const s of D.series) { s.t = numbers(s.times, Float64Array); s.v = numbers(s.values, Float64Array); }
        const groups = [...new Set(D.series.map(s => s.group))];
        let lines = null;
        function textOf(index) {
          if (!lines) lines = $('texts').textContent.split('\n');
          return lines[index + 1] || '';
        }
        const KINDS = ['payload', 'block acknowledgment', 'session', 'heartbeat', 'acknowledgment', 'other'];
        const COLOURS = ['#0072b2', '#56b4e9', '#cc79a7', '#8c8c8c', '#b0b0b0', '#c8a800'];
        const STATES = { alive: '#009e73', suspect: '#e69f00', lost: '#d55e00', down: '#d55e00', unknown: '#9a9a9a' };
        const LOST = '#d55e00';
        const LOOKS = { sent: ['#0072b2', []], acknowledged: ['#009e73', []], delivered: ['#cc79a7', [5, 3]] };
        function sessionColour(state) {
          if (state.startsWith('live')) return '#009e73';
          return state === 'interrupted' ? '#d55e00' : '#e69f00';
        }
        /* The first frame at or after a time. */
        function lowerBound(array, time) {
          let low = 0, high = array.length;
          while (low < high) { const middle = (low + high) >> 1; if (array[middle] < time) low = middle + 1; else high = middle; }
          return low;
        }
        function span(ms) {
          if (ms === null || ms === undefined || Number.isNaN(ms)) return '–';
          const size = Math.abs(ms);
          if (size >= 10000) return (ms / 1000).toFixed(2) + ' s';
          return (size >= 100 ? ms.toFixed(0) : size >= 1 ? ms.toFixed(1) : ms.toFixed(3)) + ' ms';
        }
        /* What a device is called where there is little room: the name, or the end of the address. */
        const short = device => {
          const name = D.devices[device].name.split(' ')[0];
          return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(name) ? '…' + name.slice(12) : name;
        };
        const clock = ms => (ms / 1000).toFixed(6) + ' s';
        const laneName = i => i === null || i === undefined ? '?' : 'link ' + D.lanes[i].link;

        """#

    /// Draws the ladder.
    static let drawing = #"""
        const canvas = $('canvas'), context = canvas.getContext('2d');
        const LEFT = 118, RIGHT = 12, HEAD = 26, LANE = 104, BAND = 9, GAP = 20, ROW = 32, CHART = 96, FEW = 60;
        let current = -1, explained = false, labelled = -100, lettered = -100, from = 0, to = 1, width = 0, height = 0, marked = -1, drawn = 0, css = {};
        const MARGIN = Math.max(D.length * 0.01, 0.5);
        const x = time => LEFT + (time - from) / (to - from) * (width - LEFT - RIGHT);
        const time = position => from + (position - LEFT) / (width - LEFT - RIGHT) * (to - from);
        const laneTop = lane => HEAD + lane * (LANE + GAP);
        const rail = (lane, device) => laneTop(lane) + (device === 0 ? BAND + 8 : LANE - BAND - 8);
        const STRIP = D.failovers.length ? 66 : 0;
        const rowsTop = () => HEAD + D.lanes.length * (LANE + GAP) + STRIP;
        const sessionRows = [0, 1].filter(d => D.bands.some(b => b.lane === undefined && b.device === d));
        const chartTop = () => rowsTop() + sessionRows.length * (ROW + 6) + 14;
        function layout() {
          width = Math.max(320, $('stage').clientWidth);
          height = chartTop() + groups.length * (CHART + 16) + 22;
          const ratio = window.devicePixelRatio || 1;
          canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio);
          canvas.style.height = height + 'px';
          context.setTransform(ratio, 0, 0, ratio, 0, 0);
        }
        function readColours() {
          const style = getComputedStyle(document.documentElement);
          for (const name of ['ground', 'ink', 'quiet', 'line', 'soft']) css[name] = style.getPropertyValue('--' + name).trim();
        }
        function text(string, px, py, colour, align, font) {
          context.fillStyle = colour; context.textAlign = align || 'left'; context.textBaseline = 'middle';
          context.font = font || '12px system-ui, "DejaVu Sans", sans-serif'; context.fillText(string, px, py);
        }
        function fit(string, room) {
          context.font = '12px system-ui, "DejaVu Sans", sans-serif';
          if (context.measureText(string).width <= room) return string;
          while (string.length > 1 && context.measureText(string + '…').width > room) string = string.slice(0, -1);
          return string + '…';
        }
        function axis() {
          const steps = [1, 2, 5], wanted = (to - from) / Math.max(2, (width - LEFT) / 110);
          let step = 1e-4;
          for (let power = 1e-4; power < 1e9; power *= 10) {
            const found = steps.find(s => s * power >= wanted);
            if (found) { step = found * power; break; }
          }
          context.strokeStyle = css.line; context.lineWidth = 1; context.beginPath();
          for (let t = Math.ceil(from / step) * step; t <= to; t += step) {
            const px = Math.round(x(t)) + .5;
            context.moveTo(px, HEAD - 5); context.lineTo(px, height - 18);
            text(step >= 1000 ? (t / 1000).toFixed(0) + ' s' : step >= 1 ? t.toFixed(0) + ' ms' : t.toFixed(3) + ' ms',
              px, 11, css.quiet, 'center', '11px system-ui, "DejaVu Sans", sans-serif');
          }
          context.stroke();
        }
        function hatch(px, py, w, h, colour) {
          context.save(); context.beginPath(); context.rect(px, py, w, h); context.clip();
          context.strokeStyle = colour; context.lineWidth = 1.5; context.beginPath();
          for (let p = Math.floor(px / 6) * 6 - h; p < px + w; p += 6) { context.moveTo(p, py + h); context.lineTo(p + h, py); }
          context.stroke(); context.restore();
        }
        function band(b, py, h, colour, label) {
          const x0 = Math.max(LEFT, x(b.from)), x1 = Math.min(width - RIGHT, x(b.to));
          if (x1 < LEFT || x0 > width - RIGHT) return;
          const w = Math.max(b.state === 'interrupted' ? 3 : 1.5, x1 - x0);
          if (b.state === 'lost' || b.state === 'down' || b.state === 'interrupted') {
            context.fillStyle = colour + '40'; context.fillRect(x0, py, w, h); hatch(x0, py, w, h, colour);
            context.strokeStyle = colour; context.lineWidth = 1; context.strokeRect(x0 + .5, py + .5, Math.max(.5, w - 1), h - 1);
          } else if (b.state === 'unknown') {
            context.strokeStyle = colour; context.lineWidth = 1; context.strokeRect(x0 + .5, py + .5, Math.max(.5, w - 1), h - 1);
          } else { context.fillStyle = colour; context.fillRect(x0, py, w, h); }
          if (label && w > 40) {
            const solid = b.state !== 'interrupted';
            if (!solid) { context.fillStyle = css.ground; context.fillRect(x0 + 3, py + 2, Math.min(w - 6, 80), h - 4); }
            text(fit(b.state, w - 10), x0 + 6, py + h / 2 + .5, solid ? '#fff' : css.ink);
          }
        }
        function frames() {
          const begin = lowerBound(sent, from - 50), end = lowerBound(sent, to);
          const inside = width - LEFT - RIGHT, columns = Math.ceil(inside);
          drawn = 0;
          if (end - begin > inside * 1.5) return density(begin, end, columns);
          const many = (end - begin) / inside;
          // What sessions live by is drawn last, and so lies on top.
          for (const isSession of [false, true]) for (let i = begin; i < end; i++) {
            const kind = kinds[i] & 15, fate = kinds[i] >> 4, lane = places[i] >> 1, sender = places[i] & 1;
            if ((kind === 2) !== isSession) continue;
            const x0 = x(sent[i]);
            let x1 = Number.isNaN(taken[i]) ? x0 : x(sent[i] + taken[i]);
            if (x1 < LEFT || x0 > width - RIGHT) continue;
            drawn++;
            const y0 = rail(lane, sender), whole = rail(lane, 1 - sender);
            const y1 = fate === 2 ? y0 + (whole - y0) * .55 : whole;
            context.strokeStyle = fate === 2 ? LOST : COLOURS[kind];
            context.lineWidth = i === marked ? 3.5 : kind === 2 ? 3 : many > .3 ? 1 : 1.4;
            context.setLineDash(fate === 2 ? [3, 3] : fate === 0 ? [6, 2] : []);
            context.beginPath(); context.moveTo(Math.max(LEFT, x0), y0); context.lineTo(Math.max(LEFT, x1), y1); context.stroke();
            context.setLineDash([]);
            if (fate === 2) {
              context.beginPath(); context.moveTo(x1 - 3, y1 - 3); context.lineTo(x1 + 3, y1 + 3);
              context.moveTo(x1 - 3, y1 + 3); context.lineTo(x1 + 3, y1 - 3); context.stroke();
            } else if (many < .25 || kind === 2) {
              const s = y1 > y0 ? -1 : 1;
              context.fillStyle = context.strokeStyle; context.beginPath();
              const w = kind === 2 ? 5 : 3;
              context.moveTo(x1, y1); context.lineTo(x1 - w, y1 + 2 * w * s); context.lineTo(x1 + w, y1 + 2 * w * s); context.fill();
            }
          }
        }
        /* Where there are more frames than columns: how many of each kind in each column, the lost ones beyond the middle. */
        function density(begin, end, columns) {
          const slots = D.lanes.length * 2, counts = new Uint32Array(columns * slots * 7);
          const sessions = [];
          let most = 1;
          for (let i = begin; i < end; i++) {
            const column = Math.floor(x(sent[i]) - LEFT);
            if (column < 0 || column >= columns) continue;
            drawn++;
            if ((kinds[i] & 15) === 2 && sessions.length <= FEW) sessions.push(i);
            const slot = (column * slots + places[i]) * 7;
            counts[slot + ((kinds[i] >> 4) === 2 ? 6 : kinds[i] & 15)]++;
          }
          for (let s = 0; s < counts.length; s += 7) {
            let sum = 0; for (let k = 0; k < 7; k++) sum += counts[s + k];
            if (sum > most) most = sum;
          }
          const half = (LANE - 2 * BAND - 16) / 2 - 2, scale = half / Math.log1p(most);
          for (let column = 0; column < columns; column++) for (let slot = 0; slot < slots; slot++) {
            const at = (column * slots + slot) * 7;
            let sum = 0; for (let k = 0; k < 7; k++) sum += counts[at + k];
            if (!sum) continue;
            const tall = Math.max(2, Math.log1p(sum) * scale), down = (slot & 1) === 0 ? 1 : -1;
            let y0 = rail(slot >> 1, slot & 1);
            for (const k of [2, 0, 1, 4, 3, 5, 6]) {
              if (!counts[at + k]) continue;
              const part = Math.max(1, tall * counts[at + k] / sum);
              context.fillStyle = k === 6 ? LOST : COLOURS[k];
              context.fillRect(LEFT + column, down > 0 ? y0 : y0 - part, 1, part);
              y0 += down * part;
            }
          }
          if (sessions.length <= FEW) for (const i of sessions) {
            const lost = (kinds[i] >> 4) === 2, px = x(sent[i]), y0 = rail(places[i] >> 1, places[i] & 1), y1 = rail(places[i] >> 1, 1 - (places[i] & 1));
            context.strokeStyle = lost ? LOST : COLOURS[2]; context.lineWidth = 2; context.setLineDash(lost ? [3, 3] : []);
            context.beginPath(); context.moveTo(px, y0); context.lineTo(px, lost ? (y0 + y1) / 2 : y1); context.stroke();
          }
          context.setLineDash([]);
        }
        const begins = f => f.lastGood ?? f.declared ?? f.requested;
        const ends = f => f.drained ?? f.firstNew ?? f.acknowledged ?? f.requested;
        const overlaps = (f, g) => begins(f) <= ends(g) && begins(g) <= ends(f);
        function shade(f) {
          const x0 = x(begins(f)), x1 = x(ends(f));
          if (x1 < LEFT || x0 > width - RIGHT) return;
          const a = Math.max(LEFT, x0), b = Math.min(width - RIGHT, Math.max(x1, x0 + 2));
          context.fillStyle = b - a < 5 && D.failovers.length <= FEW ? '#e69f0059' : '#e69f0022';
          context.fillRect(a, HEAD - 4, Math.max(1, b - a), height - HEAD - 14);
        }
        function failover(f, number) {
          const start = begins(f), end = ends(f);
          const x0 = x(start), x1 = x(end);
          if (x1 < LEFT || x0 > width - RIGHT) return;
          const a = Math.max(LEFT, x0), b = Math.min(width - RIGHT, Math.max(x1, x0 + 2));
          context.strokeStyle = '#e69f00'; context.lineWidth = 1;
          if (b - a >= 5) context.strokeRect(a + .5, HEAD - 3.5, b - a - 1, height - HEAD - 15);
          if (b - a < 150) return label(f, number, (a + b) / 2);
          // Of several that overlap, one is explained.
          if (number !== current && (explained || (current >= 0 && overlaps(f, D.failovers[current])))) return;
          explained = true;
          const marks = [['last good frame', f.lastGood], ['loss declared', f.declared], ['rebuild sent', f.requested],
            ['acknowledged', f.acknowledged], ['first new frame', f.firstNew], ['window drained', f.drained]].filter(m => m[1] != null).sort((m, n) => m[1] - n[1]);
          let free = -1e9, level = 0;
          for (const [name, at] of marks) {
            const px = x(at);
            if (px < LEFT || px > width - RIGHT) continue;
            context.strokeStyle = css.ink; context.setLineDash([2, 3]); context.lineWidth = 1; context.beginPath();
            context.moveTo(px, HEAD - 4); context.lineTo(px, height - 18); context.stroke(); context.setLineDash([]);
            const label = name + ' ' + (at === start ? '' : '+' + span(at - start)), w = context.measureText(label).width + 8;
            level = px < free ? (level + 1) % 4 : 0; free = Math.max(level ? free : 0, px + w);
            const right = px + w > width - RIGHT;
            const top = rowsTop() - STRIP + 15 * level;
            context.globalAlpha = .87; context.fillStyle = css.ground; context.fillRect(right ? px - w : px + 1, top - 8, w, 15);
            context.globalAlpha = 1;
            text(label, right ? px - 4 : px + 4, top, css.ink, right ? 'right' : 'left', '11px system-ui, "DejaVu Sans", sans-serif');
          }
        }
        /* A failover that has little room: its number, and how long it took where there is more. */
        function label(f, number, middle) {
          if (middle < labelled + 34) return;
          labelled = middle;
          const bold = 'bold 12px system-ui, "DejaVu Sans", sans-serif', top = rowsTop() - STRIP + 12;
          text('F' + (number + 1), middle, height - 8, css.ink, 'center', bold);
          const time = span(ends(f) - begins(f)), isNarrow = width < 600;
          const words = 'F' + (number + 1) + '  ' + (isNarrow ? '' : laneName(f.lostLane) + ' → ' + laneName(f.newLane) + ', ') + time;
          context.font = bold;
          const w = context.measureText(words).width + 12, right = middle + w > width - RIGHT, px = right ? middle - w : middle;
          if (px < lettered || px < LEFT) return;
          lettered = px + w;
          context.fillStyle = css.ground; context.fillRect(px, top - 9, w, 18);
          context.strokeStyle = '#e69f00'; context.lineWidth = 1.5; context.strokeRect(px, top - 9, w, 18);
          text(words, px + 6, top, css.ink, 'left', bold);
        }
        function chart(group, index) {
          const top = chartTop() + index * (CHART + 16), bottom = top + CHART, all = D.series.filter(s => s.group === group);
          let low = Infinity, high = -Infinity;
          for (const s of all) {
            const a = Math.max(0, lowerBound(s.t, from) - 1), b = Math.min(s.t.length - 1, lowerBound(s.t, to));
            if (b >= a && s.v.length) { low = Math.min(low, s.v[a]); high = Math.max(high, s.v[b]); }
          }
          if (!(high > low)) { low = Math.min(low, 0) || 0; high = low + 1; }
          const y = v => bottom - (v - low) / (high - low) * (CHART - 6);
          context.lineWidth = 1; context.strokeStyle = css.line; context.strokeRect(LEFT + .5, top + .5, width - LEFT - RIGHT - 1, CHART);
          const sender = +group.slice(-1), words = ['window', short(sender) + ' → ' + short(1 - sender), group.slice(0, 8)].map(word => fit(word, LEFT - 44));
          words.forEach((word, i) => text(word, 8, top + 12 + 16 * i, i ? css.quiet : css.ink));
          text(String(Math.round(high)), LEFT - 6, top + 8, css.quiet, 'right', '11px system-ui, sans-serif');
          text(String(Math.round(low)), LEFT - 6, bottom - 6, css.quiet, 'right', '11px system-ui, sans-serif');
          context.save(); context.beginPath(); context.rect(LEFT, top, width - LEFT - RIGHT, CHART + 1); context.clip();
          for (const s of all) {
            const [colour, dash] = LOOKS[s.name];
            context.strokeStyle = colour; context.lineWidth = 1.8; context.setLineDash(dash); context.beginPath();
            const a = Math.max(0, lowerBound(s.t, from) - 1), b = Math.min(s.t.length, lowerBound(s.t, to) + 1);
            let last = -1e9, previous = null;
            for (let i = a; i < b; i++) {
              const px = x(s.t[i]);
              if (previous === null) context.moveTo(px, y(s.v[i]));
              else if (px - last >= .5 || i === b - 1) { if (last > -1e9) context.lineTo(last, y(previous)); context.lineTo(px, y(previous)); context.lineTo(px, y(s.v[i])); last = px; }
              previous = s.v[i];
            }
            if (previous !== null && b === s.t.length) context.lineTo(x(D.length), y(previous));
            context.stroke();
          }
          context.restore(); context.setLineDash([]);
          // Where there is no room, the legend of the page has to do.
          if (width - LEFT - RIGHT >= 420) all.forEach((s, i) => {
            const px = LEFT + 10 + i * 132, [colour, dash] = LOOKS[s.name];
            context.strokeStyle = colour; context.lineWidth = 2; context.setLineDash(dash); context.beginPath();
            context.moveTo(px, top + 11); context.lineTo(px + 18, top + 11); context.stroke(); context.setLineDash([]);
            text(s.name, px + 23, top + 11, css.ink);
          });
        }
        function draw() {
          readColours();
          context.fillStyle = css.ground; context.fillRect(0, 0, width, height);
          axis();
          D.failovers.forEach(shade);
          context.save(); context.beginPath(); context.rect(LEFT, 0, width - LEFT - RIGHT, height); context.clip();
          for (const b of D.bands) if (b.lane !== undefined) {
            band(b, b.device === 0 ? laneTop(b.lane) : laneTop(b.lane) + LANE - BAND, BAND, STATES[b.state] || '#9a9a9a');
          }
          context.restore();

          for (let lane = 0; lane < D.lanes.length; lane++) {
            context.strokeStyle = css.quiet; context.lineWidth = 1; context.beginPath();
            for (const device of [0, 1]) { const py = rail(lane, device) + .5; context.moveTo(LEFT, py); context.lineTo(width - RIGHT, py); }
            context.stroke();
            text(laneName(lane), 8, laneTop(lane) + LANE / 2 - 8, css.ink, 'left', 'bold 13px system-ui, "DejaVu Sans", sans-serif');
            if (D.lanes[lane].frequency) text(D.lanes[lane].frequency + ' MHz', 8, laneTop(lane) + LANE / 2 + 9, css.quiet);
            for (const device of [0, 1]) {
              text(fit(short(device), LEFT - 16), LEFT - 8, rail(lane, device), css.ink, 'right');
            }
          }
          context.save(); context.beginPath(); context.rect(LEFT, 0, width - LEFT - RIGHT, rowsTop()); context.clip();
          frames();
          context.restore();
          sessionRows.forEach((device, row) => {
            const top = rowsTop() + row * (ROW + 6);
            text(fit('session at ' + short(device), LEFT - 12), 8, top + ROW / 2, css.ink);
            const own = D.bands.filter(b => b.lane === undefined && b.device === device);
            const names = [...new Set(own.map(b => b.text.split(':')[0]))], h = ROW / Math.max(1, names.length);
            for (const b of own) band(b, top + names.indexOf(b.text.split(':')[0]) * h, h - 1, sessionColour(b.state), h > 12);
          });
          groups.forEach(chart);
          labelled = -100; lettered = -100; explained = false;
          D.failovers.forEach(failover);
          report();
        }

        function report() {
          document.body.dataset.frames = D.count; document.body.dataset.drawn = drawn;
          document.body.dataset.milliseconds = document.body.dataset.milliseconds || Math.round(performance.now());
          document.body.dataset.problems = problems.length;
        }

        """#
}
