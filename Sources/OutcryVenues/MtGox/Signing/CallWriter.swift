import OutcryCrypto
import OutcryMarket
import OutcryWire

/// Signs calls of one key for the stream: the JSON, what covers it, its base64 and the message around it.
///
/// Nothing but the message is allocated: the rest is written into a buffer that is kept.
struct MtGoxCallWriter {
    private let credentials: MtGoxCredentials
    /// The key, room for the code, and for the JSON.
    private var blob: [UInt8]

    init(_ credentials: MtGoxCredentials) {
        self.credentials = credentials
        blob = credentials.key.bytes + [UInt8](repeating: 0, count: 1008)
    }

    /// The message of a call, ready to be sent.
    mutating func message(_ body: MtGoxCallBody) -> [UInt8] {
        message(id: .text(body.id), room: body.room) { body.write(to: &$0) }
    }

    /// The message of a call that has this name in the stream, ready to be sent.
    mutating func message(
        _ call: MtGoxRawCall, named name: String, id: MtGoxCallID, _ stamp: MtGoxCallStamp
    ) -> [UInt8] {
        message(id: id, room: MtGoxCallBody.room(id, name, call.parameters)) { bytes in
            MtGoxCallBody.write(id, name, stamp, call.parameters, to: &bytes)
            if let instrument = call.instrument {
                JSONWriter.put(literal: ",\"item\":\"", to: &bytes)
                MtGoxCallBody.write(instrument.base, to: &bytes)
                JSONWriter.put(literal: "\",\"currency\":\"", to: &bytes)
                MtGoxCallBody.write(instrument.quote, to: &bytes)
                bytes.append(UInt8(ascii: "\""))
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// Signs the JSON that `write` appends, for which there is so much room.
    @inline(__always)
    private mutating func message(
        id: MtGoxCallID, room: Int, _ write: (inout OutputSpan<UInt8>) -> Void
    ) -> [UInt8] {
        let head = MtGoxSealedCall.headByteCount
        if blob.count < head + room {
            blob.append(contentsOf: [UInt8](repeating: 0, count: head + room - blob.count))
        }
        let count = unsafe blob.withUnsafeMutableBufferPointer { buffer in
            // Sound: the span is over the buffer behind the head, and ends before the closure does.
            let target = unsafe UnsafeMutableBufferPointer(rebasing: buffer[head...])
            var output = unsafe OutputSpan(buffer: target, initializedCount: 0)
            write(&output)
            return unsafe output.finalize(for: target)
        }
        credentials.secret.seal(&blob, head..<head + count)
        return Self.message(blob.span.extracting(..<(head + count)), id: id)
    }

    /// The message around a signed call.
    static func message(_ blob: Span<UInt8>, id: MtGoxCallID) -> [UInt8] {
        let text = Base64.encodedCount(blob.count)
        // `init(capacity:initializingWith:)` of Swift 6.3 takes twice as many instructions: its allocation is not
        // specialized.
        var bytes: [UInt8] = []
        bytes.append(addingCapacity: text + id.room + 64) { message in
            JSONWriter.put(literal: "{\"op\":\"call\",\"call\":\"", to: &message)
            Base64.write(blob, to: &message)
            JSONWriter.put(literal: "\",\"id\":", to: &message)
            id.write(to: &message)
            JSONWriter.put(literal: ",\"context\":\"mtgox.com\"}", to: &message)
        }
        return bytes
    }
}

extension MtGoxCallBody {
    /// Appends the JSON, compact, in the order that the official client's documents show.
    func write(to bytes: inout [UInt8]) {
        bytes.append(addingCapacity: room) { write(to: &$0) }
    }

    /// How many bytes the JSON has at most.
    fileprivate var room: Int {
        Self.room(.text(id), call, parameters)
            + 6 * ((item?.utf8.count ?? 0) + (currency?.utf8.count ?? 0))
    }

    /// The same, for currencies of at most seven characters.
    fileprivate static func room(
        _ id: MtGoxCallID, _ call: String, _ parameters: [MtGoxParameter]
    ) -> Int {
        var count = 208 + id.room + 6 * call.utf8.count
        for index in parameters.indices { count += parameters[index].room }
        return count
    }

    fileprivate func write(to bytes: inout OutputSpan<UInt8>) {
        Self.write(.text(id), call, stamp, parameters, to: &bytes)
        if let item {
            JSONWriter.put(literal: ",\"item\":", to: &bytes)
            JSONWriter.put(string: item, to: &bytes)
        }
        if let currency {
            JSONWriter.put(literal: ",\"currency\":", to: &bytes)
            JSONWriter.put(string: currency, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// Appends the JSON up to the end of its parameters.
    fileprivate static func write(
        _ id: MtGoxCallID, _ call: String, _ stamp: MtGoxCallStamp, _ parameters: [MtGoxParameter],
        to bytes: inout OutputSpan<UInt8>
    ) {
        JSONWriter.put(literal: "{\"id\":", to: &bytes)
        id.write(to: &bytes)
        JSONWriter.put(literal: ",\"call\":", to: &bytes)
        JSONWriter.put(string: call, to: &bytes)
        switch stamp {
        case .nonce: JSONWriter.put(literal: ",\"nonce\":", to: &bytes)
        case .tonce: JSONWriter.put(literal: ",\"tonce\":", to: &bytes)
        }
        // Beyond 64 bits with sign there is the text only, which the venue takes too.
        let isText = stamp.value > UInt64(Int64.max)
        if isText { bytes.append(UInt8(ascii: "\"")) }
        JSONWriter.put(stamp.value, to: &bytes)
        if isText { bytes.append(UInt8(ascii: "\"")) }
        JSONWriter.put(literal: ",\"params\":{", to: &bytes)
        for index in parameters.indices {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONWriter.put(string: parameters[index].name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            parameters[index].write(to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// Appends the content of a currency's code.
    fileprivate static func write(_ currency: Currency, to bytes: inout OutputSpan<UInt8>) {
        // The characters of the code, the first one lowest; they are printable ASCII.
        var rest = currency.bits & 0x00FF_FFFF_FFFF_FFFF
        while rest != 0 {
            let byte = UInt8(truncatingIfNeeded: rest)
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                bytes.append(UInt8(ascii: "\\"))
            }
            bytes.append(byte)
            rest >>= 8
        }
    }
}
