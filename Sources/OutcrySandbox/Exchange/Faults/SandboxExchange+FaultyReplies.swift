import OutcryComponents
import OutcryKernel
import OutcryServing
import OutcryVenues
import OutcryWire

// Answers to calls that are late, cut, lost, or not the exchange's.

extension SandboxExchange {
    /// The page that a call gets instead of its answer; nil where it gets that.
    func drawPage() -> ErrorPage? {
        if hits(.mysqlError) { return .mysql }
        if hits(.htmlError) { return .html(status: faults.pick(2) == 0 ? 502 : 503) }
        return nil
    }

    /// Answers an HTTP call, or does what the faults that are set make of that.
    func answer(_ reply: FinishedReply, isLate: Bool, _ my: Context) {
        guard faults.inReplies else { return reply.put(isLate: isLate) }
        if hits(.lostReply) {
            reply.connection.end()
            return reply.connection.stream.abort()
        }
        if hits(.cutReply) { return reply.putHalf() }
        guard faults.settings[.slowReply] > 0 else { return reply.put(isLate: isLate) }
        counters.faults[.slowReply] += 1
        my.after(faults.settings[time: .slowReply], .sandboxReply, reply)
    }

    /// A body in gzip whose end says that it is another's.
    static func broken(_ packed: [UInt8]) -> [UInt8] {
        var bytes = packed
        for place in [bytes.count / 2, bytes.count - 8] where bytes.indices.contains(place) {
            bytes[place] ^= 0xff
        }
        return bytes
    }
}

/// An answer to an HTTP call, ready to be put.
struct FinishedReply {
    let connection: ServerConnection
    let status: Int
    let fields: HTTPFields
    let body: [UInt8]

    func put(isLate: Bool) {
        connection.reply(status, fields, body.span, isLate: isLate)
    }

    /// Puts the head and half of the body that it promises, and closes.
    func putHalf() {
        var fields = fields
        fields.append("Content-Length", "\(body.count)")
        let head = (try? HTTPResponseHead(status: status, fields: fields).encoded()) ?? []
        _ = connection.stream.put(head.span)
        _ = connection.stream.put(body.span.extracting(0..<body.count / 2))
        connection.finish()
    }
}

extension Event where Payload == FinishedReply {
    static let sandboxReply = Self("sandbox.reply")
}

extension AccessGrant {
    /// The refusal of a nonce that was right.
    var falselyOld: AccessRefusal {
        .nonceNotGreater(found: stamp.value, last: stamp.value)
    }
}
