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
        let code = credentials.secret.inlineCode(of: blob.span.extracting(head...))
        for index in 0..<HMACSHA512.byteCount { blob[16 + index] = code[index] }
        return Self.message(blob, id: body.id)
    }

    /// The message around a signed call.
    static func message(_ blob: [UInt8], id: String) -> [UInt8] {
        let count = Base64.encodedCount(blob.count)
        var message: [UInt8] = []
        message.reserveCapacity(Piece.opening.count + count + id.utf8.count + 64)
        message.append(contentsOf: Piece.opening)
        message.append(addingCapacity: count) { Base64.write(blob.span, to: &$0) }
        message.append(contentsOf: Piece.id)
        JSONWriter.appendString(id, to: &message)
        message.append(contentsOf: Piece.ending)
        return message
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
        bytes.append(contentsOf: Piece.id)
        JSONWriter.appendString(id, to: &bytes)
        bytes.append(contentsOf: Piece.call)
        JSONWriter.appendString(call, to: &bytes)
        switch stamp {
        case .nonce(let value):
            bytes.append(contentsOf: Piece.nonce)
            Self.write(value, to: &bytes)
        case .tonce(let value):
            bytes.append(contentsOf: Piece.tonce)
            Self.write(value, to: &bytes)
        }
        bytes.append(contentsOf: Piece.parameters)
        var isFirst = true
        for parameter in parameters {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONWriter.appendString(parameter.name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            if Self.isInteger(parameter.value) {
                bytes.append(contentsOf: parameter.value.utf8)
            } else {
                JSONWriter.appendString(parameter.value, to: &bytes)
            }
        }
        bytes.append(UInt8(ascii: "}"))
        if let item {
            bytes.append(contentsOf: Piece.item)
            JSONWriter.appendString(item, to: &bytes)
        }
        if let currency {
            bytes.append(contentsOf: Piece.currency)
            JSONWriter.appendString(currency, to: &bytes)
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

    /// Appends a stamp's number. Beyond 64 bits with sign there is the text only, which the venue takes too.
    private static func write(_ value: UInt64, to bytes: inout [UInt8]) {
        let isText = value > UInt64(Int64.max)
        if isText { bytes.append(UInt8(ascii: "\"")) }
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var index = 20
        var rest = value
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            index -= 1
            digits[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
            rest = quotient
        } while rest != 0
        while index < 20 {
            bytes.append(digits[index])
            index += 1
        }
        if isText { bytes.append(UInt8(ascii: "\"")) }
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
