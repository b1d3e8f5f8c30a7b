-- Relink's frames for Wireshark and tshark (docs/protocol.md): session elements in ADDBA and DELBA, vendor-specific action
-- frames, payloads and the Ethernet frames in them. Lua 5.2 (Wireshark 4.0) to 5.4.
--
--   tshark -X lua_script:tools/wireshark/relink.lua -r air.pcap -Y relink.rebuild
--   tshark -G fields -X lua_script:tools/wireshark/relink.lua | grep -P '\trelink\.'     all fields
--
-- It is a post-dissector: a table for single elements by their OUI is not there, and what Wireshark says of the frame by itself
-- stays as it is. Links to later frames (response_in, acknowledged_in) need all frames read: Wireshark, or tshark -2.

-- A copy among Wireshark's plugins is loaded first: then there is nothing left to do for this one.
local first, relink = pcall(Proto, "relink", "Relink")
if not first then return end

local OUI, VERSION, SNAP = "D2524C", 1, "AAAA0300000088B5"
local TYPES = {
    [1] = "session element", [2] = "heartbeat", [3] = "session acknowledgment", [4] = "block acknowledgment", [5] = "payload",
    [6] = "handshake", [7] = "protection", [9] = "announcement", [10] = "announcement element",
    [11] = "probe",
}
local HANDSHAKE = { [1] = "request", [2] = "response", [3] = "cookie" }
local REASONS = {
    [0] = "unspecified", [1] = "unknown session", [2] = "session dropped", [3] = "rebuild not supported",
    [4] = "impossible parameters", [5] = "too many sessions", [6] = "sharing not supported",
}
local ENDS = {
    [36] = "the agent stops", [37] = "a user ended it", [38] = "the session is not known", [39] = "inactivity",
}
local MAXIMUM_SESSIONS, MAXIMUM_BITMAP, PAYLOAD_HEADER = 32, 128, 22

-- Fields

local f = {}
local function define(key, kind, name, ...)
    f[key] = ProtoField[kind]("relink." .. key, name, ...)
end

