import OutcryServing
import OutcryWire

/// What an own line is told though the client has it from the room: the venue subscribes everybody.
enum OwnLineFilter {
    /// Whether a message is of a public channel, or about one, or a greeting.
    static func isPublic(_ text: [UInt8]) -> Bool {
        do throws(JSONError) {
            var json = JSONReader(text.span, depthLimit: 32)
            var channel: String?
            var (op, hasID, isSuccess) = ("", false, false)
            try json.beginObject()
            while let key = try json.nextKey() {
                switch key {
                case "channel" where try json.peek() == .string:
                    channel = try json.string().string
                case "op" where try json.peek() == .string: op = try json.string().string
                case "id":
                    hasID = true
                    try json.skip()
                case "success":
                    isSuccess = try json.bool()
                default: try json.skip()
                }
            }
            if op == "remark" { return isSuccess && !hasID }
            return channel.map { PublicChannel.find($0) != nil } ?? false
        } catch { return false }
    }
}
