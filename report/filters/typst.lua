-- What pandoc's Typst writer leaves out: words for pictures, the looks of the blocks that template.typ names, and
-- how a table is set by its size.
local LOOKS = { answer = true, note = true, references = true }
-- In letters: a line of a table, the space between columns, a table that stays on one page, a cell that stays on one
-- line, and one that need not stay on one page.
local LINE, MARGIN, SHORT, SHORT_CELL, LONG_CELL = 112, 2, 1300, 18, 2500
local ROWS = 16

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

-- A formula is read out as it was typed.
function Math(formula)
  local made = pandoc.write(pandoc.Pandoc({ pandoc.Plain({ formula }) }), "typst"):gsub("%s+$", "")
  return pandoc.RawInline("typst", "#{ set math.equation(alt: " .. quoted(formula.text) .. "); " .. made .. " }")
end

local function words(cell)
  return pandoc.utils.stringify(cell.contents)
end

-- What each column needs: the letters of its longest word, or number, and of its longest cell.
local function measure(table)
  local least, most, longest, all, rows = {}, {}, 0, 0, 0
  local function see(cell, column, head)
    local text = words(cell)
    local length = utf8.len(text)
    -- Numbers and short labels stay on one line; a head may take two.
    local whole = not head and (table.colspecs[column][1] == "AlignRight" or length <= SHORT_CELL)
    for word in text:gmatch(whole and ".+" or "%S+") do
      least[column] = math.max(least[column] or 1, utf8.len(word))
    end
    most[column] = math.max(most[column] or 1, head and length // 2 + 3 or length, least[column] or 1)
    longest, all = math.max(longest, length), all + length
  end
  for _, row in ipairs(table.head.rows) do
    for column, cell in ipairs(row.cells) do
      see(cell, column, true)
    end
  end
  for _, body in ipairs(table.bodies) do
    for _, row in ipairs(body.body) do
      rows = rows + 1
      for column, cell in ipairs(row.cells) do
        see(cell, column, false)
      end
    end
  end
  return least, most, longest, all, rows
end

local function sum(numbers)
  local total = 0
  for _, number in ipairs(numbers) do
    total = total + number + MARGIN
  end
  return total
end

-- A table wider than the page: every column gets its longest word, and of what is left the more the more it holds,
-- though not in proportion: one long cell shall not starve the others.
local function share(table, least, most)
  local wants, wanted, widths, total = {}, 0, {}, 0
  for column in ipairs(least) do
    wants[column] = (most[column] - least[column]) ^ 0.7
    wanted = wanted + wants[column]
  end
  local room = math.max(LINE - sum(least), 0)
  for column in ipairs(least) do
    widths[column] = least[column] + MARGIN + room * wants[column] / wanted
    total = total + widths[column]
  end
  for column, spec in ipairs(table.colspecs) do
    table.colspecs[column] = { spec[1], widths[column] / total }
  end
end

local function set(table)
  local least, most, longest, all, rows = measure(table)
  local made = pandoc.List({ table })
  if sum(most) > LINE then
    share(table, least, most)
  end
  if sum(least) > LINE then
    made = call("wide", made)
  end
  if longest < LONG_CELL then
    made = call("steady", made)
  end
  return made, rows <= ROWS and all < SHORT
end

-- A short table stays on one page, with its note.
function Blocks(blocks)
  local made, place = pandoc.List(), 1
  while place <= #blocks do
    local block = blocks[place]
    if block.t == "Table" then
      local table, short = set(block)
      local note = blocks[place + 1]
      if short and note and note.t == "Div" and note.classes:includes("note") then
        table:insert(note)
        place = place + 1
      end
      made:extend(short and call("whole", table) or table)
    else
      made:insert(block)
    end
    place = place + 1
  end
  return made
end
