import OutcryWire

/// What is sent over the stream.
enum MtGoxRequest {
    /// A message with two fields.
    static func text(_ op: String, _ key: String, _ value: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { message in
            message.field("op", op)
            message.field(key, value)
        }
        return writer.bytes
    }
}
