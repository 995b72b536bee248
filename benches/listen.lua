-- Posts notifications of distinct payments until each of NOTIFICATIONS has its answer, and counts what was answered.
-- For `benches/listen.sh`, which hands everything over as NAME=VALUE behind `--` and interrupts the generator once
-- each thread has said `answered`: by itself it would go on until its time is over.

local ffi = require("ffi")
ffi.cdef("typedef struct { long seconds; long nanoseconds; } moment; int clock_gettime(int clock, moment *now);")

local function now()
    local moment = ffi.new("moment")
    ffi.C.clock_gettime(1, moment)
    return tonumber(moment.seconds) + tonumber(moment.nanoseconds) / 1e9
end

local threads = {}

function setup(thread)
    thread:set("number", #threads)
    table.insert(threads, thread)
end

function init(arguments)
    local given = {}
    for _, argument in ipairs(arguments) do
        local name, value = argument:match("^(%u+)=(.*)$")
        given[name] = value
    end
    quota = math.floor(tonumber(given.NOTIFICATIONS) / tonumber(given.THREADS))
    -- The generator asks its first thread for one request that it does not send.
    posted, stored, refused = number == 0 and -1 or 0, 0, 0
    local file = assert(io.open(given.FIXTURE))
    local body = file:read("*l")
    file:close()
    -- The digits of the transaction are what makes each another payment; those of the link, where LINKS says so, one
    -- of a link of its own.
    local before, between, after = body:match('^(.*"TID": "cTS)%d+(".*"SMS_INPUT": ")%w+(".*)$')
    middle, own_links = between, given.LINKS == "own"
    local length = #before + 14 + #between + 20 + #after
    head = "POST " .. wrk.path .. " HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port ..
        "\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: " .. length .. "\r\n\r\n" .. before
    tail = after
    -- Asked once all are posted, until all are answered; nobody stores it.
    idle = "GET /idle HTTP/1.1\r\nHost: " .. wrk.host .. "\r\n\r\n"
end

function request()
    if posted >= quota then
        return idle
    end
    posted = posted + 1
    if posted == 1 then
        begun = now()
    end
    local digits = string.format("%02d%012d", number, posted)
    return head .. digits .. middle .. "Link" .. (own_links and digits or "0of0no0shop000") .. "00" .. tail
end

function response(status)
    if status == 200 then
        stored = stored + 1
    elseif status ~= 404 then
        refused = refused + 1
    end
    if stored + refused >= quota then
        ended = now()
        wrk.thread:stop()
        io.stderr:write("answered\n")
    end
end

function done(summary, latency)
    local stored, refused, begun, ended = 0, 0, math.huge, 0
    for _, thread in ipairs(threads) do
        begun = math.min(begun, thread:get("begun"))
        ended = math.max(ended, thread:get("ended"))
        stored = stored + thread:get("stored")
        refused = refused + thread:get("refused")
    end
    local errors = summary.errors
    io.write(string.format(
        'figures {"stored": %d, "refused": %d, "errors": %d, "seconds": %.3f, "p50_ms": %.2f, "p99_ms": %.2f, "max_ms": %.2f}\n',
        stored, refused, errors.connect + errors.read + errors.write + errors.timeout, ended - begun,
        latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
