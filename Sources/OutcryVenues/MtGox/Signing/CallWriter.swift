import OutcryCrypto
import OutcryMarket
import OutcryWire

/// Signs calls of one key for the stream: the JSON, what covers it, its base64 and the message around it.
///
/// Nothing but the message is allocated: the rest is written into a buffer that is kept.
struct MtGoxCallWriter {
    private let credentials: MtGoxCredentials
    /// The key, room for the code, and the JSON.
    private var blob: [UInt8]

    init(_ credentials: MtGoxCredentials) {
        self.credentials = credentials
        blob = credentials.key.bytes + [UInt8](repeating: 0, count: HMACSHA512.byteCount)
        blob.reserveCapacity(1024)
    }

    /// The message of a call, ready to be sent.
    mutating func message(_ body: MtGoxCallBody) -> [UInt8] {
        let head = MtGoxSealedCall.headByteCount
        blob.removeLast(blob.count - head)
        body.write(to: &blob)
        credentials.secret.seal(&blob, from: head)
        return Self.message(blob, id: body.id)
    }

    /// The message around a signed call.
    static func message(_ blob: [UInt8], id: String) -> [UInt8] {
        let text = Base64.encodedCount(blob.count)
        return [UInt8](capacity: text + 6 * id.utf8.count + 64) { message in
            JSONWriter.put(Piece.opening.span, to: &message)
            Base64.write(blob.span, to: &message)
            JSONWriter.put(Piece.id.span, to: &message)
            JSONWriter.put(string: id, to: &message)
            JSONWriter.put(Piece.ending.span, to: &message)
        }
    }

    private enum Piece {
        static let opening = Array("{\"op\":\"call\",\"call\":\"".utf8)
        static let id = Array("\",\"id\":".utf8)
        static let ending = Array(",\"context\":\"mtgox.com\"}".utf8)
    }
}

extension MtGoxCallBody {
    /// Appends the JSON, compact, in the order that the official client's documents show.
    func write(to bytes: inout [UInt8]) {
        // A character is six bytes at most.
        var count = 160 + 6 * (id.utf8.count + call.utf8.count)
        for parameter in parameters {
            count += 8 + 6 * (parameter.name.utf8.count + parameter.value.utf8.count)
        }
        count += 6 * ((item?.utf8.count ?? 0) + (currency?.utf8.count ?? 0))
        bytes.append(addingCapacity: count) { write(to: &$0) }
    }

    private func write(to bytes: inout OutputSpan<UInt8>) {
        JSONWriter.put(Piece.id.span, to: &bytes)
        JSONWriter.put(string: id, to: &bytes)
        JSONWriter.put(Piece.call.span, to: &bytes)
        JSONWriter.put(string: call, to: &bytes)
        switch stamp {
        case .nonce: JSONWriter.put(Piece.nonce.span, to: &bytes)
        case .tonce: JSONWriter.put(Piece.tonce.span, to: &bytes)
        }
        // Beyond 64 bits with sign there is the text only, which the venue takes too.
        let isText = stamp.value > UInt64(Int64.max)
        if isText { bytes.append(UInt8(ascii: "\"")) }
        JSONWriter.put(stamp.value, to: &bytes)
        if isText { bytes.append(UInt8(ascii: "\"")) }
        JSONWriter.put(Piece.parameters.span, to: &bytes)
        for index in parameters.indices {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONWriter.put(string: parameters[index].name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            let value = parameters[index].value
            if Self.isInteger(value) {
                JSONWriter.put(value.utf8.span, to: &bytes)
            } else {
                JSONWriter.put(string: value, to: &bytes)
            }
        }
        bytes.append(UInt8(ascii: "}"))
        if let item {
            JSONWriter.put(Piece.item.span, to: &bytes)
            JSONWriter.put(string: item, to: &bytes)
        }
        if let currency {
            JSONWriter.put(Piece.currency.span, to: &bytes)
            JSONWriter.put(string: currency, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private enum Piece {
        static let id = Array("{\"id\":".utf8)
        static let call = Array(",\"call\":".utf8)
        static let nonce = Array(",\"nonce\":".utf8)
        static let tonce = Array(",\"tonce\":".utf8)
        static let parameters = Array(",\"params\":{".utf8)
        static let item = Array(",\"item\":".utf8)
        static let currency = Array(",\"currency\":".utf8)
    }

    /// Whether a parameter's text is a whole number of 64 bits as one writes it: then it stands without
    /// quotes.
    private static func isInteger(_ text: String) -> Bool {
        let bytes = text.utf8.span
        let start = bytes.count > 0 && bytes[0] == UInt8(ascii: "-") ? 1 : 0
        guard bytes.count > start else { return false }
        for index in start..<bytes.count
        where !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) { return false }
        if bytes[start] == UInt8(ascii: "0") { return bytes.count == 1 }
        return bytes.count - start < 19 || Int64(text) != nil
    }
}