define("message", "string", "Message")
define("type", "uint8", "Type", base.DEC, TYPES)
define("version", "uint8", "Version")
define("mld", "ether", "MLD MAC address of the sender")
define("link", "uint8", "Link ID")
define("flags", "uint8", "Flags", base.HEX)
define("flags.supports_rebuild", "bool", "Supports rebuild", 8, nil, 0x01)
define("flags.supports_sharing", "bool", "Supports sharing", 8, nil, 0x02)
define("flags.rebuild", "bool", "Rebuild mark", 8, nil, 0x04)
define("flags.sharing", "bool", "Sharing mark", 8, nil, 0x08)
define("flags.acknowledgment_requested", "bool", "Acknowledgment requested", 8, nil, 0x10)
define("flags.from_receiver", "bool", "From the receiver", 8, nil, 0x20)
define("reason", "uint8", "Reason", base.DEC, REASONS)
define("transmission", "uint32", "Transmission number")
define("session", "uint64", "Session", base.HEX)
define("rebuild_number", "uint32", "Rebuild number")
define("field.type", "uint8", "Field type", base.DEC, { [1] = "resumption position", [2] = "links" })
define("field.length", "uint8", "Field length")
define("field.value", "bytes", "Field value")
define("position.start", "uint32", "Resumption position, start")
define("position.next", "uint32", "Resumption position, next")
define("links", "uint16", "Links", base.HEX)
define("rebuild", "bool", "Rebuild request")
define("refusal", "bool", "Refusal")
define("rebuild_refusal", "bool", "Refusal of a rebuild")
define("share", "bool", "Sharing request")
define("share_refusal", "bool", "Refusal of sharing")
define("heartbeat.flags", "uint8", "Flags", base.HEX)
define("heartbeat.flags.acknowledgment_requested", "bool", "Acknowledgment requested", 8, nil, 0x01)
define("heartbeat.flags.radio_acknowledges", "bool", "The sender's radio acknowledges", 8, nil, 0x02)
define("heartbeat.flags.link_alive", "bool", "The sender holds the link for alive", 8, nil, 0x04)
define("heartbeat.interval", "uint16", "Next heartbeat in (TU of 1,024 µs)")
define("heartbeat.sessions", "uint8", "Number of sessions")
define("heartbeat.rebuild_number", "uint32", "Last rebuild number known")
define("heartbeat.bits", "uint8", "Bits", base.HEX)
define("heartbeat.receiver", "bool", "The sender is its receiver", 8, nil, 0x01)
define("heartbeat.live", "bool", "It lives there", 8, nil, 0x02)
define("heartbeat.links", "uint16", "Links it lives on there", base.HEX)
define("heartbeat.field", "uint8", "Field type", base.DEC, { [1] = "HT capabilities", [2] = "VHT capabilities", [3] = "links of the sender" })
define("heartbeat.ht.information", "uint16", "HT Capability Information", base.HEX)
define("heartbeat.ht.aggregation", "uint8", "A-MPDU Parameters", base.HEX)
define("heartbeat.ht.modulations", "bytes", "MCS that its radio receives")
define("heartbeat.vht.information", "uint32", "VHT Capabilities Information", base.HEX)
define("heartbeat.vht.modulations", "bytes", "Supported VHT-MCS and NSS Set")
define("heartbeat.sender.mld_address", "ether", "MLD MAC address of the sender")
define("heartbeat.sender.link_id", "uint8", "Link ID")
define("heartbeat.sender.frequency", "uint16", "Frequency (MHz)")
define("heartbeat.sender.address", "ether", "Address of its radio")
define("announcement.supports", "uint8", "Supports", base.HEX)
define("announcement.supports.rebuild", "bool", "Rebuild", 8, nil, 0x01)
define("announcement.supports.sharing", "bool", "Sharing", 8, nil, 0x02)
define("announcement.supports.radio_acknowledges", "bool", "The sender's radio acknowledges", 8, nil, 0x04)
define("announcement.supports.protection", "bool", "Protection", 8, nil, 0x08)
define("announcement.interval", "uint16", "Next announcement in (TU of 1,024 µs)")
define("acknowledges", "uint32", "Acknowledges transmission")
define("block_ack.start", "uint32", "All received before")
define("block_ack.length", "uint8", "Length of the bitmap")
define("block_ack.bitmap", "bytes", "Bitmap")
define("block_ack.received", "uint32", "Received")
define("block_ack.count", "uint16", "Received from the start on")
define("payload.length", "uint16", "Length")
define("payload.sequence", "uint32", "Sequence number")
define("payload.ahead", "uint16", "Ahead of WinStart")
define("payload.data", "bytes", "Payload")
define("payload.check", "uint32", "Check", base.HEX)
define("payload.check.status", "uint8", "Check status", base.DEC, { [0] = "Bad", [1] = "Good" })
define("handshake.kind", "uint8", "Handshake message", base.DEC, HANDSHAKE)
define("handshake.message", "bytes", "Message")
define("protected", "bool", "Protected")
define("protection.packet_number", "uint64", "Packet number")
define("protection.key", "uint8", "Key ID")
define("protection.tag", "bytes", "Tag")
define("malformed", "string", "Malformed")
define("response_in", "framenum", "Response in", base.NONE, frametype.RESPONSE)
define("response_to", "framenum", "Response to", base.NONE, frametype.REQUEST)
define("acknowledged_in", "framenum", "Acknowledged by the agent in", base.NONE, frametype.ACK)
define("acknowledges_frame", "framenum", "Acknowledges", base.NONE, frametype.ACK)
define("mac_acknowledged_in", "framenum", "Acknowledged by the radio in", base.NONE, frametype.ACK)

local e = {}
local function define_expert(key, text, group, severity)
    e[key] = ProtoExpert.new("relink.expert." .. key, text, expert.group[group], expert.severity[severity])
end

define_expert("establishment", "A session is established", "SEQUENCE", "CHAT")
define_expert("session_end", "A session ends", "SEQUENCE", "CHAT")
define_expert("rebuild", "A rebuild is asked for", "SEQUENCE", "NOTE")
define_expert("share", "Sharing is asked for", "SEQUENCE", "NOTE")
define_expert("refusal", "A session, a rebuild or sharing is refused", "RESPONSE_CODE", "WARN")
define_expert("unknown", "A type or a version that is not known", "UNDECODED", "WARN")
define_expert("cut_by_capture", "The capture does not have the whole frame", "UNDECODED", "NOTE")
define_expert("check", "The check does not hold", "CHECKSUM", "ERROR")
define_expert("malformed", "Malformed", "MALFORMED", "ERROR")

relink.fields, relink.experts = f, e

local get_packet, get_frame_control, get_fcs = Field.new("frame.number"), Field.new("wlan.fc"), Field.new("wlan.fcs")
local get_pad = Field.new("radiotap.flags.datapad")
local ethernet = Dissector.get("eth_withoutfcs")

-- What frames have to do with each other

local seen  -- of this capture; filled when frames are read for the first time, in their order

