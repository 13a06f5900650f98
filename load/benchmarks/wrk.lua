-- Posts the lines of a file as bodies, one after another. Arguments: file, path, "once" or "round" (again from the
-- start when all were sent). Prints what was done as one line of JSON.
local file, path, mode, head

function init(arguments)
  file = assert(io.open(arguments[1], "r"))
  path, mode = arguments[2], arguments[3]
  head = "POST " .. path .. " HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: "
end

function request()
  local body = file:read("*l")
  if body == nil then
    file:seek("set", 0)
    body = file:read("*l")
    if mode == "once" then
      -- What follows was sent before: the platform refuses it, and the counts show it.
      wrk.thread:stop()
    end
  end
  return head .. #body .. "\r\n\r\n" .. body
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"seconds":%.6f,"p50_ms":%.3f,"p99_ms":%.3f,"errors":%d,"statuses":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.connect + e.read + e.write + e.timeout, e.status))
end
