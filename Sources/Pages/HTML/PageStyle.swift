/// The style sheet of all pages, with a light and a dark scheme. The two class colours, blue and
/// orange, are distinguishable with red-green colour blindness. Text has a contrast of at least 4.5 : 1,
/// edges of controls 3 : 1 (WCAG 2.2, levels AA, 1.4.3 and 1.4.11).
enum PageStyle {
    static let text = """
        :root { color-scheme: light dark; --text: #1b1f24; --faint: #59636e; --line: #d1d9e0;
          --edge: #818b98; --back: #fff; --panel: #f6f8fa; --proxy: #0969b0; --generated: #b0500d; }
        @media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --faint: #9198a1;
          --line: #3d444d; --edge: #6e7681; --back: #0d1117; --panel: #161b22; --proxy: #6cb6ff;
          --generated: #ffa657; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; color: var(--text);
          background: var(--back); font: 15px/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; }
        h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
        p, figcaption { margin: .25rem 0; color: var(--faint); overflow-wrap: anywhere; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { text-align: left; white-space: nowrap; padding: .2rem 1.25rem .2rem 0;
          border-bottom: 1px solid var(--line); }
        .number { text-align: right; }
        tbody th { font-weight: normal; }
        tr.section th { font-weight: 600; padding-top: 1rem; white-space: normal; }
        .charts, .gallery { display: grid; gap: 1rem; }
        .charts { grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); }
        .gallery { grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); }
        figure { margin: 0; padding: .75rem; background: var(--panel); border-radius: 6px;
          min-width: 0; }
        .charts figure { max-width: 32rem; }
        figure h3 { margin: 0 0 .5rem; font-size: 1rem; }
        svg { display: block; width: 100%; font: 12px system-ui, sans-serif; }
        svg text { fill: var(--faint); }
        .plot { fill: none; stroke: var(--line); }
        .grid { stroke: var(--line); stroke-width: .5; }
        .diagonal { fill: none; stroke: var(--faint); stroke-dasharray: 4 3; }
        .curve { fill: none; stroke: var(--proxy); stroke-width: 1.8; }
        .second { stroke: var(--generated); }
        .proxy { fill: var(--proxy); fill-opacity: .55; }
        .generated { fill: var(--generated); fill-opacity: .55; }
        .band { fill: var(--proxy); fill-opacity: .2; }
        .key { display: inline-block; width: .8em; height: .8em; border-radius: 2px;
          margin: 0 .3em 0 .6em; }
        .key:first-child { margin-left: 0; }
        .key.proxy { background: var(--proxy); }
        .key.generated { background: var(--generated); }
        .gallery figure { font-size: .9rem; }
        details { margin: .5rem 0; }
        .terms { display: grid; grid-template-columns: auto 1fr; gap: .3rem 1rem; margin: .5rem 0; }
        .terms dd { margin: 0; color: var(--faint); overflow-wrap: anywhere; }
        @media (max-width: 40rem) { body { padding: .75rem; } }
        .gallery video, .gallery img, .missing { display: block; width: 100%; height: 7.5rem;
          object-fit: contain; border-radius: 4px; }
        .missing { display: grid; place-items: center; background: var(--back);
          border: 1px dashed var(--line); color: var(--faint); }
        li { overflow-wrap: anywhere; }
        """
}
