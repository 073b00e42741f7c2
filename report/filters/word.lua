-- Not every Word shows SVG: the drawing's PNG stands in, small enough to stand beside text. Notes get the style of
-- their name. Columns get widths, because not every program that opens the file looks into their cells.
local widths = dofile(pandoc.path.join({ pandoc.path.directory(PANDOC_SCRIPT_FILE), "widths.lua" }))
local LINE = 90 -- letters on a line of a table

function Image(image)
  image.src = image.src:gsub("%.svg$", ".png")
  image.attributes.width = "85%"
  return image
end

function Table(table)
  local least, most = widths.measure(table)
  if widths.sum(most) > LINE then
    widths.share(table, least, most, LINE)
  else
    widths.fit(table, most, LINE)
  end
  return table
end

function Div(div)
  if div.classes:includes("note") then
    div.attributes["custom-style"] = "Note"
    return div
  end
end

-- What pandoc was told is no property of the document: the path of the references would be one.
function Meta(meta)
  meta.bibliography, meta["link-citations"] = nil, nil
  return meta
end
