/// How the page looks: light and dark, on screen and on paper. The colours are those of Okabe and Ito, which people who are
/// colour-blind can tell apart; nothing is told by colour alone.
enum PageStyle {
    static let text = #"""
        :root { color-scheme: light; --ground: #fff; --ink: #1b1f24; --quiet: #5b636d; --line: #d5dae0; --soft: #f4f6f8; }
        :root.dark { color-scheme: dark; --ground: #14171b; --ink: #e8eaed; --quiet: #9aa4b0; --line: #343b43; --soft: #1d2126; }
        * { box-sizing: border-box; }
        body { margin: 0; padding: 14px 18px 30px; background: var(--ground); color: var(--ink);
          font: 14px/1.45 system-ui, "DejaVu Sans", sans-serif; }
        h1 { font-size: 19px; margin: 0; overflow-wrap: anywhere; }
        h2 { font-size: 15px; margin: 20px 0 6px; }
        header { display: flex; flex-wrap: wrap; gap: 6px 14px; align-items: center; justify-content: space-between; }
        #summary, .notes { color: var(--quiet); margin: 4px 0; }
        .bar { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; }
        button { font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--line); border-radius: 6px;
          padding: 3px 10px; cursor: pointer; }
        button:focus-visible, canvas:focus-visible, tr:focus-visible { outline: 2px solid #0072b2; outline-offset: 1px; }
        #stage { position: relative; margin-top: 8px; border: 1px solid var(--line); border-radius: 6px; overflow: hidden; }
        canvas { display: block; width: 100%; touch-action: none; cursor: crosshair; }
        #tip { position: absolute; display: none; max-width: min(560px, 92%); padding: 6px 9px; pointer-events: none;
          background: var(--ground); border: 1px solid var(--quiet); border-radius: 6px; font-size: 12.5px;
          box-shadow: 0 2px 10px #0004; overflow-wrap: anywhere; white-space: pre-line; z-index: 2; }
        .legend { display: flex; flex-wrap: wrap; gap: 4px 16px; color: var(--quiet); font-size: 12.5px; margin: 6px 2px; }
        .legend svg { vertical-align: -3px; margin-right: 5px; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { text-align: right; padding: 3px 10px; border-bottom: 1px solid var(--line); white-space: nowrap; }
        th { color: var(--quiet); font-weight: 600; }
        th:first-child, td:first-child, .left { text-align: left; }
        #failovers tbody tr { cursor: pointer; }
        #failovers tbody tr:hover { background: var(--soft); }
        #told { max-height: 300px; overflow: auto; border: 1px solid var(--line); border-radius: 6px; padding: 4px 8px;
          font: 12px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
        #told div { white-space: pre-wrap; overflow-wrap: anywhere; }
        figure { margin: 10px 0; cursor: pointer; }
        figure img { display: block; width: 100%; border: 1px solid var(--line); border-radius: 6px; }
        figcaption { color: var(--quiet); font-size: 12.5px; margin: 3px 2px; }
        kbd { border: 1px solid var(--line); border-radius: 4px; padding: 0 4px; font-size: 12px; background: var(--soft); }
        @media print {
          @page { size: A4 landscape; margin: 12mm; }
          body { padding: 0; }
          .bar, #tip, .screen { display: none !important; }
          #told { max-height: none; overflow: visible; }
          canvas { height: auto !important; }
          .wide { overflow: visible; }
          table, #told { font-size: 10.5px; }
          th, td { padding: 2px 6px; }
          #stage, figure, tr { break-inside: avoid; }
        }

        """#
}

/// What stands on the page before the script fills it.
enum PageBody {
    static let text = #"""
        <header>
        <h1 id="title"></h1>
        <div class="bar" role="toolbar" aria-label="View">
        <button id="out" title="Zoom out (-)">&minus;</button><button id="in" title="Zoom in (+)">+</button>
        <button id="all" title="Show all (0)">All</button>
        <button id="previous" title="Previous failover (p)">&larr; failover</button>
        <button id="next" title="Next failover (n)">failover &rarr;</button>
        <button id="theme" title="Light or dark (d)">Light / dark</button>
        </div>
        </header>
        <p id="summary"></p>
        <div id="stage"><canvas id="canvas" tabindex="0" role="img" aria-label="Ladder of the frames between the two devices"></canvas>
        <div id="tip" role="status"></div></div>
        <div class="legend" id="legend"></div>
        <p class="notes screen"><kbd>+</kbd> <kbd>-</kbd> or wheel: zoom; <kbd>&larr;</kbd> <kbd>&rarr;</kbd> or drag: move;
        <kbd>0</kbd> all; <kbd>n</kbd> <kbd>p</kbd> failovers; <kbd>.</kbd> <kbd>,</kbd> next and previous frame; <kbd>d</kbd> dark.</p>
        <h2>Failovers</h2>
        <div class="wide"><table id="failovers"><thead></thead><tbody></tbody></table></div>
        <div id="pictures"></div>
        <h2>Rates</h2>
        <div class="wide"><table id="rates"><thead></thead><tbody></tbody></table></div>
        <div id="notes" class="notes"></div>
        <h2>What the devices told</h2>
        <div id="told" tabindex="0"></div>

        """#
}
