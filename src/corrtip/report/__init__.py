"""What people read: the report room lays out results and estimates nothing.

The line is straight, and each step is a file of its own::

    notebook  --notebooks.py-->  build/results/NOTEBOOK/*.json, *.svg, *.png   (saved through artifacts.py)
                                 build/notebooks/NOTEBOOK.ipynb, .html         (the executed copy)
    results   --rendering.py-->  report/report.md, every {{name}} filled, and the map of origins.py
    text      --documents.py-->  build/report.html, .pdf, .docx                (by pandoc and typst)
    results   --explore.py-->    build/explore.html                            (charts of Altair, drawn by Vega)
                                 build/manifest.json                           (which inputs made which outputs)

A notebook calls the library, shows what it got and saves it under a name. The report's prose holds the names. Nothing
else passes between the two.
"""
