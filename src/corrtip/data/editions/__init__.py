"""New editions: from the file that a publisher issues to a raw file with its sidecar, checked against the last one.

``sheets`` and ``workbook`` open files from outside, within limits. ``cpi``, ``tip``, ``worldbank`` and ``governance``
know the publishers' forms and make a `corrtip.data.editions.draft.Draft` of them. ``compare`` sets it beside the last
edition, ``add`` writes it, ``download`` fetches what to add.
"""