function relink.init()
    seen = {
        requests = {}, response_in = {}, response_to = {}, transmissions = {}, acknowledged_in = {}, acknowledges = {},
        last = {}, mac_acknowledged_in = {}, protected = {},
    }
end

-- Frames that wait for an answer: each copy gets the first answer behind it, and the answer names the last copy before it.
local function ask(waiting, key, frame)
    local entry = waiting[key] or { unanswered = {} }
    entry.last = frame
    entry.unanswered[#entry.unanswered + 1] = frame
    waiting[key] = entry
end

local function answer(waiting, key, frame, forward, backward)
    local entry = waiting[key]
    if not entry then return end
    backward[frame] = entry.last
    for _, asked in ipairs(entry.unanswered) do forward[asked] = frame end
    entry.unanswered = {}
end

local function add_generated(tree, field, value)
    if value then tree:add(field, value):set_generated() end
end

-- Reading

local function has(value, bit) return math.floor(value / 2 ^ bit) % 2 == 1 end

-- Reads octets `first` up to before `last` one after the other, and nothing behind `last`.
local Reader = {}
Reader.__index = Reader

local function reader(tvb, first, last)
    return setmetatable({ tvb = tvb, at = first, last = math.min(last, tvb:len()), fault = nil }, Reader)
end

function Reader:fail(text)
    self.fault = self.fault or text
end

-- Adds the next `length` octets to the tree as a field. Gives their range and the item; nil once something is wrong.
function Reader:add(tree, field, length)
    if self.fault then return nil end
    if self.at + length > self.last then return self:fail("cut short") end
    local range = self.tvb:range(self.at, length)
    self.at = self.at + length
    return range, tree:add_le(field, range)
end

function Reader:number(tree, field, length)
    local range, item = self:add(tree, field, length)
    if range then return range:le_uint(), item, range end
end

function Reader:bits(tree, field, names)
    local value, item, range = self:number(tree, field, 1)
    if value then
        for _, name in ipairs(names) do item:add_le(f[name], range) end
    end
    return value, range
end

-- A set of links: bit i is link i. Gives the IDs in words, or nil where there is none.
function Reader:links(tree, field)
    local value, item = self:number(tree, field, 2)
    if not value then return nil end
    local names = {}
    for link = 0, 14 do
        if has(value, link) then names[#names + 1] = link end
    end
    if #names == 0 then return nil end
    local text = table.concat(names, ", ")
    item:append_text(" (" .. text .. ")")
    return (#names == 1 and "link " or "links ") .. text
end

-- The identifier as 16 hex digits, as events write it.
function Reader:session(tree)
    local range, item = self:add(tree, f.session, 8)
    if range then return range:le_uint64():tohex():lower(), item end
end

-- The type, and the version where it is known; the frame is told of as far as that goes.
function Reader:head(tree)
    local kind = self:number(tree, f.type, 1)
    local version, item = self:number(tree, f.version, 1)
    if version and version ~= VERSION then
        item:add_proto_expert_info(e.unknown, "Version " .. version .. " is not known")
        return kind, false
    end
    return kind, version ~= nil
end

-- The check of payloads: the lower half of XXH64 with seed 0.
local P1, P2, P3 = UInt64.fromhex("9e3779b185ebca87"), UInt64.fromhex("c2b2ae3d27d4eb4f"), UInt64.fromhex("165667b19e3779f9")
local P4, P5 = UInt64.fromhex("85ebca77c2b2ae63"), UInt64.fromhex("27d4eb2f165667c5")

local function round(lane, word) return (lane + word * P2):rol(31) * P1 end

local function xxh64(range)
    local index, length, hash = 0, range:len(), P5
    local function word() return range:range(index, 8):le_uint64() end
    if length >= 32 then
        local lanes = { P1 + P2, P2, UInt64(0), UInt64(0) - P1 }
        while index + 32 <= length do
            for lane = 1, 4 do
                lanes[lane] = round(lanes[lane], word())
                index = index + 8
            end
        end
        hash = lanes[1]:rol(1) + lanes[2]:rol(7) + lanes[3]:rol(12) + lanes[4]:rol(18)
        for lane = 1, 4 do hash = hash:bxor(round(UInt64(0), lanes[lane])) * P1 + P4 end
    end
    hash = hash + UInt64(length)
    while index + 8 <= length do
        hash = hash:bxor(round(UInt64(0), word())):rol(27) * P1 + P4
        index = index + 8
    end
    if index + 4 <= length then
        hash = hash:bxor(UInt64(range:range(index, 4):le_uint()) * P1):rol(23) * P2 + P3
        index = index + 4
    end
    while index < length do
        hash = hash:bxor(UInt64(range:range(index, 1):uint()) * P5):rol(11) * P1
        index = index + 1
    end
    hash = hash:bxor(hash:rshift(33)) * P2
    hash = hash:bxor(hash:rshift(29)) * P3
    return hash:bxor(hash:rshift(32)):lower()
end

-- The session element

local SESSION_FLAGS = {
    "flags.supports_rebuild", "flags.supports_sharing", "flags.rebuild", "flags.sharing",
    "flags.acknowledgment_requested", "flags.from_receiver",
}

-- Reads fields of type, length and value up to the end. `read` is called with type and length, reads what it knows of the value, and
-- gives false for a type that it does not know.
local function read_fields(r, tree, type_field, read)
    while not r.fault and r.at < r.last do
        local kind = r:number(tree, type_field, 1)
        local length = r:number(tree, f["field.length"], 1)
        if not length then return end
        if r.at + length > r.last then return r:fail("cut short") end
        local stop = r.at + length
        if not read(kind, length) and length > 0 then r:add(tree, f["field.value"], length) end
        r.at = stop
    end
end

-- The fields behind the session element's fixed part.
local function read_session_fields(r, tree, told)
    read_fields(r, tree, f["field.type"], function(kind, length)
        if kind == 1 then
            if length < 8 then r:fail("a resumption position of " .. length .. " octets") end
            told.start = r:number(tree, f["position.start"], 4)
            told.next = r:number(tree, f["position.next"], 4)
        elseif kind == 2 then
            if length < 2 then r:fail("a set of links of " .. length .. " octets") end
            told.links = r:links(tree, f.links)
        end
        return kind == 1 or kind == 2
    end)
end

local function read_element(r, tree, told)
    told.kind, told.known = r:head(tree)
    if not told.known then return end
    told.flags, told.flags_range = r:bits(tree, f.flags, SESSION_FLAGS)
    told.reason = r:number(tree, f.reason, 1)
    r.at = r.at + 1
    told.transmission = r:number(tree, f.transmission, 4)
    told.session = r:session(tree)
    told.rebuild_number = r:number(tree, f.rebuild_number, 4)
    if not told.rebuild_number then return end
    told.share = has(told.flags, 3)
    told.rebuild = has(told.flags, 2)
    told.by = has(told.flags, 5) and " by its receiver" or ""
    read_session_fields(r, tree, told)
end

local function supports(flags)
    local rebuild, sharing = has(flags, 0), has(flags, 1)
    if rebuild and sharing then return "supporting rebuild and sharing" end
    return rebuild and "supporting rebuild" or sharing and "supporting sharing" or "without rebuild"
end

-- Each gives the message's name and the sentence, and adds what is special about it.
local BLOCK_ACK = {}

BLOCK_ACK[0] = function(tree, told, frame)
    local on = told.link and " on link " .. told.link or ""
    if not frame.visited then
        ask(seen.requests, table.concat({ told.session, told.token, told.rebuild_number, frame.ta }, " "), frame.number)
    end
    add_generated(tree, f.response_in, seen.response_in[frame.number])
    if told.share then
        local text = ("Sharing %d of session %s is asked for%s"):format(told.rebuild_number, told.session, on)
        if told.links then text = text .. ", to live on " .. told.links end
        tree:add(f.share, told.flags_range, true):set_generated()
        tree:add_proto_expert_info(e.share, text)
        return "sharing request", text
    end
    if not told.rebuild then
        local text = ("Session %s is asked for%s, %s"):format(told.session, on, supports(told.flags))
        tree:add_proto_expert_info(e.establishment, text)
        return "session request", text
    end
    local text = ("Rebuild %d of session %s is asked for%s%s"):format(told.rebuild_number, told.session, told.by, on)
    if told.start then text = ("%s, position %d to %d"):format(text, told.start, told.next) end
    tree:add(f.rebuild, told.flags_range, true):set_generated()
    tree:add_proto_expert_info(e.rebuild, text)
    return "rebuild request", text
end

BLOCK_ACK[1] = function(tree, told, frame)
    if not frame.visited then
        local key = table.concat({ told.session, told.token, told.rebuild_number, frame.ra }, " ")
        answer(seen.requests, key, frame.number, seen.response_in, seen.response_to)
    end
    add_generated(tree, f.response_to, seen.response_to[frame.number])
    if told.status == 0 and not told.rebuild and not told.share then
        local text = ("Session %s is agreed on, %s"):format(told.session, supports(told.flags))
        tree:add_proto_expert_info(e.establishment, text)
        return "session response", text
    end
    tree:add(f.refusal, told.flags_range, true):set_generated()
    local name, what = "refusal of a session", "Session "
    if told.share then
        name, what = "refusal of sharing", ("Sharing %d of session "):format(told.rebuild_number)
        tree:add(f.share_refusal, told.flags_range, true):set_generated()
    elseif told.rebuild then
        name, what = "refusal of a rebuild", ("Rebuild %d of session "):format(told.rebuild_number)
        tree:add(f.rebuild_refusal, told.flags_range, true):set_generated()
    end
    local text = ("%s%s is refused: %s"):format(what, told.session, REASONS[told.reason] or REASONS[0])
    tree:add_proto_expert_info(e.refusal, text)
    return name, text
end

BLOCK_ACK[2] = function(tree, told)
    local why = told.reason == 2 and "the receiver dropped it" or ENDS[told.status] or "reason code " .. told.status
    local text = ("Session %s ends: %s"):format(told.session, why)
    tree:add_proto_expert_info(e.session_end, text)
    return "session end", text
end

-- Our element of this type among the elements from an octet on, and the Basic Multi-Link element.
local function find_elements(tvb, at, last, kind)
    local element, multi_link
    while at + 2 <= last do
        local id, stop = tvb:range(at, 1):uint(), at + 2 + tvb:range(at + 1, 1):uint()
        local there = math.min(stop, last)
        if id == 221 and not element and there >= at + 6 and tvb:range(at + 2, 3):bytes():tohex() == OUI
            and tvb:range(at + 5, 1):uint() == kind then
            element = { at = at, stop = stop }
        elseif id == 255 and not multi_link and stop <= last and stop >= at + 12
            and tvb:range(at + 2, 1):uint() == 107 and tvb:range(at + 3, 1):uint() % 8 == 0 then
            multi_link = { at = at, has_link = has(tvb:range(at + 3, 1):uint(), 4) and stop >= at + 13 }
        end
        at = stop
    end
    return element, multi_link
end

-- The MLD MAC address and the link ID of the Basic Multi-Link element. Gives both, the latter where it is there.
local function read_multi_link(tree, tvb, multi_link)
    local device = tvb:range(multi_link.at + 6, 6)
    tree:add(f.mld, device)
    if not multi_link.has_link then return tostring(device:ether()) end
    local range = tvb:range(multi_link.at + 12, 1)
    local link = range:uint() % 16
    tree:add(f.link, range, link)
    return tostring(device:ether()), link
end

local function block_ack(frame, grow)
    local tvb, body, told = frame.tvb, frame.body, {}
    if frame.last < body + 2 then return end
    frame.action = tvb:range(body + 1, 1):uint()
    if frame.action > 2 then return end
    -- The session element in an ADDBA Request, ADDBA Response or DELBA, and the Multi-Link element before it.
    local element, multi_link = find_elements(tvb, body + (frame.action == 2 and 6 or 9), frame.last, 1)
    if not element then return end
    local there = math.min(element.stop, frame.last)
    local tree = grow(element.at, there)
    if multi_link then _, told.link = read_multi_link(tree, tvb, multi_link) end
    told.token = frame.action < 2 and tvb:range(body + 2, 1):uint() or nil
    told.status = frame.action > 0 and tvb:range(body + (frame.action == 1 and 3 or 4), 2):le_uint() or nil
    local r = reader(tvb, element.at + 5, there)
    read_element(r, tree, told)
    if element.stop > frame.last then r:fail("cut short") end
    if r.fault or not told.known then return tree, r, "session element" end
    return tree, r, told, BLOCK_ACK[frame.action]
end

-- Vendor-specific action frames

local ACTION = {}

-- The fields behind a heartbeat's sessions.
local function read_heartbeat_fields(r, tree)
    read_fields(r, tree, f["heartbeat.field"], function(kind, length)
        if kind == 1 and length >= 13 then
            r:number(tree, f["heartbeat.ht.information"], 2)
            r:number(tree, f["heartbeat.ht.aggregation"], 1)
            r:add(tree, f["heartbeat.ht.modulations"], 10)
            return true
        elseif kind == 2 and length >= 12 then
            r:number(tree, f["heartbeat.vht.information"], 4)
            r:add(tree, f["heartbeat.vht.modulations"], 8)
            return true
        elseif kind == 3 and length >= 6 and (length - 6) % 9 == 0 then
            r:add(tree, f["heartbeat.sender.mld_address"], 6)
            for _ = 1, (length - 6) / 9 do
                r:number(tree, f["heartbeat.sender.link_id"], 1)
                r:number(tree, f["heartbeat.sender.frequency"], 2)
                r:add(tree, f["heartbeat.sender.address"], 6)
            end
            return true
        end
        return false
    end)
end

ACTION[2] = function(r, tree)
    local told, sessions = {}, {}
    told.flags = r:bits(tree, f["heartbeat.flags"], {
        "heartbeat.flags.acknowledgment_requested", "heartbeat.flags.radio_acknowledges", "heartbeat.flags.link_alive",
    })
    told.transmission = r:number(tree, f.transmission, 4)
    local interval = r:number(tree, f["heartbeat.interval"], 2)
    local count = r:number(tree, f["heartbeat.sessions"], 1) or 0
    if count > MAXIMUM_SESSIONS then r:fail(count .. " sessions in a heartbeat, more than " .. MAXIMUM_SESSIONS) end
    for _ = 1, count do
        local session, item = r:session(tree)
        if not session then break end
        r:number(item, f["heartbeat.rebuild_number"], 4)
        local bits = r:bits(item, f["heartbeat.bits"], { "heartbeat.receiver", "heartbeat.live" })
        local links = r:links(item, f["heartbeat.links"])
        if bits then
            sessions[#sessions + 1] = (", session %s %s%s"):format(
                session, has(bits, 1) and "live" or "interrupted", links and " on " .. links or "")
        end
    end
    read_heartbeat_fields(r, tree)
    return told, function()
        return "heartbeat", ("Heartbeat %d: link %s, next in %d TU%s"):format(
            told.transmission, has(told.flags, 2) and "alive" or "not alive", interval, table.concat(sessions))
    end
end

ACTION[3] = function(r, tree)
    local number = r:number(tree, f.acknowledges, 4)
    return {}, function(_, _, frame)
        if not frame.visited then
            answer(seen.transmissions, frame.ra .. " " .. number, frame.number, seen.acknowledged_in, seen.acknowledges)
        end
        local other = seen.acknowledges[frame.number]
        add_generated(tree, f.acknowledges_frame, other)
        return "session acknowledgment", ("Transmission %d arrived%s"):format(number, other and ", frame " .. other or "")
    end
end

ACTION[4] = function(r, tree)
    local session = r:session(tree)
    local start = r:number(tree, f["block_ack.start"], 4)
    local length = r:number(tree, f["block_ack.length"], 1) or 0
    if length > MAXIMUM_BITMAP then r:fail("a bitmap of " .. length .. " octets, more than " .. MAXIMUM_BITMAP) end
    local count = 0
    if length > 0 then
        local bitmap, item = r:add(tree, f["block_ack.bitmap"], length)
        for index = 0, bitmap and length * 8 - 1 or -1 do
            local octet = bitmap:range(math.floor(index / 8), 1)
            if has(octet:uint(), index % 8) then
                item:add(f["block_ack.received"], octet, math.floor((start + index) % 2 ^ 32)):set_generated()
                count = count + 1
            end
        end
    end
    return {}, function()
        add_generated(tree, f["block_ack.count"], count)
        return "block acknowledgment", ("All of session %s before %d arrived, and %d more"):format(session, start, count)
    end
end

ACTION[6] = function(r, tree)
    local kind = r:number(tree, f["handshake.kind"], 1)
    r:add(tree, f["handshake.message"], math.max(0, r.last - r.at))
    return {}, function(_, _, frame)
        seen.protected[frame.ta .. frame.ra] = true
        return "handshake", ("Handshake %s, %d octets"):format(HANDSHAKE[kind] or kind or "message", frame.last - frame.body - 6)
    end
end

local SUPPORTS = { "rebuild", "sharing", "radio_acknowledges", "protection" }

ACTION[9] = function(r, tree)
    local element, multi_link = find_elements(r.tvb, r.at, r.last, 10)
    if not multi_link then return r:fail("cut short") end
    local device, link = read_multi_link(tree, r.tvb, multi_link)
    if not link then return r:fail("no link ID") end
    if not element or element.stop > r.last then return r:fail("cut short") end
    local own, fields, words = reader(r.tvb, element.at + 5, element.stop), {}, {}
    for index, name in ipairs(SUPPORTS) do fields[index] = "announcement.supports." .. name end
    local _, known = own:head(tree)
    if own.fault or not known then return r:fail(own.fault or "an element of another version") end
    local supports = own:bits(tree, f["announcement.supports"], fields)
    own.at = own.at + 1
    local interval = own:number(tree, f["announcement.interval"], 2)
    if not interval then return r:fail(own.fault) end
    for index, name in ipairs(SUPPORTS) do
        if has(supports, index - 1) then words[#words + 1] = (name:gsub("_", " ")) end
    end
    return {}, function()
        return "announcement", ("Device %s announces itself on link %d, supporting %s, next in %d TU"):format(
            device, link, #words > 0 and table.concat(words, ", ") or "nothing", interval)
    end
end

local function vendor_specific(frame, grow)
    local at = frame.body + 1
    if frame.last < at + 4 or frame.tvb:range(at, 3):bytes():tohex() ~= OUI then return end
    local tree, r = grow(at, frame.last), reader(frame.tvb, at + 3, frame.last)
    local kind, known = r:head(tree)
    if r.fault or not known then return tree, r, TYPES[kind] or "action" end
    if not ACTION[kind] then
        tree:add_proto_expert_info(e.unknown, "Type " .. kind .. " is not known")
        return tree, r, "action"
    end
    local told, tell = ACTION[kind](r, tree)
    if r.fault then return tree, r, TYPES[kind] end
    return tree, r, told, tell
end

-- Payloads

local function payload(frame, grow)
    local tvb, at = frame.tvb, frame.body
    if frame.last < at + 9 or tvb:range(at, 8):bytes():tohex() ~= SNAP then return end
    local name = TYPES[tvb:range(at + 8, 1):uint()]
    if name ~= "payload" and name ~= "probe" then return end
    local own = at + 8
    local tree, r = grow(own, frame.last), reader(tvb, own, frame.last)
    local _, known = r:head(tree)
    if r.fault or not known then return tree, r, name end
    local told = {}
    local length = r:number(tree, f["payload.length"], 2)
    told.transmission = r:number(tree, f.transmission, 4)
    local session = r:session(tree)
    local sequence = r:number(tree, f["payload.sequence"], 4)
    r:number(tree, f["payload.ahead"], 2)
    if length and length > 0 then r:add(tree, f["payload.data"], length) end
    local check, item, range = r:number(tree, f["payload.check"], 4)
    if not check then return tree, r, name end
    local holds = check == xxh64(tvb:range(own, PAYLOAD_HEADER + length))
    item:add(f["payload.check.status"], range, holds and 1 or 0):set_generated()
    if not holds then item:add_proto_expert_info(e.check) end
    return tree, r, told, function(_, _, frame)
        if name == "probe" then return name, ("Probe of session %s, %d octets"):format(session, length) end
        if holds and length >= 14 then frame.carried = tvb:range(own + PAYLOAD_HEADER, length):tvb() end
        return "payload", ("Payload %d of session %s, %d octets%s"):format(
            sequence, session, length, holds and "" or ", check wrong")
    end
end

-- Protection

local PROTECTION = "DD1DD2524C0701"

-- The element at the end of an action frame that is authenticated: GCMP header and tag.
local function protection(frame, tree)
    local at = frame.last - 31
    if frame.control ~= 0xd0 or at < frame.body + 1 then return false end
    if frame.tvb:range(at, 7):bytes():tohex() ~= PROTECTION then return false end
    local function octet(offset) return frame.tvb:range(at + 7 + offset, 1):uint() end
    local number = octet(0) + octet(1) * 2 ^ 8
    for index = 0, 3 do number = number + octet(4 + index) * 2 ^ (16 + 8 * index) end
    tree:add(f.protected, frame.tvb:range(at, 31), true):set_generated()
    tree:add(f["protection.packet_number"], frame.tvb:range(at + 7, 8), UInt64(number % 2 ^ 32, math.floor(number / 2 ^ 32)))
    tree:add(f["protection.key"], frame.tvb:range(at + 10, 1), math.floor(octet(3) / 64))
    tree:add(f["protection.tag"], frame.tvb:range(at + 15, 16))
    seen.protected[frame.ta .. frame.ra] = true
    return true
end

-- An encrypted payload. Only the devices can read it; it is known by the protected frames before it between these radios.
local function protected_payload(frame, grow)
    if frame.control ~= 0x88 or frame.second % 4 ~= 0 or not has(frame.second, 6) then return end
    if not frame.ta or not seen.protected[frame.ta .. frame.ra] then return end
    if frame.last < frame.first + 50 then return end
    local tree = grow(frame.first + 26, frame.last)
    tree:add(f.protected, true):set_generated()
    return tree, reader(frame.tvb, frame.last, frame.last), {}, function()
        return "protected payload", ("Protected payload, %d octets"):format(frame.last - frame.first - 50)
    end
end

-- Frames

-- Where the 802.11 frame lies in the packet: its octets, the first, the one behind the last. Wireshark makes no fields when it
-- reads a capture for the first time and nothing asks for fields; the frames must be linked to each other then all the same.
local function find_frame(packet)
    local control, fcs = get_frame_control(), get_fcs()
    if control then
        local last = control.source:len()
        if fcs and fcs.offset > control.offset and fcs.offset < last then last = fcs.offset end
        return control.source, control.offset, last
    end
    if get_packet() or packet:len() < 4 then return nil end
    local has_radiotap = packet:range(0, 1):uint() == 0
    return packet, has_radiotap and packet:range(2, 2):le_uint() or 0, packet:len()
end

-- The MAC header of the packet; nil when there is none.
local function read_header(packet, pinfo)
    local tvb, first, last = find_frame(packet)
    if not tvb or last < first + 10 then return nil end
    local frame = { tvb = tvb, number = pinfo.number, visited = pinfo.visited, first = first, last = last }
    frame.control, frame.second = tvb:range(first, 1):uint(), tvb:range(first + 1, 1):uint()
    frame.ra = tvb:range(first + 4, 6):bytes():tohex()
    if last < first + 24 then return frame end
    frame.ta = tvb:range(first + 10, 6):bytes():tohex()
    local is_data, pad = frame.control == 0x88, get_pad()
    local length = 24 + (is_data and 2 or 0) + (has(frame.second, 7) and 4 or 0)
    if is_data and pad and pad.value then length = math.ceil(length / 4) * 4 end
    local is_aggregate = is_data and last > first + 24 and has(tvb:range(first + 24, 1):uint(), 7)
    local is_between = frame.second % 4 == 0 and not has(frame.second, 6)  -- neither to nor from a DS, nor encrypted
    if is_between and not is_aggregate and last > first + length then frame.body = first + length end
    return frame
end

local function dissect(frame, grow)
    if not frame.body then return protected_payload(frame, grow) end
    if frame.control == 0x88 then return payload(frame, grow) end
    if frame.control ~= 0xd0 then return end
    local category = frame.tvb:range(frame.body, 1):uint()
    if category == 3 then return block_ack(frame, grow) end
    if category == 127 then return vendor_specific(frame, grow) end
end

-- The first ACK to a radio behind a frame of this radio's acknowledges that frame.
local function follow_acknowledgment(frame, is_own)
    local before = seen.last[frame.ra]
    if frame.control == 0xd4 and before then
        seen.mac_acknowledged_in[before] = frame.number
        seen.last[frame.ra] = nil
    elseif frame.ta then
        seen.last[frame.ta] = is_own and frame.number or nil
    end
end

local function tell_fault(tree, frame, name, fault)
    if frame.tvb:reported_len() > frame.tvb:len() then
        tree:add_proto_expert_info(e.cut_by_capture)
        return name .. ", cut by the capture"
    end
    tree:add(f.malformed, fault):set_generated()
    tree:add_proto_expert_info(e.malformed, "Malformed " .. name .. ": " .. fault)
    return "Malformed " .. name .. ": " .. fault
end

function relink.dissector(packet, pinfo, root)
    local frame = read_header(packet, pinfo)
    if not frame then return end
    local function grow(first, last) return root:add(relink, frame.tvb:range(first, last - first)) end
    local tree, r, told, tell = dissect(frame, grow)
    if not frame.visited then follow_acknowledgment(frame, tree ~= nil) end
    if not tree then return end

    local text
    if tell then
        if told.transmission and not frame.visited then
            ask(seen.transmissions, frame.ta .. " " .. told.transmission, frame.number)
        end
        local name
        name, text = tell(tree, told, frame)
        if frame.body and protection(frame, tree) then text = text .. ", protected" end
        add_generated(tree, f.message, name)
        add_generated(tree, f.acknowledged_in, seen.acknowledged_in[frame.number])
        add_generated(tree, f.mac_acknowledged_in, seen.mac_acknowledged_in[frame.number])
    elseif r.fault then
        text = tell_fault(tree, frame, told, r.fault)
    else
        text = "Unknown " .. told
    end
    if has(frame.second, 3) then text = text .. ", retry" end
    tree:append_text(": " .. text)
    if frame.carried then
        local source, destination = pinfo.src, pinfo.dst
        ethernet:call(frame.carried, pinfo, root)
        pinfo.src, pinfo.dst = source, destination
    end
    pinfo.cols.protocol:set("Relink")
    pinfo.cols.info:set(text)
end

register_postdissector(relink)
