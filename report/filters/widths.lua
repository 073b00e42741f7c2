-- What the columns of a table need, in letters, and how they share a line: for the printed page and for Word, neither of
-- which looks into the cells before it sets them.
-- A longer word may be broken anywhere.
local widths = { LONG_WORD = 40 }

-- The space between columns, a cell that stays on one line, and how much wider the letters of a head are.
local MARGIN, SHORT_CELL, BOLD = 2, 18, 1.15

local function words(cell)
  return pandoc.utils.stringify(cell.contents)
end

-- What each column needs: the letters of its longest word, or number, and of its longest cell. Then the longest cell of
-- all, the letters of all, and the rows.
function widths.measure(table)
  local least, most, longest, all, rows = {}, {}, 0, 0, 0
  local function see(cell, column, head)
    local text = words(cell)
    local length = utf8.len(text)
    -- Numbers and short labels stay on one line; a head may take two.
    local whole = not head and (table.colspecs[column][1] == "AlignRight" or length <= SHORT_CELL)
    for word in text:gmatch(whole and ".+" or "%S+") do
      local needs = math.min(utf8.len(word), widths.LONG_WORD) * (head and BOLD or 1)
      least[column] = math.max(least[column] or 1, needs)
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

function widths.sum(numbers)
  local total = 0
  for _, number in ipairs(numbers) do
    total = total + number + MARGIN
  end
  return total
end

-- A table wider than the line: every column gets its longest word, and of what is left the more the more it holds,
-- though not in proportion: one long cell shall not starve the others.
function widths.share(table, least, most, line)
  local wants, wanted, shares, total = {}, 0, {}, 0
  for column in ipairs(least) do
    wants[column] = (most[column] - least[column]) ^ 0.7
    wanted = wanted + wants[column]
  end
  -- Where no column wants more than it gets there is nothing to share out.
  wanted = math.max(wanted, 1)
  local room = math.max(line - widths.sum(least), 0)
  for column in ipairs(least) do
    shares[column] = least[column] + MARGIN + room * wants[column] / wanted
    total = total + shares[column]
  end
  for column, spec in ipairs(table.colspecs) do
    table.colspecs[column] = { spec[1], shares[column] / total }
  end
end

-- A table that fits: every column as wide as its longest cell.
function widths.fit(table, most, line)
  for column, spec in ipairs(table.colspecs) do
    table.colspecs[column] = { spec[1], (most[column] + MARGIN) / line }
  end
end

return widths
