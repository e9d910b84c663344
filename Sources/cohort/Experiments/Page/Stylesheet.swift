/// The page's style: system fonts, one column on a phone, light and dark. Series colours are told apart
/// with every common kind of colour blindness, and lines by their dashes as well.
enum Stylesheet {
    static let text = variables + layout + tables + plots

    private static let variables = """
        :root { color-scheme: light dark; --paper: #ffffff; --ink: #1c1e21; --soft: #5a6068;
          --rule: #d7dbe0; --panel: #f5f6f8; --good: #00664a; --bad: #a23b00; --link: #0b5cad;
          --s0: #0072b2; --s1: #d55e00; --s2: #00805c; --s3: #a8327d; --s4: #8a6d00; --s5: #4d4d4d; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #15171a; --ink: #e8eaed; --soft: #a4abb5; --rule: #3a3f46; --panel: #1e2125;
            --good: #4fd1a5; --bad: #ff9d5c; --link: #7ab8ff; --s0: #56b4e9; --s1: #f0883e;
            --s2: #2ccb9a; --s3: #e58ac1; --s4: #e0c33f; --s5: #bdbdbd; } }

        """

    private static let layout = """
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 68rem; background: var(--paper);
          color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: break-word; }
        h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .75rem; }
        h2 { font-size: 1.3rem; line-height: 1.25; margin: 0 0 .5rem; }
        p { max-width: 46rem; margin: 0 0 .75rem; }
        a { color: var(--link); }
        a:focus-visible, summary:focus-visible, .scroll:focus-visible {
          outline: 3px solid var(--link); outline-offset: 2px; }
        section { border-top: 1px solid var(--rule); padding-top: 1.5rem; margin-top: 2rem; }
        .method, footer { color: var(--soft); font-size: .9rem; margin-top: .75rem; }
        .places { list-style: none; margin: 0; padding: 0; }
        .verdicts { list-style: none; padding: 0; margin: 0 0 1rem; max-width: 46rem; }
        .verdicts li { border-left: 4px solid var(--good); background: var(--panel);
          padding: .5rem .75rem; margin-bottom: .5rem; }
        .verdicts li.no { border-color: var(--bad); }
        .word { font-weight: 700; color: var(--good); }
        .no .word, .word.no { color: var(--bad); }
        .figures { display: grid; gap: 1rem;
          grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); }
        figure { margin: 0; min-width: 0; border: 1px solid var(--rule); border-radius: 6px;
          padding: .75rem; }
        figure.plot { max-width: 36rem; }
        figure.wide { grid-column: 1 / -1; }
        pre { margin: 0 0 .75rem; padding: .75rem; border-radius: 6px; background: var(--panel);
          font: .85rem/1.5 ui-monospace, monospace; }
        figcaption { font-weight: 600; margin-bottom: .4rem; }
        summary { cursor: pointer; color: var(--link); padding: .25rem 0; }

        """

    private static let tables = """
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
        th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0;
          border-bottom: 1px solid var(--rule); }
        thead th { color: var(--soft); font-weight: 600; }
        tbody th { font-weight: 500; }

        """

    private static let plots = """
        figure svg { display: block; width: 100%; height: auto; }
        svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
        svg text.label { fill: var(--ink); }
        @media (max-width: 30rem) { svg text { font-size: 14px; } }
        .grid { stroke: var(--rule); }
        .axis { stroke: var(--soft); }
        .curve, .guide { fill: none; stroke: var(--c); stroke-width: 2.2; stroke-linejoin: round; }
        .guide { stroke-dasharray: 2 4; stroke-width: 1.8; }
        .band { fill: var(--c); opacity: .16; }
        .whisker { stroke: var(--c); stroke-width: 1.6; }
        .dot, .bar { fill: var(--c); }
        .error { stroke: var(--ink); stroke-width: 1.4; }
        .s0 { --c: var(--s0); } .s1 { --c: var(--s1); } .s2 { --c: var(--s2); }
        .s3 { --c: var(--s3); } .s4 { --c: var(--s4); } .s5 { --c: var(--s5); }
        .s6 { --c: var(--soft); }
        .curve.s1 { stroke-dasharray: 8 4; } .curve.s2 { stroke-dasharray: 3 3; }
        .curve.s3 { stroke-dasharray: 10 3 2 3; } .curve.s4 { stroke-dasharray: 5 2; }
        .curve.s5 { stroke-dasharray: 1 3; }
        ul.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin: .4rem 0;
          padding: 0; font-size: .88rem; }
        ul.legend li { display: flex; align-items: center; gap: .4rem; }
        ul.legend svg { width: 28px; height: 12px; flex: none; }

        """
}
