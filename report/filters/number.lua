-- Numbers tables and figures in the order of the text, in their captions, and writes "Table 3" for a link without
-- words to one of them: [](#table-zp-model).
local counts, names = { Table = 0, Figure = 0 }, {}

local function number(element)
  if element.identifier == "" then
    return nil
  end
  local kind = element.t
  counts[kind] = counts[kind] + 1
  names["#" .. element.identifier] = kind .. " " .. counts[kind]
  local first = element.caption.long[1]
  if first then
    local words = pandoc.List({ pandoc.Strong({ pandoc.Str(names["#" .. element.identifier] .. ".") }), pandoc.Space() })
    words:extend(first.content)
    first.content = words
  end
  return element
end

local function refer(link)
  if #link.content > 0 then
    return nil
  end
  if not names[link.target] then
    error("a reference to " .. link.target .. ", which is no table or figure here")
  end
  link.content = { pandoc.Str(names[link.target]) }
  return link
end

function Pandoc(document)
  return document:walk({ traverse = "topdown", Table = number, Figure = number }):walk({ Link = refer })
end
