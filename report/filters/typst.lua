-- What pandoc's Typst writer leaves out: words for pictures, the looks of the blocks that template.typ names, and
-- how a table is set by its size.
local LOOKS = { answer = true, note = true, references = true }
-- Letters that fit on a line of the text's width, and on half a page of a table.
local LINE, HALF_PAGE, ROWS = 100, 2600, 24

local function call(name, blocks)
  local made = pandoc.List({ pandoc.RawBlock("typst", "#" .. name .. "[") })
  made:extend(blocks)
  made:insert(pandoc.RawBlock("typst", "]"))
  return made
end

function Div(div)
  for _, class in ipairs(div.classes) do
    if LOOKS[class] then
      div.content = call(class, div.content)
      return div
    end
  end
end

local function quoted(text)
  return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"') .. '"'
end

function Image(image)
  local words = image.attributes.alt or pandoc.utils.stringify(image.caption)
  return pandoc.RawInline("typst", "#drawing(" .. quoted(image.src) .. ", " .. quoted(words) .. ")")
end

local function letters(cell)
  return utf8.len(pandoc.utils.stringify(cell.contents))
end

function Table(table)
  local widths, rows, all = {}, 0, 0
  for _, body in ipairs(table.bodies) do
    for _, row in ipairs(body.body) do
      rows = rows + 1
      for column, cell in ipairs(row.cells) do
        widths[column] = math.max(widths[column] or 0, letters(cell))
        all = all + letters(cell)
      end
    end
  end
  local line = 0
  for _, width in ipairs(widths) do
    line = line + math.min(width, 40) + 2
  end
  local made = pandoc.List({ table })
  if line > LINE and #widths > 5 then
    made = call("wide", made)
  end
  if rows <= ROWS and all < HALF_PAGE then
    made = call("whole", made)
  end
  return made
end
